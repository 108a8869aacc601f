"""Oplog entries: what an agent did, in enough detail to replay it.

The entry of a command: `method`, `args`, then `result` or `refusal` or `fault`, `calls` (each with
its answer), `sent` (each with its id), `caller`, `time` (microseconds) and `seed`. Types that keep
their oplog brief record the method alone, and refusals and faults in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from agents_core.errors import AgentError
from agents_core.text import storable, storable_json

if TYPE_CHECKING:
    from agents_core.commands import CommandFrame

COMMAND, REFUSAL, FAULT = "command", "refusal", "fault"


def kind_of(error: BaseException | None) -> str:
    """The kind of the entry of a command that ended so."""
    if error is None:
        return COMMAND
    return REFUSAL if isinstance(error, AgentError) else FAULT


def command_entry(
    frame: CommandFrame,
    method: str,
    args: str | bytes,
    result: bytes | None,
    error: BaseException | None,
) -> str:
    """The entry of one command, as JSON."""
    if error is None and not frame.calls and not frame.sent:
        return _plain_entry(frame, method, args, result or b"null")
    entry: dict[str, Any] = {"method": method, "args": orjson.Fragment(args)}
    if error is None:
        entry["result"] = orjson.Fragment(result or b"null")
    elif isinstance(error, AgentError):
        entry["refusal"] = orjson.Fragment(storable_json(error.to_json()))
    else:
        entry["fault"] = storable(f"{type(error).__name__}: {error}")
    if frame.calls:
        entry["calls"] = frame.calls
    if frame.sent:
        entry["sent"] = frame.sent
    if frame.caller is not None:
        entry["caller"] = frame.caller
    entry["time"] = frame.moment
    entry["seed"] = frame.seed
    return orjson.dumps(entry, default=str).decode()


def _plain_entry(frame: CommandFrame, method: str, args: str | bytes, result: bytes) -> str:
    """Most entries are of this kind, and written out take a third of the time."""
    if isinstance(args, bytes):
        args = args.decode()
    caller = "" if frame.caller is None else f'"caller":{orjson.dumps(frame.caller).decode()},'
    return (
        f'{{"method":"{method}","args":{args},"result":{result.decode()},'
        f'{caller}"time":{frame.moment},"seed":{frame.seed}}}'
    )
