"""How long is kept what agents did, and what their items were.

A type says so in `oplog_days`. What is pruned cannot be searched, and no agent be reverted to it.
An agent's first entry stays, and what tells its status and version, so these can be found anew; of
a full oplog, the newest state point that is old enough and all that comes after it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import errors

from agents_core import clock, database, registry, store
from agents_core.agent import DurableAgent
from agents_core.store import Cut

logger = logging.getLogger(__name__)

PAGE = 1_000
"""Agents looked at by one statement."""
TOGETHER = 20
"""Agents pruned, and so locked, by one transaction."""
BATCH = 1_000
"""Entries, and earlier items, of each that go with it."""
Batch = dict[str, tuple[int, Cut | None]]
"""agent id -> entries that went, and what is left to do"""


@dataclass(slots=True)
class Pruned:
    """What a pruning did."""

    agents: int = 0
    """From which something went."""
    entries: int = 0
    """That went, large and small."""
    left: int = 0
    """Agents that others had locked for too long: they are for the next time."""

    def add(self, other: Pruned) -> None:
        """Count it with this."""
        self.agents += other.agents
        self.entries += other.entries
        self.left += other.left


def prune_all() -> Pruned:
    """Prune the agents of every type that says how long to keep what they did."""
    total = Pruned()
    for agent_class in registry.all_types():
        if issubclass(agent_class, DurableAgent) and agent_class.oplog_days is not None:
            total.add(prune(agent_class.agent_type, agent_class.oplog_days))
    return total


def prune(agent_type: str, days: float) -> Pruned:
    """Prune from all agents of a type what is older than so many days, whatever the type says.

    In batches that each hold their agents' locks for a moment; safe to be killed anywhere and to
    run twice at once. Refuses a type that nobody knows (`unknown_agent_type`).
    """
    agent_class: Any = registry.find(agent_type)
    full = getattr(agent_class, "oplog", None) == "full"
    total = Pruned()
    for cuts in _old(agent_type, full=full, before=clock.now() - timedelta(days=days)):
        for first in range(0, len(cuts), TOGETHER):
            total.add(_prune(cuts[first : first + TOGETHER], full=full))
    if total.agents:
        logger.info("pruned %d entries of %d agents %s", total.entries, total.agents, agent_type)
    return total


def _old(agent_type: str, *, full: bool, before: datetime) -> Iterator[list[tuple[str, Cut]]]:
    """Agents with something to prune, and where to cut, page by page."""
    after = (datetime.min.replace(tzinfo=UTC), "")
    while True:
        page = store.old_histories(
            database.connection("search"),
            agent_type,
            full=full,
            before=before,
            after=after,
            limit=PAGE,
        )
        # the first entry stays
        yield [(row.agent_id, Cut(1, row.cut)) for row in page if row.cut is not None]
        if len(page) < PAGE:
            return
        after = (page[-1].created_at, page[-1].agent_id)


def _prune(cuts: list[tuple[str, Cut]], *, full: bool) -> Pruned:
    """Prune these; who is locked by others just now comes last, and is waited for."""
    total = Pruned()
    left = dict(cuts)
    while done := _batch(left, full=full, wait=False):
        _count(total, left, done)
    for agent_id, cut in list(left.items()):
        one = {agent_id: cut}
        try:
            while one and (done := _batch(one, full=full, wait=True)):
                _count(total, one, done)
        except errors.QueryCanceled:
            total.left += 1  # by the time a statement may take
    return total


def _batch(cuts: dict[str, Cut], *, full: bool, wait: bool) -> Batch:
    if not cuts:
        return {}
    connection = database.connection("search")
    return store.prune_histories(connection, cuts, full=full, wait=wait, limit=BATCH)


def _count(total: Pruned, left: dict[str, Cut], done: Batch) -> None:
    for agent_id, (entries, rest) in done.items():
        total.entries += entries
        if rest is None:
            total.agents += 1
            del left[agent_id]
        else:
            left[agent_id] = rest
