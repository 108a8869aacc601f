"""Collections. Rows are (item key, item as JSON, sort key), in the order of (sort key, item key).

`newest` hides all but so many of the newest, `floor` what lies below that place in the order.
`as_of` reads the rows as they were when their owner's revision was that (types with a full oplog).
"""

from __future__ import annotations

from typing import Any

from agents_core.wire import Connection, Statement, read_text, run

_OF_MANY = Statement(
    "SELECT agent_id, item_key, item::text FROM agents_core_item "
    "WHERE agent_id = ANY($1::text[]) AND name = $2::text AND item_key = ANY($3::text[])"
)
_NOW = " FROM agents_core_item WHERE agent_id = %b AND name = %b"
_AS_OF = (
    " FROM (SELECT item_key, sort_key, item FROM agents_core_item "
    "WHERE agent_id = %b AND name = %b AND since <= %b UNION ALL "
    "SELECT item_key, sort_key, item FROM agents_core_itempast "
    "WHERE agent_id = %b AND name = %b AND since <= %b AND until > %b) AS item WHERE true"
)
_FLOOR = " AND (sort_key, item_key) >= (%b::int8, %b)"


class _Query:
    """A statement on one collection, written piece by piece with its parameters."""

    def __init__(self, columns: str, agent_id: str, name: str, as_of: int | None) -> None:
        place: list[Any] = [agent_id, name]
        if as_of is None:
            self._rows, self._place = _NOW, place
        else:
            self._rows, self._place = _AS_OF, [*place, as_of, *place, as_of, as_of]
        self.sql = f"SELECT {columns}{self._rows}"
        self.parameters = list(self._place)

    def add(self, sql: str, *parameters: Any) -> None:
        self.sql += sql
        self.parameters += parameters

    def hide(self, newest: int | None, floor: tuple[int, str] | None) -> None:
        if newest is not None:
            # coalesce: with fewer items than that there is no such place, and all are shown
            self.add(
                f" AND coalesce((sort_key, item_key) >= (SELECT sort_key, item_key{self._rows} "
                "ORDER BY sort_key DESC, item_key DESC OFFSET %b LIMIT 1), true)",
                *self._place,
                newest - 1,
            )
        if floor is not None:
            self.add(_FLOOR, *floor)

    def rows(self, connection: Connection) -> list[tuple[str, str, int]]:
        return connection.execute(self.sql, self.parameters, binary=True).fetchall()


_ROW = "item_key, item::text, sort_key"


def get_items(
    connection: Connection,
    agent_id: str,
    name: str,
    keys: list[str],
    *,
    newest: int | None,
    as_of: int | None = None,
) -> list[tuple[str, str, int]]:
    """The items there are of those keys."""
    query = _Query(_ROW, agent_id, name, as_of)
    query.add(" AND item_key = ANY(%b)", keys)
    query.hide(newest, None)
    return query.rows(connection)


def page_items(
    connection: Connection,
    agent_id: str,
    name: str,
    *,
    after: tuple[int, str] | None,
    limit: int,
    oldest_first: bool,
    newest: int | None,
    floor: tuple[int, str] | None,
    as_of: int | None = None,
) -> list[tuple[str, str, int]]:
    """So many items by (sort key, item key) behind `after`."""
    direction, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    query = _Query(_ROW, agent_id, name, as_of)
    if after is not None:
        query.add(f" AND (sort_key, item_key) {beyond} (%b::int8, %b)", *after)
    query.hide(newest, floor)
    query.add(f" ORDER BY sort_key {direction}, item_key {direction} LIMIT %b", limit)
    return query.rows(connection)


def walk_items(
    connection: Connection,
    agent_id: str,
    name: str,
    *,
    after: str,
    limit: int,
    newest: int | None,
    floor: tuple[int, str] | None,
    as_of: int | None = None,
) -> list[tuple[str, str, int]]:
    """So many items by item key behind `after`."""
    query = _Query(_ROW, agent_id, name, as_of)
    query.add(" AND item_key > %b", after)
    query.hide(newest, floor)
    query.add(" ORDER BY item_key LIMIT %b", limit)
    return query.rows(connection)


def count_items(
    connection: Connection,
    agent_id: str,
    name: str,
    *,
    floor: tuple[int, str] | None,
    as_of: int | None = None,
) -> int:
    """How many items a collection has."""
    query = _Query("count(*)", agent_id, name, as_of)
    query.hide(None, floor)
    row = connection.execute(query.sql, query.parameters).fetchone()
    return int(row[0]) if row else 0


def get_of_many(
    connection: Connection, agent_ids: list[str], name: str, keys: list[str]
) -> list[tuple[str, str, str]]:
    """(agent id, item key, item as JSON) of the items there are of those agents and keys."""
    result = run(connection, _OF_MANY(agent_ids, name, keys))[0]
    get = result.get_value
    return [
        (read_text(get(row, 0)), read_text(get(row, 1)), read_text(get(row, 2)))
        for row in range(result.ntuples)
    ]


def newest_of_many(
    connection: Connection, agent_ids: list[str], name: str, *, before: tuple[int, str], limit: int
) -> list[tuple[str, str, str, int]]:
    """(agent id, *row): so many of several agents' items of one name behind `before`, newest first.

    Each collection is entered by its index and left after `limit` rows: together they are merged.
    """
    return connection.execute(
        "SELECT owner.id, item.* FROM unnest(%b::text[]) AS owner (id) CROSS JOIN LATERAL ("
        f"SELECT {_ROW}{_NOW.replace('agent_id = %b', 'agent_id = owner.id', 1)} "
        "AND (sort_key, item_key) < (%b::int8, %b) "
        "ORDER BY sort_key DESC, item_key DESC LIMIT %b) AS item "
        "ORDER BY sort_key DESC, item_key DESC LIMIT %b",
        [agent_ids, name, *before, limit, limit],
        binary=True,
    ).fetchall()
