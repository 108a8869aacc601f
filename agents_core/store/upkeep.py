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
        "SELECT DISTINCT agent_id FROM agents_core_message WHERE agent_id > %b AND id < %b "
        "AND (retry_at IS NULL OR retry_at <= %b) ORDER BY agent_id LIMIT %b",
        (after, before, now, limit),
    )
    return [row[0] for row in rows.fetchall()]


def forget_delays(connection: Connection) -> None:
    """Commit that every retry is due now."""
    connection.execute("UPDATE agents_core_message SET retry_at = NULL WHERE retry_at IS NOT NULL")


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
