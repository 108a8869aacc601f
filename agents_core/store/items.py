"""Collections. Rows are (item key, item as JSON, sort key)."""

from __future__ import annotations

from agents_core.wire import Connection

_ITEMS = "SELECT item_key, item::text, sort_key FROM agents_core_item WHERE agent_id = %b"


def get_items(
    connection: Connection, agent_id: str, name: str, keys: list[str]
) -> list[tuple[str, str, int]]:
    """The items there are of those keys."""
    statement = f"{_ITEMS} AND name = %b AND item_key = ANY(%b)"
    return connection.execute(statement, (agent_id, name, keys), binary=True).fetchall()


def page_items(
    connection: Connection,
    agent_id: str,
    name: str,
    *,
    after: tuple[int, str] | None,
    limit: int,
    oldest_first: bool,
    newest: int | None,
) -> list[tuple[str, str, int]]:
    """So many items by (sort key, item key) behind `after`; `newest` hides what is older."""
    direction, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    statement = f"{_ITEMS} AND name = %b"
    parameters: list[str | int] = [agent_id, name]
    if after is not None:
        statement += f" AND (sort_key, item_key) {beyond} (%b::int8, %b)"
        parameters += after
    if newest is not None:
        statement += (
            " AND sort_key >= coalesce((SELECT o.sort_key FROM agents_core_item o "
            "WHERE o.agent_id = %b AND o.name = %b ORDER BY o.sort_key DESC OFFSET %b LIMIT 1), "
            "-9223372036854775808)"
        )
        parameters += [agent_id, name, newest - 1]
    statement += f" ORDER BY sort_key {direction}, item_key {direction} LIMIT %b"
    return connection.execute(statement, [*parameters, limit], binary=True).fetchall()


def walk_items(
    connection: Connection, agent_id: str, name: str, *, after: str, limit: int
) -> list[tuple[str, str, int]]:
    """So many items by item key behind `after`."""
    statement = f"{_ITEMS} AND name = %b AND item_key > %b ORDER BY item_key LIMIT %b"
    return connection.execute(statement, (agent_id, name, after, limit), binary=True).fetchall()


def count_items(connection: Connection, agent_id: str, name: str) -> int:
    """How many items a collection has."""
    row = connection.execute(
        "SELECT count(*) FROM agents_core_item WHERE agent_id = %b AND name = %b", (agent_id, name)
    ).fetchone()
    return int(row[0]) if row else 0
