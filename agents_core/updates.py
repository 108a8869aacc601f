"""Updates of running agents to another version of their code. A failed one changes nothing.

A *manual* update waits in the mailbox like a command. When its turn comes the version the agent has
saves a snapshot, the one it is to have loads it, the result is validated, and both are swapped in
that turn.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson
import psycopg
from pydantic import ValidationError

from agents_core import clock, context, oplog, registry
from agents_core.errors import AgentError
from agents_core.files import AgentFile, store_blob
from agents_core.frames import QueryFrame
from agents_core.text import storable

if TYPE_CHECKING:
    from agents_core.activation import Activation
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
    """Where the two versions differ, if that is why: index, what, expected, got."""


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
        case ValidationError():
            text = f"{error.title}: " + "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or 'the document'}: {problem['msg']}"
                for problem in error.errors(include_url=False, include_context=False)
            )
        case _:
            text = f"{type(error).__name__}: {error}"
    return storable(text)[:MAX_REASON]
