"""Keeps the oplog of a readiness probe short."""

from __future__ import annotations

from agents_core.wire import Connection


def forget_probe_entries(connection: Connection, agent_id: str, before: int) -> int:
    """Delete the agent's entries older than that index; how many there were."""
    return connection.execute(
        "DELETE FROM agents_core_oplog WHERE agent_id = %b AND index < %b",
        (agent_id, before),
    ).rowcount
