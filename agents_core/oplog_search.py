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
_CHAPTER, _DIGESTED_AT_ONCE = 1024, 64
"""Entries that share a digest; digests written by one statement."""
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
    connection = database.connection("search")
    _check_patterns(connection, tree)
    bounds = store.oplog_bounds(connection, agent_id)
    if bounds is None:
        return OplogPage([], None)
    last = bounds.newest if before is None else min(bounds.newest, before - 1)
    reader = _Reader(connection, store.OplogSearch(tree), bounds, last)
    reader.read(max(1, min(limit, MAX_LIMIT)))
    entries = [
        OplogEntry(row.index, row.kind, row.recorded_at, orjson.loads(row.entry))
        for row in reader.found
    ]
    more = reader.last >= bounds.oldest
    return OplogPage(entries, encode_cursor(reader.last + 1, "") if more else None)


class _Reader:
    """Looks at one stretch of an oplog after another; `last` is the newest not looked at yet."""

    def __init__(
        self,
        connection: Connection,
        search: store.OplogSearch,
        bounds: store.OplogBounds,
        last: int,
    ) -> None:
        self.connection = connection
        self.search = search
        self.bounds = bounds
        self.last = last
        self.end = time.monotonic() + SECONDS
        self.found: list[store.OplogRow] = []
        self.chapters: dict[int, bool] | None = None
        """Those whose digest is known, and whether what is looked for may be in them."""

    def read(self, limit: int) -> None:
        """Find so many entries, if there are and time allows."""
        start, stretch = self.last, _FIRST_STRETCH
        while self.last >= self.bounds.oldest and len(self.found) < limit and self.left > 0:
            try:
                stretches, rest = self.ahead(stretch, narrowed=self.last != start)
                began = time.monotonic()
                self.scan(stretches, limit - len(self.found))
            except errors.QueryCanceled:
                if self.last == start:
                    entries = min(stretch, start - self.bounds.oldest + 1)
                    raise QueryTooSlow(seconds=SECONDS, entries=entries) from None
                return
            self.last = self.found[-1].index - 1 if len(self.found) == limit else rest
            stretch = _next_stretch(stretch, time.monotonic() - began)

    def scan(self, stretches: list[tuple[int, int]], limit: int) -> None:
        if stretches:
            with _limited(self.connection, self.left):
                self.found += self.search.scan(
                    self.connection, self.bounds.agent_id, stretches, limit
                )

    def ahead(self, stretch: int, *, narrowed: bool) -> tuple[list[tuple[int, int]], int]:
        """What to look at next, at most so many entries; and where to go on after that."""
        last, oldest = self.last, self.bounds.oldest
        if not narrowed or not self.search.narrows or self.bounds.incarnation is None:
            first = max(oldest, last - stretch + 1)
            return [(first, last)], first - 1
        stretches: list[tuple[int, int]] = []
        while last >= oldest and stretch > 0 and self.left > 0:
            chapter = last // _CHAPTER
            first = max(oldest, chapter * _CHAPTER)
            if self.may_have(chapter):
                stretches.append((first, last))
                stretch -= last - first + 1
            last = first - 1
        return stretches, last

    def may_have(self, chapter: int) -> bool:
        """Whether what is looked for may be in this chapter; writes digests that are missing."""
        if (chapter + 1) * _CHAPTER - 1 > self.bounds.newest:
            return True
        if self.chapters is None:
            with _limited(self.connection, self.left):
                self.chapters = self.search.digested(self.connection, self.bounds)
        if chapter not in self.chapters:
            first = max(self.bounds.oldest // _CHAPTER, chapter - _DIGESTED_AT_ONCE + 1)
            with _limited(self.connection, self.left):
                found = self.search.digest(self.connection, self.bounds, first, chapter, _CHAPTER)
            self.chapters |= dict.fromkeys(range(first, chapter + 1), False) | found
        return self.chapters[chapter]

    @property
    def left(self) -> float:
        """Seconds."""
        return self.end - time.monotonic()


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
