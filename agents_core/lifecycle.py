"""The life of an agent: its status, what may be done in which, and how the oplog tells it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents_core.errors import AgentError, AgentExited, AgentFailed, AgentInterrupted


class Status(enum.StrEnum):
    """How an agent is. All but `RUNNING` are stored with it; that one is seen from its mail."""

    IDLE = "idle"
    RUNNING = "running"
    """It has mail that can be run now."""
    SUSPENDED = "suspended"
    """It waits for the answer of an effect, and does other work meanwhile."""
    RETRYING = "retrying"
    """A message faulted and waits for its next try."""
    INTERRUPTED = "interrupted"
    """An operator stopped it. Commands are refused, mail waits, queries answer."""
    FAILED = "failed"
    """A message faulted on every try, and its type says `on_poison = "fail_agent"`."""
    EXITED = "exited"
    """It ended itself. It can be read and deleted."""


class Operation(enum.StrEnum):
    """What callers and operators ask for."""

    QUERY = "query"
    COMMAND = "command"
    MESSAGE = "message"
    INTERRUPT = "interrupt"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    DISCARD = "discard"
    REVERT = "revert"
    UPDATE = "update"
    DELETE = "delete"


class Rule(enum.StrEnum):
    """What becomes of an operation in a status."""

    DONE = "done"
    WAITS = "waits"
    """It is kept until the agent works again."""
    NOTHING = "nothing to do"
    REFUSED = "refused"
    PARKED = "dead letter"


STOPPED = frozenset({Status.INTERRUPTED, Status.FAILED, Status.EXITED})
"""Whoever is one of these runs no mail and no commands."""

_WORKING = (Status.IDLE, Status.RUNNING, Status.SUSPENDED, Status.RETRYING)


def _rules(working: Rule, interrupted: Rule, failed: Rule, exited: Rule) -> dict[Status, Rule]:
    stopped = {
        Status.INTERRUPTED: interrupted,
        Status.FAILED: failed,
        Status.EXITED: exited,
    }
    return dict.fromkeys(_WORKING, working) | stopped


_DONE, _REFUSED = Rule.DONE, Rule.REFUSED

ALLOWED: Mapping[Operation, Mapping[Status, Rule]] = {
    Operation.QUERY: _rules(_DONE, _DONE, _DONE, _DONE),
    Operation.COMMAND: _rules(_DONE, _REFUSED, _REFUSED, _REFUSED),
    Operation.MESSAGE: _rules(_DONE, Rule.WAITS, Rule.WAITS, Rule.PARKED),
    Operation.INTERRUPT: _rules(_DONE, Rule.NOTHING, _REFUSED, _REFUSED),
    # it starts the tries of an agent that is retrying at once
    Operation.RESUME: _rules(Rule.NOTHING, _DONE, _REFUSED, _REFUSED)
    | {Status.RETRYING: Rule.DONE},
    Operation.CANCEL: _rules(_DONE, _DONE, _DONE, _DONE),
    Operation.RETRY: _rules(_DONE, Rule.WAITS, Rule.WAITS, _REFUSED),
    Operation.DISCARD: _rules(_DONE, _DONE, _DONE, _DONE),
    # of an interrupted agent: it stays so, and a manual update waits in its mailbox
    Operation.REVERT: _rules(_DONE, _DONE, _DONE, _REFUSED),
    Operation.UPDATE: _rules(_DONE, _DONE, _DONE, _REFUSED),
    Operation.DELETE: _rules(_DONE, _DONE, _DONE, _DONE),
}
"""Which operation is allowed in which status: the one table."""


def refusal_of(agent_id: str, status: str) -> AgentError:
    """Why a stopped agent runs no command."""
    match status:
        case Status.INTERRUPTED:
            return AgentInterrupted(agent_id=agent_id)
        case Status.FAILED:
            return AgentFailed(agent_id=agent_id)
        case _:
            return AgentExited(agent_id=agent_id)


@dataclass
class Life:
    """What the oplog tells of an agent."""

    version: int = 1
    stopped: Status | None = None
    retrying: set[str] = field(default_factory=set)
    """Messages that wait for their next try."""
    awaited: set[str] = field(default_factory=set)
    """Effects asked whose answer has not come."""

    @property
    def status(self) -> Status:
        """The status to be stored."""
        if self.stopped is not None:
            return self.stopped
        if self.retrying:
            return Status.RETRYING
        return Status.SUSPENDED if self.awaited else Status.IDLE


def fold(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> Life:
    """The life an oplog tells, of its entries (kind, entry) from the first on."""
    life = Life()
    for kind, entry in entries:
        if "version" in entry:
            life.version = entry["version"]
        match kind:
            case "command" | "refusal":
                _fold_command(life, kind, entry)
            case "retry":
                life.retrying.add(entry["message"])
            case "parked" | "cancel":
                life.retrying.discard(entry["message"])
                life.awaited.discard(entry.get("effect", ""))
            case "failed":
                life.stopped = Status.FAILED
            case "interrupt":
                life.stopped = Status.INTERRUPTED
            case "exit":
                life.stopped = Status.EXITED
            case "resume":
                life.stopped = None
            case "revert":
                life.awaited -= set(entry.get("effects", ()))
                _forgive(life)
            case "update-asked" | "update":
                _forgive(life)
    return life


def _fold_command(life: Life, kind: str, entry: Mapping[str, Any]) -> None:
    life.retrying.discard(entry.get("message", ""))
    answer = entry.get("args", {}).get("answer")
    if isinstance(answer, Mapping):
        life.awaited.discard(answer.get("effect", ""))
    if kind == "command":
        asked = [sent for sent in entry.get("sent", ()) if "effect" in sent and "then" in sent]
        life.awaited.update(sent["effect"] for sent in asked)


def _forgive(life: Life) -> None:
    """A revert or an update ends a failure: what faulted is tried anew."""
    if life.stopped is Status.FAILED:
        life.stopped = None
        life.retrying.clear()
