"""Collections. Rows are (item key, item as JSON, sort key), in the order of (sort key, item key).

`newest` hides all but so many of the newest, `floor` what lies below that place in the order.
"""

from __future__ import annotations

from typing import Any

from agents_core.wire import Connection

_ITEMS = "SELECT item_key, item::text, sort_key FROM agents_core_item WHERE agent_id = %b"
# coalesce: with fewer items than that there is no such place, and all are shown
_NEWEST = (
    " AND coalesce((sort_key, item_key) >= (SELECT o.sort_key, o.item_key "
    "FROM agents_core_item o WHERE o.agent_id = %b AND o.name = %b "
    "ORDER BY o.sort_key DESC, o.item_key DESC OFFSET %b LIMIT 1), true)"
)
_FLOOR = " AND (sort_key, item_key) >= (%b::int8, %b)"


def get_items(
    connection: Connection, agent_id: str, name: str, keys: list[str], *, newest: int | None
) -> list[tuple[str, str, int]]:
    """The items there are of those keys."""
    statement = f"{_ITEMS} AND name = %b AND item_key = ANY(%b)"
    parameters: list[Any] = [agent_id, name, keys]
    if newest is not None:
        statement += _NEWEST
        parameters += [agent_id, name, newest - 1]
    return connection.execute(statement, parameters, binary=True).fetchall()


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
) -> list[tuple[str, str, int]]:
    """So many items by (sort key, item key) behind `after`."""
    direction, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    statement = f"{_ITEMS} AND name = %b"
    parameters: list[str | int] = [agent_id, name]
    if after is not None:
        statement += f" AND (sort_key, item_key) {beyond} (%b::int8, %b)"
        parameters += after
    if newest is not None:
        statement += _NEWEST
        parameters += [agent_id, name, newest - 1]
    if floor is not None:
        statement += _FLOOR
        parameters += floor
    statement += f" ORDER BY sort_key {direction}, item_key {direction} LIMIT %b"
    return connection.execute(statement, [*parameters, limit], binary=True).fetchall()


def walk_items(
    connection: Connection,
    agent_id: str,
    name: str,
    *,
    after: str,
    limit: int,
    newest: int | None,
    floor: tuple[int, str] | None,
) -> list[tuple[str, str, int]]:
    """So many items by item key behind `after`."""
    statement = f"{_ITEMS} AND name = %b AND item_key > %b"
    parameters: list[str | int] = [agent_id, name, after]
    if newest is not None:
        statement += _NEWEST
        parameters += [agent_id, name, newest - 1]
    if floor is not None:
        statement += _FLOOR
        parameters += floor
    statement += " ORDER BY item_key LIMIT %b"
    return connection.execute(statement, [*parameters, limit], binary=True).fetchall()


def count_items(
    connection: Connection, agent_id: str, name: str, *, floor: tuple[int, str] | None
) -> int:
    """How many items a collection has."""
    statement = "SELECT count(*) FROM agents_core_item WHERE agent_id = %b AND name = %b"
    parameters: list[str | int] = [agent_id, name]
    if floor is not None:
        statement += _FLOOR
        parameters += floor
    row = connection.execute(statement, parameters).fetchone()
    return int(row[0]) if row else 0
