"""A client that makes a few calls and goes. Run as `python -m tests.faults.once CALLS`.

CALLS is a JSON list of [agent id, method, arguments]; a method `trigger.NAME` is sent.
"""

from __future__ import annotations

import sys

import django
import orjson

from agents_core import calling, registry
from agents_core.identity import split_id


def main(calls: list[tuple[str, str, list[object]]]) -> None:
    """Make the calls in order."""
    django.setup()
    with calling("once"):
        for agent_id, method, arguments in calls:
            type_name, key = split_id(agent_id)
            handle = registry.find(type_name).of(key)
            if method.startswith("trigger."):
                handle, method = handle.trigger, method.removeprefix("trigger.")
            getattr(handle, method)(*arguments)


if __name__ == "__main__":
    main(orjson.loads(sys.argv[1]))
