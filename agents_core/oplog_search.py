"""Search of one agent's oplog, newest entry first.

The language is that of `agents_core.oplog_query`. The text of an entry is its kind and every value
in it: strings as they are, numbers and `true`/`false` as JSON writes them; not names, not null.
`time` and `seed` are found by their fields alone. The fields are the names in an entry, and `kind`,
`index` and `recorded_at` (UTC, as `2026-03-01T12:00:00.000000Z`); a list adds nothing to a path: it
stands for each of its elements.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import errors

from agents_core import database, store
from agents_core.collections import decode_cursor, encode_cursor
from agents_core.errors import Rejected
from agents_core.oplog_query import All, Condition, Node, Not, QueryNotValid, Some, Sort, parse
from agents_core.wire import Connection

MAX_LIMIT = 200
SECONDS = 2.0
"""How long one page may take; what was not looked at by then is left to the next."""
_FIRST_STRETCH, _LONGEST_STRETCH = 1_000, 100_000
"""Entries looked at by one statement: few at first, as the newest often are enough."""
_PACE = SECONDS / 8
"""What one statement should take, so that little is lost when the time is over."""


class QueryTooSlow(Rejected):
    """This query takes more than {seconds} s on {entries} entries: simplify its regular expression
    or put conditions beside it."""

    code = "query_too_slow"
    status = 422


@dataclass(frozen=True, slots=True)
class OplogEntry:
    """One entry: what kind it is of, when it was recorded, and what it says."""

    index: int
    kind: str
    recorded_at: datetime
    entry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OplogPage:
    """Entries, newest first. `next_cursor` is None when nothing older is left to look at."""

    items: list[OplogEntry]
    next_cursor: str | None


def search_oplog(
    agent_id: str, query: str = "", *, limit: int = 50, cursor: str | None = None
) -> OplogPage:
    """Entries of an agent's oplog that a query finds, newest first; the empty query finds all.

    A page has at most `limit` entries, and never more than 200. It may have fewer, even none, and
    still a `next_cursor`: after two seconds a search stops where it is and the cursor goes on from
    there. New entries do not move what lies behind a cursor. An agent that nobody knows has none.

    Refuses with `query_not_valid` (`position` and what was `expected`), `cursor_not_valid`, and
    `query_too_slow` where two seconds are not enough for a thousand entries.
    """
    tree = parse(query)
    before = decode_cursor(cursor)[0] if cursor else None
    limit = max(1, min(limit, MAX_LIMIT))
    connection = database.connection("search")
    _check_patterns(connection, tree)
    search = store.OplogSearch(tree)
    bounds = search.bounds(connection, agent_id)
    if bounds is None:
        return OplogPage([], None)
    oldest, newest = bounds
    start = last = newest if before is None else min(newest, before - 1)
    rows: list[store.OplogRow] = []
    started, stretch = time.monotonic(), _FIRST_STRETCH
    while last >= oldest and len(rows) < limit:
        first = max(oldest, last - stretch + 1)
        began = time.monotonic()
        left = started + SECONDS - began
        if left <= 0:
            break
        try:
            with _limited(connection, left):
                found = search.scan(connection, agent_id, first, last, limit - len(rows))
        except errors.QueryCanceled:
            if last == start:
                raise QueryTooSlow(seconds=SECONDS, entries=last - first + 1) from None
            break
        rows += found
        last = rows[-1].index - 1 if len(rows) == limit else first - 1
        stretch = _next_stretch(stretch, time.monotonic() - began)
    entries = [
        OplogEntry(row.index, row.kind, row.recorded_at, orjson.loads(row.entry)) for row in rows
    ]
    return OplogPage(entries, encode_cursor(last + 1, "") if last >= oldest else None)


def _next_stretch(stretch: int, seconds: float) -> int:
    wanted = min(stretch * 8, int(stretch * _PACE / max(seconds, 0.0001)), _LONGEST_STRETCH)
    return max(wanted, _FIRST_STRETCH)


@contextmanager
def _limited(connection: Connection, seconds: float) -> Iterator[None]:
    with connection.transaction():
        store.limit_time(connection, seconds)
        yield


def _check_patterns(connection: Connection, tree: Node) -> None:
    """A regular expression that is none is refused here, even if no entry were compared with it."""
    for condition in _conditions(tree):
        if condition.sort is Sort.REGEX:
            try:
                with _limited(connection, SECONDS):
                    store.check_regex(connection, condition.text)
            except errors.InvalidRegularExpression as error:
                reason = (error.diag.message_primary or "").rpartition(": ")[2]
                expected = f"a regular expression of PostgreSQL ({reason})"
                raise QueryNotValid(position=condition.position, expected=expected) from None
            except errors.QueryCanceled:
                raise QueryTooSlow(seconds=SECONDS, entries=0) from None


def _conditions(node: Node) -> Iterator[Condition]:
    match node:
        case Condition():
            yield node
        case Not(node=inner):
            yield from _conditions(inner)
        case All(of=nodes) | Some(of=nodes):
            for part in nodes:
                yield from _conditions(part)
