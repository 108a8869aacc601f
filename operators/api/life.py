"""Stopping agents, letting them go on, putting them back, and giving them other versions."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from ninja import Router, Schema

from accounts.http import CallerRequest
from agents_core import operations, operators
from agents_core.answers import answer_once
from agents_core.shown import AgentView
from agents_core.updates import Mode
from operators.api.params import AgentId

router = Router(tags=["agents"])


class RevertIn(Schema):
    """The entry after which an agent is to be what it was, or how many of its last commands are to
    be undone: one of the two."""

    to_revision: int | None = None
    last: int | None = None


class UpdateIn(Schema):
    """The version an agent is to have: by its own snapshot, or by replaying what it did."""

    version: int
    mode: Mode


class Update(Schema):
    """What became of it: `queued` behind the agent's mail, `updated`, or `failed`, and then why and
    where the two versions differ. One that failed leaves the agent as it was."""

    what: Literal["queued", "updated", "failed"]
    reason: str
    diff: dict[str, Any] | None


class UpdatedAgent(AgentView):
    """The agent, and what became of its update."""

    update: Update


@router.post("/{agent:agent_id}/interrupt", response=AgentView)
def interrupt(request: CallerRequest, agent_id: AgentId) -> Any:
    """Stop an agent before its next command; its mail waits. Again: nothing happens."""
    by = request.caller.user_id
    return _operated(agent_id, "interrupt", lambda: operations.interrupt(agent_id, by=by))


@router.post("/{agent:agent_id}/resume", response=AgentView)
def resume(request: CallerRequest, agent_id: AgentId) -> Any:
    """Let an interrupted agent go on, and try at once what waits for its retry."""
    by = request.caller.user_id
    return _operated(agent_id, "resume", lambda: operations.resume(agent_id, by=by))


@router.post("/{agent:agent_id}/revert", response=AgentView)
def revert(request: CallerRequest, agent_id: AgentId, body: RevertIn) -> Any:
    """Put document, collections, files and version back to what they were. Nothing is erased from
    the oplog, what was sent stays sent, and a revert can be reverted."""
    by, to, last = request.caller.user_id, body.to_revision, body.last
    return _operated(
        agent_id,
        f"revert {to} {last}",
        lambda: operations.revert(agent_id, to_revision=to, last=last, by=by),
    )


@router.post("/{agent:agent_id}/update", response=UpdatedAgent)
def update(request: CallerRequest, agent_id: AgentId, body: UpdateIn) -> Any:
    """Ask for an agent to become another version of its type; its oplog tells what came of it."""
    by, version, mode = request.caller.user_id, body.version, body.mode

    def answer() -> Any:
        outcome = operations.update(agent_id, version, mode, by=by)
        return {**_shown(agent_id), "update": asdict(outcome)}

    return answer_once(agent_id, f"update {version} {mode}", answer)


def _operated(agent_id: str, what: str, operate: Callable[[], object]) -> Any:
    """The agent as it was right after; with an Idempotency-Key, right after the first time."""

    def answer() -> Any:
        operate()
        return _shown(agent_id)

    return answer_once(agent_id, what, answer)


def _shown(agent_id: str) -> dict[str, Any]:
    return operators.show(agent_id).model_dump(mode="json", exclude={"state"})
