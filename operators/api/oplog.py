"""What an agent did."""

from typing import Annotated

from ninja import Query, Router

from accounts.http import CallerRequest, PageQuery
from agents_core import operators
from agents_core.oplog_search import OplogPage, search_oplog
from operators.api.params import AgentId

router = Router(tags=["agents"])

OplogQuery = Annotated[
    str,
    Query(description="`AND`, `OR`, `NOT`, parentheses, phrases, `/regex/`, `field:value`."),
]


@router.get("/{agent:agent_id}/oplog", response=OplogPage)
def get_oplog(
    request: CallerRequest, agent_id: AgentId, page: PageQuery, query: OplogQuery = ""
) -> OplogPage:
    """Entries of the oplog that the query finds, the newest first. A page may be short, even empty,
    and have a `next_cursor` all the same: the search goes on from there."""
    operators.expect(agent_id)
    return search_oplog(agent_id, query, limit=page.limit, cursor=page.cursor)
