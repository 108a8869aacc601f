"""Oplog entries: what an agent did, in enough detail to replay it.

The entry of a command: `method`, `args`, then `result` or `refusal` or `fault`, `calls` (each with
its answer), `sent` (each with its id), `caller`, `message` (its id, where one brought it), `time`
(microseconds) and `seed`. The first of an agent names its `version` unless that is 1 and, if some
were pruned, the state point `since` which there are all. Types that keep their oplog brief record
the method alone, and in full what refused, faulted or was retried.

What the runtime and operators do has entries of other kinds; the constants below are all of them.
That of a snapshot has `version` (of the type) and `state` (the document).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from agents_core.errors import AgentError
from agents_core.text import storable, storable_json

if TYPE_CHECKING:
    from agents_core.commands import CommandFrame

COMMAND, REFUSAL, FAULT = "command", "refusal", "fault"
RETRY, PARKED, FAILED, EXIT = "retry", "parked", "failed", "exit"
"""A message is to be tried again, was given up on, made its agent fail; a command ended it."""
INTERRUPT, RESUME, CANCEL, REDELIVER, DISCARD = (
    "interrupt", "resume", "cancel", "redeliver", "discard",
)  # fmt: skip
"""What an operator did; `by` says who."""
UPDATE_ASKED, UPDATE_FAILED = "update-asked", "update-failed"
"""An operator asked for another version; why the agent has it not."""
SNAPSHOT, REVERT, UPDATE = "snapshot", "revert", "update"
STATE_POINTS = (SNAPSHOT, REVERT, UPDATE)
"""Entries that hold the whole document, as `state`, and end their turn: a replay starts there."""


class RecordedFault(Exception):
    """What a call raised once, replayed."""


def answered(args: object) -> dict[str, str]:
    """Which effect a message answers, of its arguments, for the entry that it was given up on."""
    answer = args.get("answer") if isinstance(args, dict) else None
    return {"effect": answer["effect"]} if isinstance(answer, dict) and "effect" in answer else {}


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
    entry: dict[str, Any] = {"method": method, "args": orjson.Fragment(args)}
    if frame.activation.revision == 1 and frame.activation.agent_class.version != 1:
        entry["version"] = frame.activation.agent_class.version
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
    if frame.message is not None:
        entry["message"] = uuid_text(frame.message.id)
    entry["time"] = frame.moment
    entry["seed"] = frame.seed
    return orjson.dumps(entry, default=str).decode()


def fault_entry(error: BaseException) -> dict[str, str]:
    """A call's fault, in enough detail that a replay can raise it again."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return {"class": name, "message": storable(str(error))}


def raised(fault: Mapping[str, str]) -> Exception:
    """That fault again; of a class that is no more, it is a `RecordedFault`."""
    module, _, name = fault["class"].rpartition(".")
    kind = getattr(sys.modules.get(module), name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return RecordedFault(f"{fault['class']}: {fault['message']}")
    error: Exception = kind.__new__(kind)  # what it takes to make one is not known
    error.args = (fault["message"],)
    return error


def is_plain(frame: CommandFrame) -> bool:
    """Whether `plain_entry` tells all of a command that was done."""
    return not frame.calls and not frame.sent and frame.activation.revision != 1


def plain_entry(frame: CommandFrame, method: str, args: str | bytes, result: bytes) -> str:
    """Most entries are of this kind, and written out take a third of the time."""
    if isinstance(args, bytes):
        args = args.decode()
    caller = "" if frame.caller is None else f'"caller":{orjson.dumps(frame.caller).decode()},'
    message = "" if frame.message is None else f'"message":"{uuid_text(frame.message.id)}",'
    return (
        f'{{"method":"{method}","args":{args},"result":{result.decode()},'
        f'{caller}{message}"time":{frame.moment},"seed":{frame.seed}}}'
    )


def uuid_text(id_: bytes) -> str:
    """A UUID of 16 bytes, as it is written; an object made on the way would cost several times."""
    digits = id_.hex("-", 2)  # in groups of four, one dash in seven too many
    return f"{digits[:4]}{digits[5:29]}{digits[30:34]}{digits[35:]}"


def tells(frame: CommandFrame) -> bool:
    """Whether a brief oplog too has the whole entry: the agent's status is told by it."""
    if frame.message is not None and frame.message.attempts > 0:
        return True
    if frame.spec.takes_answer or (frame.turn.drafts.effects and frame.asked_effect()):
        return True
    activation = frame.activation
    return activation.revision == 1 and activation.agent_class.version != 1


def snapshot_entry(version: int, state: bytes) -> str:
    """The entry that keeps the document, given as JSON."""
    return f'{{"version":{version},"state":{state.decode()}}}'
