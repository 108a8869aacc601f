"""Lists as catalogues have them: every word, facets, ranges, ranks, sorts, counts, suggestions.

A type is listed by the `headline`, `facets` and `sorts` of its `SearchFields`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agents_core import database, store
from agents_core.collections import CursorNotValid, decode_cursor, encode_cursor
from agents_core.search import (
    BETWEEN,
    Query,
    escape_like,
    facet_key,
    normalise_field,
    sort_key,
)

if TYPE_CHECKING:
    from agents_core.agent import DurableAgent

COUNTED_AT_MOST = 5_000
"""Counting all of a hundred thousand takes a tenth of a second; nobody reads on so far."""
_ELSEWHERE = 3
"""The rank of what has a word outside of its headline; within it there are 0 to 2."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be listed: every word of the query and every filter must hold.

    `text` and `ids` name the fields that the query may filter on. Of each facet one of the values
    must hold; ranges are inclusive, None is open.
    """

    query: Query
    text: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)

    def without_facet(self, name: str) -> Wanted:
        """The same, whatever that facet is."""
        return replace(self, facets={k: v for k, v in self.facets.items() if k != name})


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are found, and how many of each value of the facets, the commonest first.

    Beyond `COUNTED_AT_MOST` `is_all` is false, and the numbers are those of so many of them.
    """

    found: int
    is_all: bool
    facets: dict[str, list[tuple[str, int]]]


def list_agents(
    agent_class: type[DurableAgent],
    wanted: Wanted,
    *,
    sort: str | None = None,
    descending: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[str], str | None]:
    """Ids of agents of a type, and the next cursor.

    In the order of a sort (who has no such value is left out); without one, those first that are
    called what the words say, then those whose headline begins so, has them, and the rest.
    """
    listing = _listing(agent_class, wanted)
    if listing is None:
        return [], None
    rank, place = decode_cursor(cursor) if cursor else (0, "")
    if sort is not None:
        after = _sorted_place(place) if cursor else None
        rows = listing.by_sort(
            database.connection("search"),
            sort,
            descending=descending,
            after=after,
            limit=limit + 1,
        )
        places = [(0, BETWEEN.join(row), row[1]) for row in rows]
    else:
        found = _ranked(listing, wanted.query, (rank, place), limit + 1)
        places = [(row_rank, agent_id, agent_id) for row_rank, agent_id in found]
    more = len(places) > limit
    next_cursor = encode_cursor(*places[limit - 1][:2]) if more else None
    return [place[2] for place in places[:limit]], next_cursor


def count_facets(
    agent_class: type[DurableAgent], wanted: Wanted, names: Sequence[str], *, top: int = 12
) -> Counts:
    """How many are found; of a facet that is picked from, what there would be without it."""
    open_names = [name for name in names if name not in wanted.facets]
    found, counts = _count(agent_class, wanted, open_names, top)
    for name in set(names) - set(open_names):
        counts |= _count(agent_class, wanted.without_facet(name), [name], top)[1]
    return Counts(
        found=min(found, COUNTED_AT_MOST),
        is_all=found <= COUNTED_AT_MOST,
        facets={name: counts[name] for name in names},
    )


def suggest(agent_class: type[DurableAgent], typed: str, limit: int = 5) -> list[tuple[str, str]]:
    """Ids and lower-cased names of those most like what was typed, slips and all."""
    plain = " ".join(typed.replace("\0", "").split()).casefold()[:100]
    if len(plain) < 2:
        return []
    rows = store.suggest(database.connection("search"), agent_class.agent_type, plain, limit)
    return [(agent_id, headline.partition(BETWEEN)[0]) for agent_id, headline in rows]


def _ranked(
    listing: store.Listing, query: Query, after: tuple[int, str], limit: int
) -> list[tuple[int, str]]:
    connection = database.connection("search")
    patterns = [escape_like(word) for word in query.words]
    if not patterns:
        return [(_ELSEWHERE, id_) for id_ in listing.by_id(connection, after[1], limit)]
    rows: list[tuple[int, str]] = []
    if after[0] < _ELSEWHERE:
        first = listing.copy()
        first.headline(patterns, is_in=True)
        rows = first.by_rank(connection, " ".join(patterns), after, limit)
        after = (_ELSEWHERE, "")
    if len(rows) < limit:
        listing.headline(patterns, is_in=False)
        rest = listing.by_id(connection, after[1], limit - len(rows))
        rows += [(_ELSEWHERE, agent_id) for agent_id in rest]
    return rows


def _count(
    agent_class: type[DurableAgent], wanted: Wanted, names: Sequence[str], top: int
) -> tuple[int, dict[str, list[tuple[str, int]]]]:
    listing = _listing(agent_class, wanted)
    if listing is None:
        return 0, {name: [] for name in names}
    found, counts = listing.count(
        database.connection("search"),
        [facet_key(name) for name in names],
        at_most=COUNTED_AT_MOST + 1,
        top=top,
    )
    return found, {name: counts[facet_key(name)] for name in names}


def _listing(agent_class: type[DurableAgent], wanted: Wanted) -> store.Listing | None:
    """The conditions; None where a filter names a field nobody knows."""
    listing = store.Listing(agent_class.agent_type)
    if wanted.query.words:
        listing.words([escape_like(word) for word in wanted.query.words])
    text = {normalise_field(name): known for name, known in wanted.text.items()}
    ids = {normalise_field(name): known for name, known in wanted.ids.items()}
    for name, value in wanted.query.filters:
        if name in text:
            listing.text(text[name], escape_like(value))
        elif name in ids:
            listing.any_of(ids[name], [value])
        else:
            return None
    for name, values in wanted.facets.items():
        listing.any_of(facet_key(name), values)
    for name, (least, most) in wanted.ranges.items():
        listing.between(name, sort_key(least or 0), "~" if most is None else sort_key(most))
    return listing


def _sorted_place(place: str) -> tuple[str, str]:
    value, between, agent_id = place.rpartition(BETWEEN)
    if not between:
        raise CursorNotValid
    return value, agent_id
