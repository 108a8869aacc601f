"""Pruning of oplogs and of what items were, in batches that hold their agents' locks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from agents_core.wire import Connection

_PRUNED = (
    "command",
    "refusal",
    "fault",
    "retry",
    "parked",
    "cancel",
    "redeliver",
    "discard",
    "snapshot",
)
"""Kinds that go. The others are rare and tell an agent's life: status, version, updates."""


class Old(NamedTuple):
    """An agent, and the index before which its history may go."""

    agent_id: str
    created_at: datetime
    cut: int | None
    """None: there is nothing to prune."""


# Whether to keep its later ones, the oldest entries tell: times rise with the index. What a full
# oplog has goes before a state point, from which the rest can be replayed.
_OLD = """
    SELECT page.id, page.created_at, CASE WHEN EXISTS (
        SELECT FROM agents_core_oplog o WHERE o.agent_id = page.id
        AND o.index > 1 AND o.index < cut.index AND o.kind = ANY(%(pruned)b)
    ) OR EXISTS (
        SELECT FROM agents_core_itempast p WHERE p.agent_id = page.id AND p.until <= cut.index
    ) THEN cut.index END
    FROM (
        SELECT id, created_at, revision FROM agents_core_agent
        WHERE type = %(type)b AND created_at < %(before)b AND (created_at, id) > (%(at)b, %(id)b)
        ORDER BY created_at, id LIMIT %(limit)b
    ) AS page
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT o.index FROM agents_core_oplog o WHERE o.agent_id = page.id AND o.index > 1
        AND o.recorded_at >= %(before)b ORDER BY o.index LIMIT 1
    ), page.revision) AS index) AS recent
    LEFT JOIN LATERAL (
        SELECT o.index FROM agents_core_oplog o WHERE %(full)b AND o.agent_id = page.id
        AND o.kind IN ('snapshot', 'revert', 'update') AND o.index <= recent.index
        AND o.recorded_at < %(before)b ORDER BY o.index DESC LIMIT 1
    ) AS point ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN %(full)b THEN point.index ELSE recent.index END AS index
    ) AS cut
    ORDER BY page.created_at, page.id
"""
_WANTED = "unnest(%(ids)b::text[], %(cuts)b::int8[]) AS n (id, cut)"
_LOCK = "SELECT id FROM agents_core_agent WHERE id = ANY(%b) ORDER BY id FOR NO KEY UPDATE"
_MARK = f"""
    UPDATE agents_core_oplog o SET entry = o.entry || jsonb_build_object('since', n.cut)
    FROM {_WANTED} WHERE o.agent_id = n.id AND o.index = 1
    AND coalesce((o.entry->>'since')::int8, 0) < n.cut
"""
# The oldest first, so that what is left tells the same life at any moment. What a message that
# still waits for its retry, or an effect that is not answered yet, is told by stays.
_PRUNE = f"""
    WITH gone AS (
        DELETE FROM agents_core_oplog o USING {_WANTED} CROSS JOIN LATERAL (
            SELECT e.index FROM agents_core_oplog e LEFT JOIN agents_core_largeentry l
            ON e.entry ? 'large' AND l.agent_id = e.agent_id AND l.index = e.index
            WHERE e.agent_id = n.id AND e.index > 1 AND e.index < n.cut
            AND e.kind = ANY(%(pruned)b)
            AND NOT (e.kind = 'retry' AND EXISTS (SELECT FROM agents_core_message m
                WHERE m.agent_id = n.id AND m.id = (e.entry->>'message')::uuid))
            AND NOT (e.kind = 'command' AND (e.entry ? 'sent' OR e.entry ? 'large') AND EXISTS (
                SELECT FROM jsonb_path_query(
                    coalesce(l.entry, e.entry), '$.sent[*] ? (exists(@.then)).effect') AS asked (id)
                WHERE EXISTS (SELECT FROM agents_core_effect f
                    WHERE f.agent_id = n.id AND f.id = (asked.id #>> '{{}}')::uuid)
                OR EXISTS (SELECT FROM agents_core_message m
                    WHERE m.agent_id = n.id AND m.args->'answer'->'effect' = asked.id)))
            ORDER BY e.index LIMIT %(limit)b
        ) AS d WHERE o.agent_id = n.id AND o.index = d.index
        RETURNING o.agent_id, o.index, o.entry ? 'large' AS large
    ), large AS (
        DELETE FROM agents_core_largeentry l USING gone g
        WHERE g.large AND l.agent_id = g.agent_id AND l.index = g.index
    ) SELECT agent_id, count(*) FROM gone GROUP BY agent_id
"""
_FORGET_ITEMS = f"""
    WITH gone AS (
        DELETE FROM agents_core_itempast p USING {_WANTED} CROSS JOIN LATERAL (
            SELECT i.name, i.item_key, i.since FROM agents_core_itempast i
            WHERE i.agent_id = n.id AND i.until <= n.cut LIMIT %(limit)b
        ) AS d WHERE p.agent_id = n.id
        AND (p.name, p.item_key, p.since) = (d.name, d.item_key, d.since)
        RETURNING p.agent_id
    ) SELECT agent_id, count(*) FROM gone GROUP BY agent_id
"""


def old_histories(
    connection: Connection,
    agent_type: str,
    *,
    full: bool,
    before: datetime,
    after: tuple[datetime, str],
    limit: int,
) -> list[Old]:
    """So many agents of a type that existed before then, in the order they were made, behind
    `after`; each with where its history may be cut."""
    values = {
        "type": agent_type,
        "full": full,
        "before": before,
        "at": after[0],
        "id": after[1],
        "limit": limit,
        "pruned": list(_PRUNED),
    }
    return [Old(*row) for row in connection.execute(_OLD, values).fetchall()]


def prune_histories(
    connection: Connection, cuts: Mapping[str, int], *, full: bool, wait: bool, limit: int
) -> dict[str, tuple[int, bool]]:
    """Commit that so many entries, and so many earlier items, of each agent before its cut are
    gone, and in the first entry of a full oplog where it goes on from.

    How many entries went and whether more may be left, of each agent whose lock was free or, with
    `wait`, came free.
    """
    with connection.transaction():
        lock = _LOCK if wait else f"{_LOCK} SKIP LOCKED"
        ours = [row[0] for row in connection.execute(lock.encode(), (list(cuts),)).fetchall()]
        values = {
            "ids": ours,
            "cuts": [cuts[agent_id] for agent_id in ours],
            "limit": limit,
            "pruned": list(_PRUNED),
        }
        items: dict[str, int] = {}
        if full:
            connection.execute(_MARK, values)
            items = dict(connection.execute(_FORGET_ITEMS, values).fetchall())
        entries = dict(connection.execute(_PRUNE, values).fetchall())
    return {
        agent_id: (
            entries.get(agent_id, 0),
            limit in (entries.get(agent_id), items.get(agent_id)),
        )
        for agent_id in ours
    }
