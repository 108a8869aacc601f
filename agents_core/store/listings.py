"""Lists of agents of one type: narrowed, ordered and counted on the index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from agents_core.wire import Connection

_LIKENESSES = ("0.8", "0.6", "0.4")
"""How alike what is suggested is to what was typed: the last, two slips in a word of seven."""
_COMPARED = 1_000
"""Comparing two texts takes tens of microseconds: of a shop full of kettles, not all are."""
_LOOKED_THROUGH = 1_000
"""How much of an order is looked through by itself: some milliseconds."""


class Listing:
    """What is listed, built condition by condition."""

    def __init__(self, agent_type: str) -> None:
        self._type = agent_type
        self._where = ["s.type = %b"]
        self._values: list[Any] = [agent_type]
        self._bounds: dict[str, tuple[str, str]] = {}

    def copy(self) -> Listing:
        """The same conditions, for more of them."""
        copy = Listing(self._type)
        copy._where, copy._values = [*self._where], [*self._values]
        copy._bounds = dict(self._bounds)
        return copy

    def words(self, patterns: list[str]) -> None:
        """Each of the LIKE patterns lies in the words."""
        for pattern in _within(patterns):  # no index serves LIKE ALL
            self._add("s.words LIKE %b", pattern)

    def headline(self, patterns: list[str], *, is_in: bool) -> None:
        """Each of the LIKE patterns lies in the headline, or not every one does."""
        if not is_in:
            missing = "NOT (coalesce(s.headline, '') LIKE ALL (%b::text[]))"
            return self._add(missing, _within(patterns))
        for pattern in _within(patterns):
            self._add("s.headline LIKE %b", pattern)

    def text(self, field: str, pattern: str) -> None:
        """A value of the field holds the pattern; the index on the words narrows it first."""
        self._add(
            "s.words LIKE %b AND EXISTS (SELECT 1 FROM "
            "jsonb_array_elements_text(s.fields -> %b::text) v WHERE v LIKE %b)",
            *(f"%{pattern}%", field, f"%{pattern}%"),
        )

    def any_of(self, field: str, values: Sequence[str]) -> None:
        """The field has one of exactly these values."""
        conditions = ["s.fields @> %b::text::jsonb"] * len(values)
        documents = [orjson.dumps({field: [value]}).decode() for value in values]
        self._add(f"({' OR '.join(conditions)})", *documents)

    def between(self, name: str, least: str, most: str) -> None:
        """The value of that name is no less and no more."""
        self._bounds[name] = (least, most)
        self._add(
            "EXISTS (SELECT 1 FROM agents_core_searchsort r WHERE r.agent_id = s.agent_id "
            "AND r.type = s.type AND r.name = %b AND r.value BETWEEN %b AND %b)",
            *(name, least, most),
        )

    def by_id(self, connection: Connection, after: str, limit: int) -> list[str]:
        """The ids in their order, behind that one."""
        return self._ids(
            connection,
            f"SELECT s.agent_id FROM agents_core_searchentry s WHERE {self._all} "
            "AND s.agent_id > %b ORDER BY s.agent_id LIMIT %b",
            *(after, limit),
        )

    def by_rank(
        self, connection: Connection, whole: str, after: tuple[int, str], limit: int
    ) -> list[tuple[int, str]]:
        """Rank and id: named so (0), so beginning (1), the rest (2); behind that place."""
        rows = connection.execute(
            "SELECT rank, agent_id FROM (SELECT s.agent_id, CASE "
            "WHEN split_part(s.headline, E'\\x1f', 1) LIKE %b THEN 0 "
            "WHEN s.headline LIKE %b THEN 1 ELSE 2 END AS rank "
            f"FROM agents_core_searchentry s WHERE {self._all}) found "
            "WHERE (rank, agent_id) > (%b, %b) ORDER BY rank, agent_id LIMIT %b",
            [whole, f"{whole}%", *self._values, *after, limit],
            binary=True,
        )
        return [(int(row[0]), row[1]) for row in rows.fetchall()]

    def by_sort(
        self,
        connection: Connection,
        name: str,
        *,
        descending: bool,
        after: tuple[str, str] | None,
        limit: int,
    ) -> list[tuple[str, str]]:
        """Value and id in the order of a sort, behind that place.

        The conditions may hold for one in a thousand or for nearly all, and the planner cannot know
        whether they hold where the order begins: an oak table stands far behind an ash one. So the
        first of the order are looked through, which is little work, and is the end of it where they
        hold often; only then all that they hold for are gathered and sorted.
        """
        order = "o.value DESC, o.agent_id DESC" if descending else "o.value, o.agent_id"
        behind, values = "o.type = %b AND o.name = %b", [self._type, name]
        if name in self._bounds:
            behind += " AND o.value BETWEEN %b AND %b"
            values += self._bounds[name]
        if after is not None:
            behind += f" AND (o.value, o.agent_id) {'<' if descending else '>'} (%b, %b)"
            values += after
        found = connection.execute(
            "SELECT o.value, o.agent_id FROM (SELECT o.value, o.agent_id FROM "
            f"agents_core_searchsort o WHERE {behind} ORDER BY {order} LIMIT %b) o "
            f"JOIN agents_core_searchentry s USING (agent_id) WHERE {self._all} "
            f"ORDER BY {order} LIMIT %b",
            [*values, max(_LOOKED_THROUGH, limit), *self._values, limit],
            binary=True,
        ).fetchall()
        if len(found) < limit and len(self._where) > 1:
            found = connection.execute(
                "WITH found AS MATERIALIZED (SELECT s.agent_id FROM agents_core_searchentry s "
                f"WHERE {self._all}) SELECT o.value, o.agent_id FROM found "
                f"JOIN agents_core_searchsort o USING (agent_id) WHERE {behind} "
                f"ORDER BY {order} LIMIT %b",
                [*self._values, *values, limit],
                binary=True,
            ).fetchall()
        return [(row[0], row[1]) for row in found]

    def count(
        self, connection: Connection, fields: Sequence[str], *, at_most: int, top: int
    ) -> tuple[int, dict[str, list[tuple[str, int]]]]:
        """How many there are, and the commonest values of fields, of so many at most."""
        rows = connection.execute(
            "WITH found AS MATERIALIZED (SELECT s.fields FROM agents_core_searchentry s "
            f"WHERE {self._all} LIMIT %b) SELECT NULL, NULL, count(*) FROM found UNION ALL "
            "SELECT field, value, count FROM unnest(%b::text[]) f (field), LATERAL ("
            "SELECT value, count(*) FROM found, jsonb_array_elements_text(found.fields -> f.field) "
            "AS v (value) GROUP BY value ORDER BY count(*) DESC, value LIMIT %b) counted",
            [*self._values, at_most, list(fields), top],
            binary=True,
        ).fetchall()
        counts: dict[str, list[tuple[str, int]]] = {field: [] for field in fields}
        for field, value, number in rows[1:]:
            counts[field].append((value, number))
        return rows[0][2], counts

    @property
    def _all(self) -> str:
        return " AND ".join(self._where)

    def _add(self, condition: str, *values: Any) -> None:
        self._where.append(condition)
        self._values += values

    def _ids(self, connection: Connection, sql: str, *values: Any) -> list[str]:
        rows = connection.execute(sql, [*self._values, *values], binary=True)
        return [row[0] for row in rows.fetchall()]


def suggest(
    connection: Connection, agent_type: str, typed: str, limit: int
) -> list[tuple[str, str]]:
    """Ids and headlines that are most like what was typed, slips and all.

    Where very many are very much like it, the best of some of them.
    """
    rows: list[Any] = []
    with connection.transaction():
        for likeness in _LIKENESSES:
            # the operator that the index knows takes its limit from a setting
            connection.execute(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %b, true)", [likeness]
            )
            rows = connection.execute(
                "SELECT agent_id, headline FROM (SELECT agent_id, headline FROM "
                "agents_core_searchentry WHERE type = %b AND %b <%% headline LIMIT %b) alike "
                "ORDER BY word_similarity(%b, headline) DESC, headline, agent_id LIMIT %b",
                [agent_type, typed, _COMPARED, typed, limit],
                binary=True,
            ).fetchall()
            if len(rows) == limit:
                break
    return [(row[0], row[1]) for row in rows]


def _within(patterns: list[str]) -> list[str]:
    return [f"%{pattern}%" for pattern in patterns]
