"""Operations on many agents, messages or dead letters: on whatever a filter finds, one by one.

Each is done or refused by itself and recorded as if it had been asked for alone; a refusal stops
none of the others. Stopped half-way, the same may be asked for again: it goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack

from agents_core import operations, operators
from agents_core.context import calling
from agents_core.errors import AgentError
from agents_core.lifecycle import Status
from agents_core.shown import AgentPage, AgentView, BulkView, MailPage, MailView, RefusedView

T = TypeVar("T", AgentView, MailView)
PAGE = 200
REFUSALS = 100
"""So many are told of one by one; beyond, they are counted."""


class Wanted(TypedDict, total=False):
    """Filters of `operators.list_agents`."""

    type: str | None
    status: Status | None
    query: str
    version: int | None
    older_than: datetime | None
    waiting: bool


def agents(**wanted: Unpack[Wanted]) -> Iterator[AgentView]:
    """Every agent that passes the filters, read page by page."""
    return _every(lambda **page: operators.list_agents(**wanted, **page))


def dead_letters(*, type: str | None = None) -> Iterator[MailView]:
    """Every dead letter (of a type), read page by page."""
    return _every(lambda **page: operators.dead_letters(type=type, **page))


def _every(read: Callable[..., AgentPage | MailPage]) -> Iterator[Any]:
    cursor = None
    while True:
        page = read(cursor=cursor, limit=PAGE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def interrupt(found: Iterable[AgentView], *, by: str) -> BulkView:
    """Interrupt each."""
    return _each(found, lambda agent: operations.interrupt(agent.agent_id, by=by), by)


def resume(found: Iterable[AgentView], *, by: str) -> BulkView:
    """Resume each."""
    return _each(found, lambda agent: operations.resume(agent.agent_id, by=by), by)


def cancel(found: Iterable[AgentView], *, by: str) -> BulkView:
    """Cancel everything that waits for each, schedules too; counts messages."""
    waiting = (mail for agent in found for mail in _mail_of(agent.agent_id))
    return _each(waiting, lambda mail: operations.cancel(mail.agent_id, mail.message_id, by=by), by)


def _mail_of(agent_id: str) -> Iterator[MailView]:
    kinds = ["message", "schedule"]
    return _every(lambda **page: operators.messages(agent_id, kinds=kinds, **page))  # type: ignore[arg-type]


def retry(letters: Iterable[MailView], *, by: str) -> BulkView:
    """Put each dead letter back into its mailbox."""
    return _each(letters, lambda mail: operations.retry(mail.agent_id, mail.message_id, by=by), by)


def discard(letters: Iterable[MailView], *, by: str) -> BulkView:
    """Throw each dead letter away."""
    return _each(
        letters, lambda mail: operations.discard(mail.agent_id, mail.message_id, by=by), by
    )


def _each(found: Iterable[T], operate: Callable[[T], object], by: str) -> BulkView:
    """Do it to each. An idempotency key names the whole, not the parts: these run without."""
    result = BulkView()
    with calling(by):
        for one in found:
            try:
                operate(one)
            except AgentError as refusal:
                result.refused += 1
                if result.refused <= REFUSALS:
                    result.refusals.append(_refused(one, refusal))
            else:
                result.done += 1
    return result


def _refused(one: AgentView | MailView, refusal: AgentError) -> RefusedView:
    message_id = one.message_id if isinstance(one, MailView) else None
    return RefusedView(
        agent_id=one.agent_id, message_id=message_id, code=refusal.code, detail=refusal.message
    )
