"""What waits for an agent: looking, cancelling, trying again, throwing away."""

from typing import Annotated, Any

from ninja import Query, Router, Schema

from accounts.http import CallerRequest, PageQuery
from agents_core import operations, operators
from agents_core.shown import MailKind, MailPage
from operators.api.params import AgentId

router = Router(tags=["agents"])


class Cancelled(Schema):
    """True: it waited and will never run. False: it has run, or was given up on."""

    cancelled: bool


class RetryIn(Schema):
    """Other arguments for the message; without, its own."""

    args: dict[str, Any] | None = None


class Retried(Schema):
    """The message that waits again."""

    message_id: str


@router.get("/{agent:agent_id}/messages", response=MailPage)
def get_messages(
    request: CallerRequest,
    agent_id: AgentId,
    page: PageQuery,
    kind: Annotated[MailKind | None, Query(description="Only of this kind.")] = None,
) -> MailPage:
    """What waits, with attempts and the last error; what is scheduled; what was given up on."""
    kinds = operators.KINDS if kind is None else (kind,)
    found = operators.messages(agent_id, kinds=kinds, cursor=page.cursor, limit=page.limit)
    if not found.items:
        operators.expect(agent_id)  # mail may wait for one that does not exist yet
    return found


@router.post("/{agent:agent_id}/messages/{any_agent:message_id}/cancel", response=Cancelled)
def cancel(request: CallerRequest, agent_id: AgentId, message_id: str) -> Cancelled:
    """Take a message that waits, or a schedule by its name, out for good."""
    return Cancelled(cancelled=operations.cancel(agent_id, message_id, by=request.caller.user_id))


@router.post("/{agent:agent_id}/messages/{message_id}/retry", response={202: Retried})
def retry(
    request: CallerRequest, agent_id: AgentId, message_id: str, body: RetryIn | None = None
) -> Retried:
    """Put a dead letter back into the mailbox, with other arguments if given."""
    args = body.args if body else None
    operations.retry(agent_id, message_id, by=request.caller.user_id, args=args)
    return Retried(message_id=message_id)


@router.post("/{agent:agent_id}/messages/{message_id}/discard", response={204: None})
def discard(request: CallerRequest, agent_id: AgentId, message_id: str) -> None:
    """Throw a dead letter away."""
    operations.discard(agent_id, message_id, by=request.caller.user_id)
