"""What the sweeper and the pruner ask and delete."""

from __future__ import annotations

import uuid
from datetime import datetime

from agents_core.wire import Connection


def agents_with_mail(
    connection: Connection, *, before: uuid.UUID, after: str, now: datetime, limit: int
) -> list[str]:
    """Agents behind `after` whose oldest message is older than the id, and due if it is a retry."""
    rows = connection.execute(
        "SELECT DISTINCT agent_id FROM agents_core_message m WHERE agent_id > %b AND id < %b "
        "AND (retry_at IS NULL OR retry_at <= %b) AND NOT EXISTS (SELECT 1 "
        "FROM agents_core_agent a WHERE a.id = m.agent_id AND a.status IN "
        "('interrupted', 'failed')) ORDER BY agent_id LIMIT %b",
        (after, before, now, limit),
    )
    return [row[0] for row in rows.fetchall()]


def stored_versions(connection: Connection) -> list[tuple[str, int]]:
    """Types and versions of which there are agents; none where there is no table yet."""
    if connection.execute("SELECT to_regclass('agents_core_agent')").fetchone() == (None,):
        return []
    # from one pair to the next on the index: there are few pairs and many agents
    rows = connection.execute(
        "WITH RECURSIVE pair AS ("
        "(SELECT type, version FROM agents_core_agent ORDER BY type, version LIMIT 1) "
        "UNION ALL SELECT another.* FROM pair CROSS JOIN LATERAL ("
        "SELECT type, version FROM agents_core_agent "
        "WHERE (type, version) > (pair.type, pair.version) ORDER BY type, version LIMIT 1"
        ") AS another) SELECT type, version FROM pair"
    )
    return [(row[0], row[1]) for row in rows.fetchall()]


def forget_delays(connection: Connection) -> None:
    """Commit that every retry is due now."""
    connection.execute("UPDATE agents_core_message SET retry_at = 'epoch' WHERE retry_at > 'epoch'")


def prune(connection: Connection, now: datetime, limit: int) -> int:
    """Delete up to `limit` outcomes past their time, and payloads nobody waits for any more."""
    expired = connection.execute(
        "DELETE FROM agents_core_invocation WHERE ctid = ANY(ARRAY("
        "SELECT ctid FROM agents_core_invocation WHERE expires_at <= %b LIMIT %b))",
        (now, limit),
    ).rowcount
    unused = connection.execute(
        "DELETE FROM agents_core_payload p WHERE p.created_at < %b - interval '1 hour' "
        "AND NOT EXISTS (SELECT 1 FROM agents_core_message m WHERE m.payload_id = p.id)",
        (now,),
    ).rowcount
    return expired + unused
