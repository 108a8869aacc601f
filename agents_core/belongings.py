"""What an agent owns beside its document, for operators: collections and what is in them, files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from agents_core import store
from agents_core.agent import DurableAgent
from agents_core.catalogue import Named, identify
from agents_core.collections import Collection, decode_cursor, encode_cursor
from agents_core.errors import NotFound
from agents_core.reading import look
from agents_core.shown import CollectionView, ItemPage, ItemView
from agents_core.wire import Connection

PAGE = 50
COUNTED = 1_000
"""Items of a collection are counted up to this: a follower list may have millions."""


class NoSuchCollection(NotFound):
    """{agent_id} has no collection {name}."""

    code = "collection_not_found"


def collections(agent_id: str) -> list[CollectionView]:
    """The collections of an agent, declared or stored, by name."""
    agent = identify(agent_id)
    declared = _declared(agent)

    def read(connection: Connection) -> list[CollectionView]:
        names = {*declared, *store.collection_names(connection, agent.id)}
        counts = [(n, store.count_up_to(connection, agent.id, n, COUNTED)) for n in sorted(names)]
        return [CollectionView(name=n, items=c, at_least=c == COUNTED) for n, c in counts]

    return look(read)


def items(
    agent_id: str,
    name: str,
    *,
    oldest_first: bool = False,
    cursor: str | None = None,
    limit: int = PAGE,
) -> ItemPage:
    """Items of a collection, as the agent itself would see them."""
    agent = identify(agent_id)
    declared = _declared(agent).get(name)
    after = decode_cursor(cursor) if cursor else None

    def read(connection: Connection) -> list[tuple[str, str, int]]:
        if declared is None and name not in store.collection_names(connection, agent.id):
            raise NoSuchCollection(agent_id=agent.id, name=name)
        return store.page_items(
            connection,
            agent.id,
            name,
            after=after,
            limit=limit + 1,
            oldest_first=oldest_first,
            newest=declared.newest if declared else None,
            floor=None,
        )

    rows = look(read)
    last = rows[limit - 1] if len(rows) > limit else None
    return ItemPage(
        items=[ItemView(key=k, sort=sort, item=orjson.loads(i)) for k, i, sort in rows[:limit]],
        next_cursor=encode_cursor(last[2], last[0]) if last else None,
    )


def _declared(agent: Named) -> Mapping[str, Collection[Any]]:
    found = agent.agent_class
    return found.collections if found and issubclass(found, DurableAgent) else {}
