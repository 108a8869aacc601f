"""The dead letters of all agents."""

from ninja import Router, Schema

from accounts.http import CallerRequest, PageQuery
from agents_core import bulk, operators
from agents_core.answers import answer_once
from agents_core.shown import BulkView, MailPage

router = Router(tags=["agents"])
ALL = "dead-letters:"
"""Stands in for an agent's id where the answer to all of them at once is kept."""


class Which(Schema):
    """Those of one agent type; without, all."""

    type: str | None = None


@router.get("", response=MailPage)
def list_dead_letters(request: CallerRequest, page: PageQuery, type: str | None = None) -> MailPage:
    """The dead letters of all agents (of a type), the last parked first."""
    return operators.dead_letters(type=type, cursor=page.cursor, limit=page.limit)


@router.post("/retry", response=BulkView)
def retry_all(request: CallerRequest, body: Which | None = None) -> object:
    """Put all of them back into their mailboxes."""
    by, type = request.caller.user_id, body.type if body else None
    found = bulk.dead_letters(type=type)
    return answer_once(ALL, f"retry {type}", lambda: bulk.retry(found, by=by).model_dump())


@router.post("/discard", response=BulkView)
def discard_all(request: CallerRequest, body: Which | None = None) -> object:
    """Throw all of them away."""
    by, type = request.caller.user_id, body.type if body else None
    found = bulk.dead_letters(type=type)
    return answer_once(ALL, f"discard {type}", lambda: bulk.discard(found, by=by).model_dump())
