"""How log records look: readable lines, or JSON lines for whoever collects them.

Both carry request, agent, method and invocation where there are any, found out when a record is
made (`agents_core.trace`).
"""

import logging
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from agents_core import trace


class Facts(logging.Filter):
    """Sets on a record those of `trace.FACTS` that are known and were not given with it."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        for known in (trace.marked(fault), trace.facts()):
            for name, value in known.items():
                if value is not None and getattr(record, name, None) is None:
                    setattr(record, name, value)
        return True


class Lines(logging.Formatter):
    """A line for people, its facts at its end; a trace follows on lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = [(name, getattr(record, name, None)) for name in trace.FACTS]
        known = " ".join(f"{name}={value}" for name, value in facts if value is not None)
        line = super().formatMessage(record)
        return f"{line} [{known}]" if known else line


class JsonLines(JsonFormatter):
    """An object per line: time, level, logger, message, process, facts, and any `extra`."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message", "process"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "trace"},
            timestamp="time",
            # Django's: whole objects
            reserved_attrs=[*RESERVED_ATTRS, "request", "server_time"],
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in log_data.items() if value is not None}
