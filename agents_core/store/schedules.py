"""Messages that are not due yet."""

from __future__ import annotations

import uuid
from datetime import datetime

from agents_core.wire import Connection


def cancel_schedule(connection: Connection, agent_id: str, name: str) -> bool:
    """Commit the cancellation of what is scheduled under that name; False: nothing is."""
    cancelled = connection.execute(
        "DELETE FROM agents_core_schedule WHERE agent_id = %b AND name = %b", (agent_id, name)
    )
    return cancelled.rowcount > 0


def hold_schedule(connection: Connection, agent_id: str, name: str) -> bool:
    """Whether something is scheduled under that name; held until the transaction ends."""
    row = connection.execute(
        "SELECT 1 FROM agents_core_schedule WHERE agent_id = %b AND name = %b FOR UPDATE",
        (agent_id, name),
    ).fetchone()
    return row is not None


def move_due(connection: Connection, now: datetime, id_: uuid.UUID, limit: int) -> list[str]:
    """Commit the move of due schedules into mailboxes; the agents that have new mail."""
    rows = connection.execute(
        "WITH due AS (DELETE FROM agents_core_schedule s USING ("
        "SELECT agent_id, name FROM agents_core_schedule WHERE due_at <= %b "
        "ORDER BY due_at LIMIT %b FOR UPDATE SKIP LOCKED) d "
        "WHERE s.agent_id = d.agent_id AND s.name = d.name RETURNING s.*) "
        # names of one agent and moment in their order; the id's low bits tell them apart
        "INSERT INTO agents_core_message (agent_id, id, sender, method, args) "
        "SELECT agent_id, overlay(%b::text::text PLACING lpad(to_hex(row_number() OVER "
        "(PARTITION BY agent_id ORDER BY due_at, name)), 8, '0') FROM 29)::uuid, "
        "sender, method, args FROM due RETURNING agent_id",
        (now, limit, str(id_)),
    )
    return sorted({row[0] for row in rows.fetchall()})
