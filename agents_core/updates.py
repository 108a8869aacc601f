"""Updates of running agents to another version of their code. A failed one changes nothing.

A *manual* update waits in the mailbox like a command. When its turn comes the version the agent has
saves a snapshot, the one it is to have loads it, the result is validated, and both are swapped in
that turn.

An *automatic* update is done at once: what the oplog has is run again in memory on the version that
the agent is to have. If it answers, calls and sends the same, what it comes to is what the agent
has from then on.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson
import psycopg
from pydantic import JsonValue, ValidationError

from agents_core import clock, context, history, oplog, registry, replay
from agents_core.errors import AgentError
from agents_core.files import AgentFile, store_blob
from agents_core.frames import QueryFrame
from agents_core.replay import CannotReplay, Replayed, StatePoint
from agents_core.replay_frame import Diverged
from agents_core.text import storable

if TYPE_CHECKING:
    from agents_core.activation import Activation
    from agents_core.agent import DurableAgent
    from agents_core.store import MessageRow
    from agents_core.turn import Turn

logger = logging.getLogger(__name__)

Mode = Literal["automatic", "manual"]
METHOD = "@update"
"""The method of the message that asks for a manual update: no command can be called so."""
MAX_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an update."""

    what: Literal["queued", "updated", "failed"]
    reason: str = ""
    """Why it failed."""
    diff: dict[str, Any] | None = None
    """Where the two versions differ, if that is why: index, what, expected, got (JSON)."""


class NotUpdated(Exception):
    """An automatic update failed; the turn that tried it is to be abandoned."""

    def __init__(self, reason: str, diff: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.outcome = Outcome("failed", reason, diff)


def run_automatic(turn: Turn, activation: Activation, version: int, by: str) -> None:
    """Update the agent by replay, in an operating turn that has done nothing else to it; raises
    `NotUpdated` where it cannot be."""
    facts = automatic_facts(activation, version, by)
    try:
        new: Any = registry.find_version(activation.agent_class.agent_type, version)
        history.expect_full(activation.agent_class, new)
        found = _replayed(turn, activation, new)
        history.put_back(turn, activation, new, found, oplog.UPDATE, facts)
    except psycopg.Error:
        raise  # the transaction is broken
    except Diverged as divergence:
        raise NotUpdated(storable(str(divergence))[:MAX_REASON], divergence.to_json()) from None
    except Exception as error:
        raise NotUpdated(_reason(error)) from error


def automatic_facts(activation: Activation, version: int, by: str) -> dict[str, Any]:
    """What the entry of an automatic update says, whatever came of it."""
    return {"by": by, "from": activation.version, "to": version, "mode": "automatic"}


def _replayed(turn: Turn, activation: Activation, new: type[DurableAgent]) -> Replayed:
    connection, agent_id = turn.connection, activation.id
    start = replay.earliest_start(connection, agent_id, activation.revision)
    past = replay.load_history(connection, agent_id, activation.revision, since=start)
    _expect_kept(past.start, new)
    return replay.replay(new, *past)


def _expect_kept(start: StatePoint, new: type[DurableAgent]) -> None:
    """Nothing of the document at which the replay begins is lost on the new code: what its models
    do not have they would leave out without a word."""
    before = orjson.loads(start.state)
    after = orjson.loads(new.state_adapter.dump_json(new.state_adapter.validate_json(start.state)))
    if not _holds(after, before):
        raise Diverged(start.index, "document", before, after)


def _holds(after: JsonValue, before: JsonValue) -> bool:
    match before, after:
        case dict(), dict():
            return all(key in after and _holds(after[key], before[key]) for key in before)
        case list(), list():
            return len(before) == len(after) and all(map(_holds, after, before))
        case _:
            return before == after


def run_manual(turn: Turn, activation: Activation, message: MessageRow) -> None:
    """Update the agent, or record why not; the message is done with either way."""
    asked = orjson.loads(message.args)
    facts = {
        "by": asked["by"],
        "from": activation.version,
        "to": asked["version"],
        "mode": "manual",
        "message": oplog.uuid_text(message.id),
    }
    before, agent_class = activation.checkpoint(), activation.agent_class
    try:
        _swap(turn, activation, asked["version"])
    except psycopg.Error:
        raise  # the transaction is broken
    except Exception as error:
        activation.become(agent_class)
        activation.restore(before)
        reason = _reason(error)
        logger.warning("%s: not updated to %s: %s", activation.id, asked["version"], reason)
        turn.add_entry(activation, oplog.UPDATE_FAILED, facts | {"reason": reason})
    else:
        document = orjson.Fragment(activation.save())
        turn.add_entry(
            activation, oplog.UPDATE, facts | {"version": asked["version"], "state": document}
        )
        activation.state_point = activation.halted = True
    activation.restless |= message.attempts > 0
    turn.drafts.done.append((message.agent_id, message.id))


def _swap(turn: Turn, activation: Activation, version: int) -> None:
    """Let the agent become that version; any exception: it could not."""
    new: Any = registry.find_version(activation.agent_class.agent_type, version)
    frame = _UpdateFrame(turn, activation)
    outer = context.swap(frame)
    try:
        activation.agent.__dict__["_frame"] = frame
        snapshot = orjson.dumps(activation.agent.save_snapshot())
        activation.become(new)
        activation.agent.__dict__["_frame"] = frame
        activation.agent.load_snapshot(orjson.loads(snapshot))
        new.state_adapter.validate_json(activation.save())
        activation.check_document()
        activation.agent.search_fields()
    finally:
        context.swap(outer)


class _UpdateFrame(QueryFrame):
    """What a snapshot's calls go through: queries of other agents, and the agent's own files."""

    def __init__(self, turn: Turn, activation: Activation) -> None:
        moment = max(clock.micros(), activation.moment + 1)
        super().__init__(turn.connection, activation.id, moment)
        self.seed = random.getrandbits(53)
        self._agent_id = activation.id

    def keep_blob(self, file: AgentFile, data: bytes) -> None:
        store_blob(self._agent_id, file, data)


def _reason(error: Exception) -> str:
    """Why, for who has to mend it."""
    match error:
        case AgentError():
            text = error.message
        case CannotReplay():
            text = str(error)
        case ValidationError():
            text = f"{error.title}: " + "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the document'}: {problem['msg']}"
                for problem in error.errors(include_url=False, include_context=False)
            )
        case _:
            text = f"{type(error).__name__}: {error}"
    return storable(text)[:MAX_REASON]
