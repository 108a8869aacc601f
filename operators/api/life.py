"""Stopping agents, letting them go on, and giving them other versions."""

from collections.abc import Callable
from typing import Any

from ninja import Router, Schema

from accounts.http import CallerRequest
from agents_core import operations, operators
from agents_core.answers import answer_once
from agents_core.shown import AgentView
from agents_core.updates import Mode
from operators.api.params import AgentId

router = Router(tags=["agents"])


class UpdateIn(Schema):
    """The version an agent is to have: by its own snapshot, or by replaying what it did."""

    version: int
    mode: Mode


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


@router.post("/{agent:agent_id}/update", response=AgentView)
def update(request: CallerRequest, agent_id: AgentId, body: UpdateIn) -> Any:
    """Ask for an agent to become another version of its type; its oplog tells what came of it."""
    by, version, mode = request.caller.user_id, body.version, body.mode
    return _operated(
        agent_id,
        f"update {version} {mode}",
        lambda: operations.update(agent_id, version, mode, by=by),
    )


def _operated(agent_id: str, what: str, operate: Callable[[], object]) -> Any:
    """The agent as it was right after; with an Idempotency-Key, right after the first time."""

    def answer() -> Any:
        operate()
        return operators.show(agent_id).model_dump(mode="json", exclude={"state"})

    return answer_once(agent_id, what, answer)
