"""What operators can do from the admin: one line each in `ACTIONS`.

Whether an action is offered is read off `lifecycle.ALLOWED`; whether it is done, only the operation
itself decides, under the agent's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from agents_core import operations, registry
from agents_core.lifecycle import ALLOWED, Operation, Rule, Status
from agents_core.operating import WAY_OUT
from agents_core.shown import AgentView
from operators.console.forms import Plain, Retrying, Reverting, Updating, other_versions


class Subject(NamedTuple):
    """What an action is done to, and by whom."""

    agent_id: str
    message_id: str
    """The message, schedule, effect or dead letter, where it is about one."""
    by: str


class Told(NamedTuple):
    """What came of it."""

    said: str
    well: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """Something an operator can do: to an agent or, with `to_mail`, to one of its messages."""

    operation: Operation
    label: str
    what: str
    """What it does and does not, for who has to be sure."""
    run: Callable[[Subject, Any], Told]
    """Does it, given the form."""
    form: type[Plain] = Plain
    to_mail: bool = False
    needs: str = "change"
    """The permission on agents."""
    back: str = "change"
    """The agent's section that shows what came of it."""
    hindrance: Callable[[AgentView], str | None] = lambda agent: None
    """Why it is not possible with this agent, whatever its status."""

    @property
    def name(self) -> str:
        return self.operation.value

    @property
    def destroys(self) -> bool:
        return self.operation in (Operation.DELETE, Operation.DISCARD, Operation.CANCEL)

    def why_not(self, agent: AgentView | None) -> str | None:
        """Why it is not offered, if it is not. An agent that does not exist may have mail."""
        if agent is None:
            return None if self.to_mail else "There is no such agent."
        match ALLOWED[self.operation][agent.status]:
            case Rule.REFUSED:
                return f"Not while it is {agent.status}: {WAY_OUT[Status(agent.status)]}."
            case Rule.NOTHING:
                return f"Nothing to do: it is {agent.status}."
        return self.hindrance(agent)

    def waits(self, agent: AgentView | None) -> bool:
        """Whether it takes effect only when the agent works again."""
        return agent is not None and ALLOWED[self.operation][agent.status] is Rule.WAITS


def _interrupt(subject: Subject, form: Plain) -> Told:
    operations.interrupt(subject.agent_id, by=subject.by)
    return Told("Interrupted. It stays so until it is resumed.")


def _resume(subject: Subject, form: Plain) -> Told:
    operations.resume(subject.agent_id, by=subject.by)
    return Told("Resumed.")


def _cancel(subject: Subject, form: Plain) -> Told:
    if operations.cancel(subject.agent_id, subject.message_id, by=subject.by):
        return Told("Cancelled. It will never run.")
    return Told("Too late: it has run, or was given up on.")


def _retry(subject: Subject, form: Retrying) -> Told:
    operations.retry(subject.agent_id, subject.message_id, by=subject.by, args=form.edited)
    edited = "" if form.edited is None else ", with other arguments"
    return Told(f"It is tried again{edited}.")


def _discard(subject: Subject, form: Plain) -> Told:
    operations.discard(subject.agent_id, subject.message_id, by=subject.by)
    return Told("Discarded.")


def _revert(subject: Subject, form: Reverting) -> Told:
    to, last = form.cleaned_data["to_revision"], form.cleaned_data["last"]
    revision = operations.revert(subject.agent_id, to_revision=to, last=last, by=subject.by)
    return Told(f"Reverted. That is entry {revision}, and can be reverted too.")


def _update(subject: Subject, form: Updating) -> Told:
    version, mode = form.cleaned_data["version"], form.cleaned_data["mode"]
    outcome = operations.update(subject.agent_id, version, mode, by=subject.by)
    match outcome.what:
        case "queued":
            return Told(
                f"The update to version {version} waits in its mailbox; its entry will be below."
            )
        case "updated":
            return Told(f"Updated to version {version}.")
    return Told(f"Not updated, it goes on in the version it has: {outcome.reason}", well=False)


def _delete(subject: Subject, form: Plain) -> Told:
    operations.delete(subject.agent_id, by=subject.by)
    return Told(f"Deleted {subject.agent_id}. A later command would begin it from scratch.")


def _tells_too_little(agent: AgentView) -> str | None:
    known = registry.known(agent.type)
    brief = known is not None and getattr(known, "oplog", None) == "brief"
    return "Its type keeps a brief oplog, which does not tell what it did." if brief else None


def _no_other_version(agent: AgentView) -> str | None:
    return None if other_versions(agent) else "The code has no other version of it."


_ALL = (
    Action(
        Operation.INTERRUPT,
        "Interrupt",
        "What it is doing now is done first. From then on its mail waits and its commands are "
        "refused, until it is resumed; queries answer as ever.",
        _interrupt,
    ),
    Action(
        Operation.RESUME,
        "Resume",
        "It goes on with the mail that waits. What faulted is tried again at once.",
        _resume,
    ),
    Action(
        Operation.REVERT,
        "Revert",
        "Its document, collections, files and version become what they were. Nothing is erased, so "
        "a revert can be reverted. What it sent stays sent, and what waits for it waits on.",
        _revert,
        form=Reverting,
        back="oplog",
        hindrance=_tells_too_little,
    ),
    Action(
        Operation.UPDATE,
        "Update",
        "It becomes another version of its code. If that fails it goes on in the version it has, "
        "and its oplog says why.",
        _update,
        form=Updating,
        back="versions",
        hindrance=_no_other_version,
    ),
    Action(
        Operation.DELETE,
        "Delete",
        "Its document, collections, files, oplog, mail and schedules are deleted and cannot be "
        "brought back. Who waits for it is told.",
        _delete,
        needs="delete",
    ),
    Action(
        Operation.CANCEL,
        "Cancel",
        "It is taken out and never runs. Once it has run there is nothing to cancel.",
        _cancel,
        to_mail=True,
        back="mail",
    ),
    Action(
        Operation.RETRY,
        "Retry",
        "It is tried as often as if it were new.",
        _retry,
        form=Retrying,
        to_mail=True,
        back="mail",
    ),
    Action(
        Operation.DISCARD,
        "Discard",
        "It is thrown away. What it said stays in the record of operations.",
        _discard,
        to_mail=True,
        back="mail",
    ),
)
ACTIONS: Mapping[str, Action] = {action.name: action for action in _ALL}
