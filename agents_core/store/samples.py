"""Figures for operators: what processes counted, what waits, what was given up on."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

from agents_core import clock
from agents_core.wire import Connection


class SampleRow(NamedTuple):
    """What one process counted in some seconds."""

    at: datetime
    process: str
    invocations: int
    refusals: int
    faults: int
    retries: int
    buckets: list[int]
    """Turns by their time."""
    seconds: float
    slowest: float


class BacklogLine(NamedTuple):
    """What waits for agents of one type."""

    type: str
    waiting: int
    oldest: uuid.UUID | None
    """Of those that can be run now."""
    oldest_to_many: uuid.UUID | None
    """Of those among them that were sent to many."""

    def oldest_seconds(self, now: datetime) -> float:
        return age(self.oldest, now)


def age(message: uuid.UUID | None, now: datetime) -> float:
    """The seconds that a message has waited; 0 for none."""
    return max(0.0, (now - clock.moment_of(message)).total_seconds()) if message else 0.0


_COLUMNS = "at, process, invocations, refusals, faults, retries, buckets, seconds, slowest"


def add_sample(connection: Connection, row: SampleRow) -> None:
    """Commit a row."""
    connection.execute(
        f"INSERT INTO agents_core_sample ({_COLUMNS}) VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b)",
        row,
    )


def add_backlog(connection: Connection, at: datetime, waiting: int, oldest: float) -> None:
    """Commit what somebody saw waiting."""
    connection.execute(
        "INSERT INTO agents_core_sample (at, waiting, oldest) VALUES (%b, %b, %b)",
        (at, waiting, oldest),
    )


def samples(connection: Connection, since: datetime) -> list[SampleRow]:
    """What was counted from then on, in no order."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM agents_core_sample WHERE at >= %b AND process IS NOT NULL",
        (since,),
    )
    return [SampleRow(*row) for row in rows.fetchall()]


def backlogs(connection: Connection, since: datetime) -> list[tuple[datetime, int, float]]:
    """What was seen waiting from then on: (at, messages, seconds the oldest had waited)."""
    rows = connection.execute(
        "SELECT at, waiting, oldest FROM agents_core_sample WHERE at >= %b AND waiting IS NOT NULL",
        (since,),
    )
    return [(at, waiting, oldest) for at, waiting, oldest in rows.fetchall()]


def prune_samples(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to `limit` rows that are older; how many."""
    return connection.execute(
        "DELETE FROM agents_core_sample WHERE id = ANY(ARRAY("
        "SELECT id FROM agents_core_sample WHERE at < %b ORDER BY at LIMIT %b))",
        (before, limit),
    ).rowcount


def backlog(connection: Connection, now: datetime) -> list[BacklogLine]:
    """What waits, by type. Mail of agents that are stopped, and what waits for a retry, is counted
    but is not the oldest: nobody is late with it."""
    rows = connection.execute(
        """
        SELECT split_part(m.agent_id, ':', 1), count(*),
        min(m.id::text COLLATE "C") FILTER (WHERE ready),
        min(m.id::text COLLATE "C") FILTER (WHERE ready AND m.payload_id IS NOT NULL)
        FROM agents_core_message m LEFT JOIN (
            SELECT id FROM agents_core_agent WHERE status IN ('interrupted', 'failed')
        ) AS stopped ON stopped.id = m.agent_id
        CROSS JOIN LATERAL (
            SELECT stopped.id IS NULL AND (m.retry_at IS NULL OR m.retry_at <= %b) AS ready
        ) AS r
        GROUP BY 1
        """,
        (now,),
    )
    return [
        BacklogLine(name, count, *(None if id_ is None else uuid.UUID(id_) for id_ in oldest))
        for name, count, *oldest in rows.fetchall()
    ]


def dead_letters(connection: Connection) -> int:
    """How many messages were given up on and wait for an operator."""
    return int(connection.execute("SELECT count(*) FROM agents_core_deadletter").fetchall()[0][0])


def effect_states(connection: Connection, now: datetime) -> dict[str, int]:
    """How many effects are waiting, running and failed; a state that none is in may be missing."""
    rows = connection.execute(
        """
        SELECT CASE WHEN failed_at IS NOT NULL THEN 'failed' WHEN lease_until > %b THEN 'running'
        ELSE 'waiting' END, count(*) FROM agents_core_effect GROUP BY 1
        """,
        (now,),
    )
    return dict(rows.fetchall())


def count_agents(connection: Connection, most: int) -> int:
    """How many agents there are, up to so many."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT FROM agents_core_agent LIMIT %b) AS agent", (most,)
    )
    return int(row.fetchall()[0][0])


def not_idle(connection: Connection) -> dict[str, int]:
    """How many agents have which stored status; the idle ones, which may be many, left out."""
    rows = connection.execute(
        "SELECT status, count(*) FROM agents_core_agent WHERE status <> 'idle' GROUP BY 1"
    )
    return dict(rows.fetchall())
