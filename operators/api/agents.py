"""Types, lists of agents, an agent with its document and collections; deleting it."""

from typing import Annotated, TypeVar

from ninja import Query, Router
from pydantic import AwareDatetime, BeforeValidator, StringConstraints

from accounts.http import CallerRequest, PageQuery
from agents_core import operations, operators
from agents_core.lifecycle import Status
from agents_core.shown import AgentDetail, AgentPage, CollectionPage, ItemPage, TypePage
from operators.api.params import AgentId

router = Router(tags=["agents"])

T = TypeVar("T")
Given = Annotated[T | None, BeforeValidator(lambda value: value or None)]
"""A filter; left empty, as forms send it, it is none."""

SearchText = Annotated[
    str,
    Query(description="Words of the id, `agent_id:`, `type:`, `status:`, `version:`; or `*`."),
    StringConstraints(max_length=1_000),
]


@router.get("/types", response=TypePage, by_alias=True)
def get_types(request: CallerRequest) -> TypePage:
    """Every agent type, with the JSON schemas of its parameters, methods and document."""
    return operators.types()


@router.get("/", response=AgentPage)
def list_agents(
    request: CallerRequest,
    page: PageQuery,
    query: SearchText = "*",
    type: Given[str] = None,
    status: Given[Status] = None,
    version: Given[int] = None,
    older_than: Given[AwareDatetime] = None,
    waiting: bool = False,
) -> AgentPage:
    """Agents, the newest first. `older_than`: idle since then; `waiting`: those that have mail,
    which `running` ones can run now."""
    return operators.list_agents(
        type=type,
        status=status,
        query=query,
        version=version,
        older_than=older_than,
        waiting=waiting,
        cursor=page.cursor,
        limit=page.limit,
    )


@router.get("/{agent:agent_id}/collections", response=CollectionPage)
def get_collections(request: CallerRequest, agent_id: AgentId) -> CollectionPage:
    """An agent's collections and how much they hold."""
    operators.expect(agent_id)
    return CollectionPage(items=operators.collections(agent_id))


@router.get("/{agent:agent_id}/collections/{name}", response=ItemPage)
def get_items(
    request: CallerRequest,
    agent_id: AgentId,
    name: str,
    page: PageQuery,
    oldest_first: bool = False,
) -> ItemPage:
    """Items of a collection by their sort keys, the newest first unless asked otherwise."""
    return operators.items(
        agent_id, name, oldest_first=oldest_first, cursor=page.cursor, limit=page.limit
    )


@router.get("/{any_agent:agent_id}", response=AgentDetail)
def get_agent(request: CallerRequest, agent_id: AgentId) -> AgentDetail:
    """An agent with its document."""
    return operators.show(agent_id)


@router.delete("/{any_agent:agent_id}", response={204: None})
def delete_agent(request: CallerRequest, agent_id: AgentId) -> None:
    """Delete an agent with all that belongs to it; invoked again, it starts from scratch."""
    operations.delete(agent_id, by=request.caller.user_id)
