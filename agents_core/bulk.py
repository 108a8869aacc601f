"""Operations on many agents, messages or dead letters: on whatever a filter finds, one by one.

Each is done or refused by itself and recorded as if it had been asked for alone; a refusal stops
none of the others. Stopped half-way, the same may be asked for again: it goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from agents_core import operations, operators
from agents_core.context import calling
from agents_core.errors import AgentError
from agents_core.lifecycle import Status
from agents_core.shown import (
    AgentPage,
    AgentView,
    BulkView,
    MailKind,
    MailPage,
    MailView,
    RefusedView,
)

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


def messages(agent_id: str, kinds: Sequence[MailKind]) -> Iterator[MailView]:
    """All of an agent's mail of these kinds, read page by page."""
    return _every(lambda **page: operators.messages(agent_id, kinds=kinds, **page))


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


def interrupt(agent_ids: Iterable[str], *, by: str) -> BulkView:
    """Interrupt each."""
    return _each_agent(agent_ids, operations.interrupt, by)


def resume(agent_ids: Iterable[str], *, by: str) -> BulkView:
    """Resume each."""
    return _each_agent(agent_ids, operations.resume, by)


def delete(agent_ids: Iterable[str], *, by: str) -> BulkView:
    """Delete each."""
    return _each_agent(agent_ids, operations.delete, by)


def cancel(mail: Iterable[MailView], *, by: str) -> BulkView:
    """Cancel each message or schedule; what has run meanwhile counts as done."""
    return _each_mail(mail, operations.cancel, by)


def retry(letters: Iterable[MailView], *, by: str) -> BulkView:
    """Put each dead letter back into its mailbox."""
    return _each_mail(letters, operations.retry, by)


def discard(letters: Iterable[MailView], *, by: str) -> BulkView:
    """Throw each dead letter away."""
    return _each_mail(letters, operations.discard, by)


def _each_agent(agent_ids: Iterable[str], operate: Callable[..., object], by: str) -> BulkView:
    return _each(((one, None) for one in agent_ids), lambda one, _: operate(one, by=by), by)


def _each_mail(mail: Iterable[MailView], operate: Callable[..., object], by: str) -> BulkView:
    found = ((one.agent_id, one.message_id) for one in mail)
    return _each(found, lambda one, message_id: operate(one, message_id, by=by), by)


def _each(
    found: Iterable[tuple[str, str | None]],
    operate: Callable[[str, str | None], object],
    by: str,
) -> BulkView:
    """Do it to each. An idempotency key names the whole, not the parts: these run without."""
    result = BulkView()
    with calling(by):
        for agent_id, message_id in found:
            try:
                operate(agent_id, message_id)
            except AgentError as refusal:
                result.refused += 1
                if result.refused <= REFUSALS:
                    result.refusals.append(_refused(agent_id, message_id, refusal))
            else:
                result.done += 1
    return result


def _refused(agent_id: str, message_id: str | None, refusal: AgentError) -> RefusedView:
    return RefusedView(
        agent_id=agent_id, message_id=message_id, code=refusal.code, detail=refusal.message
    )
