"""Calling any method of any agent."""

from typing import Any

from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.http import CallerRequest
from agents_core import operators
from operators.api.params import AgentId

router = Router(tags=["agents"])


class InvokeIn(Schema):
    """The method's arguments by name."""

    args: dict[str, Any] = {}


class TriggerIn(InvokeIn):
    """The command's arguments by name, and when it is to be run, if not now."""

    at: AwareDatetime | None = None


class Sent(Schema):
    """The message's id; of one for later, the name of its schedule."""

    message_id: str


@router.post("/{agent:agent_id}/invoke/{method}", response=Any)
def invoke(
    request: CallerRequest, agent_id: AgentId, method: str, body: InvokeIn | None = None
) -> Any:
    """Call a query or command, and wait for its result."""
    return operators.invoke(agent_id, method, body.args if body else {})


@router.post("/{agent:agent_id}/trigger/{method}", response={202: Sent})
def trigger(
    request: CallerRequest, agent_id: AgentId, method: str, body: TriggerIn | None = None
) -> Sent:
    """Send a command, to be run soon, or at that time."""
    body = body or TriggerIn()
    return Sent(message_id=operators.trigger(agent_id, method, body.args, at=body.at))
