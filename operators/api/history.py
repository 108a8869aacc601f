"""Who did what to agents, by whichever door."""

from ninja import Router

from accounts.http import CallerRequest, PageQuery
from agents_core import operators
from agents_core.shown import OperationPage
from operators.api.params import AgentId

router = Router(tags=["agents"])


@router.get("/operations", response=OperationPage)
def list_operations(request: CallerRequest, page: PageQuery) -> OperationPage:
    """What operators did to any agent, the newest first."""
    return operators.operations(cursor=page.cursor, limit=page.limit)


@router.get("/{agent:agent_id}/operations", response=OperationPage)
def get_operations(request: CallerRequest, agent_id: AgentId, page: PageQuery) -> OperationPage:
    """What operators did to this one; an agent that was deleted keeps them."""
    return operators.operations(agent_id, cursor=page.cursor, limit=page.limit)
