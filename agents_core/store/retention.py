"""Pruning of oplogs and of what items were, in batches that hold their agents' locks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from agents_core.wire import Connection, transaction

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


# Times rise with the index: the first entry that is young enough ends what is old. What a full
# oplog has goes before a state point, from which the rest can be replayed. (OFFSET 0: found once.)
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
    ), page.revision) AS index OFFSET 0) AS recent
    LEFT JOIN LATERAL (
        SELECT o.index FROM agents_core_oplog o WHERE %(full)b AND o.agent_id = page.id
        AND o.kind IN ('snapshot', 'revert', 'update') AND o.index <= recent.index
        AND o.recorded_at < %(before)b ORDER BY o.index DESC LIMIT 1
    ) AS point ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN %(full)b THEN point.index ELSE recent.index END AS index OFFSET 0
    ) AS cut
    ORDER BY page.created_at, page.id
"""
_WANTED = "unnest(%(ids)b::text[], %(afters)b::int8[], %(cuts)b::int8[]) AS n (id, after, cut)"
_LOCK = "SELECT id FROM agents_core_agent WHERE id = ANY(%b) ORDER BY id FOR NO KEY UPDATE"
_MARK = f"""
    UPDATE agents_core_oplog o SET entry = o.entry || jsonb_build_object('since', n.cut)
    FROM {_WANTED} WHERE o.agent_id = n.id AND o.index = 1
    AND coalesce((o.entry->>'since')::int8, 0) < n.cut
"""
# The oldest first, so that what is left tells the same life at any moment. What a message that
# still waits for its retry, or an effect that is not answered yet, is told by stays. (Subqueries of
# one row: as joins they might read whole tables for every batch.)
_PRUNE = f"""
    WITH old AS MATERIALIZED (
        SELECT n.id AS agent_id, e.* FROM {_WANTED} CROSS JOIN LATERAL (
            SELECT o.index, o.kind, o.entry FROM agents_core_oplog o WHERE o.agent_id = n.id
            AND o.index > n.after AND o.index < n.cut AND o.kind = ANY(%(pruned)b)
            ORDER BY o.index LIMIT %(limit)b
        ) AS e
    ), gone AS (
        DELETE FROM agents_core_oplog o USING old s
        WHERE o.agent_id = s.agent_id AND o.index = s.index
        AND NOT (s.kind = 'retry' AND coalesce((SELECT true FROM agents_core_message m
            WHERE m.agent_id = s.agent_id AND m.id = (s.entry->>'message')::uuid LIMIT 1), false))
        AND NOT (s.kind = 'command' AND (s.entry ? 'sent' OR s.entry ? 'large') AND EXISTS (
            SELECT FROM jsonb_path_query(
                CASE WHEN s.entry ? 'large' THEN (SELECT l.entry FROM agents_core_largeentry l
                    WHERE l.agent_id = s.agent_id AND l.index = s.index)
                ELSE s.entry END, '$.sent[*] ? (exists(@.then)).effect') AS asked (id)
            WHERE EXISTS (SELECT FROM agents_core_effect f
                WHERE f.agent_id = s.agent_id AND f.id = (asked.id #>> '{{}}')::uuid)
            OR EXISTS (SELECT FROM agents_core_message m
                WHERE m.agent_id = s.agent_id AND m.args->'answer'->'effect' = asked.id)))
        RETURNING o.agent_id, o.index, s.entry ? 'large' AS large
    ), large AS (
        DELETE FROM agents_core_largeentry l USING gone g
        WHERE g.large AND l.agent_id = g.agent_id AND l.index = g.index
    )
    SELECT s.agent_id, max(s.index), count(*), count(g.index)
    FROM old s LEFT JOIN gone g USING (agent_id, index) GROUP BY s.agent_id
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


class Cut(NamedTuple):
    """What of an agent's history is to go: what is between two indices."""

    after: int
    before: int


def prune_histories(
    connection: Connection, cuts: Mapping[str, Cut], *, full: bool, wait: bool, limit: int
) -> dict[str, tuple[int, Cut | None]]:
    """Commit that so many entries, and so many earlier items, of each agent are gone, and in the
    first entry of a full oplog where it goes on from.

    How many entries went and what is left to do, of each agent whose lock was free or, with `wait`,
    came free.
    """
    with transaction(connection):
        lock = _LOCK if wait else f"{_LOCK} SKIP LOCKED"
        ours = [row[0] for row in connection.execute(lock.encode(), (list(cuts),)).fetchall()]
        values = {
            "ids": ours,
            "afters": [cuts[agent_id].after for agent_id in ours],
            "cuts": [cuts[agent_id].before for agent_id in ours],
            "limit": limit,
            "pruned": list(_PRUNED),
        }
        items: dict[str, int] = {}
        if full:
            connection.execute(_MARK, values)
            items = dict(connection.execute(_FORGET_ITEMS, values).fetchall())
        rows = connection.execute(_PRUNE, values).fetchall()
    seen = {agent_id: (last, number, gone) for agent_id, last, number, gone in rows}
    done: dict[str, tuple[int, Cut | None]] = {}
    for agent_id in ours:
        last, number, gone = seen.get(agent_id, (cuts[agent_id].after, 0, 0))
        more = limit in (number, items.get(agent_id))
        done[agent_id] = (gone, Cut(last, cuts[agent_id].before) if more else None)
    return done
