"""The collections of many agents read together, whatever the number of agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from agents_core import database, store
from agents_core.agent import DurableAgent
from agents_core.collections import Collection, Entry, decode_cursor
from agents_core.engine import on_connection
from agents_core.reading import look

T = TypeVar("T")


def newest_of_many(
    agent_class: type[DurableAgent],
    collection: Collection[T],
    keys: Sequence[str],
    *,
    limit: int,
    cursor: str,
) -> list[tuple[str, Entry[T]]]:
    """So many items of these agents' collections behind the cursor, newest first, each with its
    agent's key. One statement, by the index of each collection; of the last commit."""
    ids = {agent_class.id_of(key): key for key in keys}
    before = decode_cursor(cursor)
    rows = look(
        lambda connection: store.newest_of_many(
            connection, list(ids), collection.name, before=before, limit=limit
        )
    )
    items = collection.list_adapter.validate_json(f"[{','.join([row[2] for row in rows])}]")
    return [
        (ids[row[0]], Entry(row[1], item, row[3])) for row, item in zip(rows, items, strict=True)
    ]


def get_of_many(
    agent_class: type[DurableAgent],
    collection: Collection[T],
    keys: Sequence[str],
    item_keys: Sequence[str],
) -> dict[str, dict[str, T]]:
    """By agent's key, the items there are of those item keys; agents without any are left out.

    One statement; of the last commit. Not for collections that keep the newest so many.
    """
    ids = {agent_class.id_of(key): key for key in keys}
    rows = on_connection(
        lambda: store.get_of_many(
            database.connection(), list(ids), collection.name, list(item_keys)
        ),
        "the database",
    )
    items = collection.list_adapter.validate_json(f"[{','.join([row[2] for row in rows])}]")
    found: dict[str, dict[str, T]] = {}
    for (agent_id, item_key, _), item in zip(rows, items, strict=True):
        found.setdefault(ids[agent_id], {})[item_key] = item
    return found
