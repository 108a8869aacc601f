"""Updates of many agents: their rows, and who is next. Each function commits by itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from agents_core.store.lifecycle import add_operation
from agents_core.store.operators import OperationRow
from agents_core.wire import Connection, transaction


@dataclass(frozen=True, slots=True)
class RolloutRow:
    """An update of many agents, as it stands."""

    id: uuid.UUID
    type: str
    version: int
    mode: str
    from_version: int | None
    only_status: str | None
    canary: float
    max_failures: float
    by: str
    started_at: datetime
    status: str
    in_canary: bool
    after: str
    total: int
    updated: int = 0
    failed: int = 0
    waiting: int = 0
    last_error: str | None = None


_COLUMNS = ", ".join(field.name for field in fields(RolloutRow)).replace(", by,", ', "by",')
# who goes first must not be the first by name: those may be alike
_SHARE = "(hashtextextended(id, 7) & 65535) < %b * 65536"
_WANTED = (
    "type = %b AND version <> %b AND status <> 'exited' "
    "AND (%b::int IS NULL OR version = %b::int) AND (%b::text IS NULL OR status = %b::text)"
)


def _wanted(row: RolloutRow) -> tuple[object, ...]:
    only = (row.from_version, row.from_version, row.only_status, row.only_status)
    return (row.type, row.version, *only)


def count_wanted(connection: Connection, row: RolloutRow) -> int:
    """How many agents it is for."""
    found = connection.execute(
        f"SELECT count(*) FROM agents_core_agent WHERE {_WANTED}".encode(), _wanted(row)
    ).fetchone()
    return int(found[0]) if found else 0


def add_rollout(connection: Connection, row: RolloutRow, noted: OperationRow) -> None:
    """Commit that it is to be done, and who said so."""
    marks = ", ".join(["%b"] * len(fields(RolloutRow)))
    with transaction(connection):
        connection.execute(
            f"INSERT INTO agents_core_rollout ({_COLUMNS}) VALUES ({marks})".encode(), astuple(row)
        )
        add_operation(connection, noted)


def find_rollouts(
    connection: Connection, *, id_: uuid.UUID | None = None, limit: int = 50
) -> list[RolloutRow]:
    """That one, or the newest."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM agents_core_rollout WHERE %b::uuid IS NULL OR id = %b "
        "ORDER BY started_at DESC LIMIT %b".encode(),
        (id_, id_, limit),
    )
    return [RolloutRow(*row) for row in rows.fetchall()]


def running_rollouts(connection: Connection) -> list[uuid.UUID]:
    """Those to be taken further."""
    rows = connection.execute("SELECT id FROM agents_core_rollout WHERE status = 'running'")
    return [row[0] for row in rows.fetchall()]


def claim_rollout(
    connection: Connection, id_: uuid.UUID, now: datetime, until: datetime
) -> tuple[RolloutRow, bool] | None:
    """Commit that this is who takes it further until then, and tell whether who did before never
    came to an end of it; None: another is at it, or it is not running."""
    row = connection.execute(
        "UPDATE agents_core_rollout SET claimed_until = %b WHERE id = %b AND status = 'running' "
        "AND (claimed_until IS NULL OR claimed_until <= %b) "
        f"RETURNING {_COLUMNS}, old.claimed_until IS NOT NULL".encode(),
        (until, id_, now),
    ).fetchone()
    return (RolloutRow(*row[:-1]), row[-1]) if row else None


def count_uncounted(connection: Connection, row: RolloutRow) -> int:
    """How many of those that are next it has updated already."""
    share = _SHARE if row.in_canary else f"NOT {_SHARE}"
    found = connection.execute(
        "SELECT count(*) FROM agents_core_agent a WHERE type = %b AND version = %b AND id > %b "
        f"AND {share} AND EXISTS (SELECT 1 FROM agents_core_operation o WHERE o.agent_id = a.id "
        "AND o.at >= %b AND o.who = %b AND o.operation = 'update')".encode(),
        (row.type, row.version, row.after, row.canary, row.started_at, row.by),
    ).fetchone()
    return int(found[0]) if found else 0


def next_agents(connection: Connection, row: RolloutRow, limit: int) -> list[str]:
    """The agents that are next, in the order of their ids; those of the canary go first."""
    share = _SHARE if row.in_canary else f"NOT {_SHARE}"
    rows = connection.execute(
        f"SELECT id FROM agents_core_agent WHERE {_WANTED} AND id > %b AND {share} "
        "ORDER BY id LIMIT %b".encode(),
        (*_wanted(row), row.after, row.canary, limit),
    )
    return [row[0] for row in rows.fetchall()]


def move_rollout(connection: Connection, row: RolloutRow, until: datetime) -> None:
    """Commit how far it got, unless it was paused meanwhile, and let go of it. Whoever claimed it
    until another time has no say any more."""
    connection.execute(
        "UPDATE agents_core_rollout SET claimed_until = NULL, in_canary = %b, after = %b, "
        "updated = %b, failed = %b, waiting = %b, last_error = %b, "
        "status = CASE WHEN status = 'paused' AND %b = 'running' THEN status ELSE %b END "
        "WHERE id = %b AND claimed_until = %b",
        (
            *(row.in_canary, row.after, row.updated, row.failed, row.waiting, row.last_error),
            *(row.status, row.status, row.id, until),
        ),
    )


def set_rollout_status(
    connection: Connection,
    id_: uuid.UUID,
    status: str,
    before: Sequence[str],
    noted: OperationRow,
) -> bool:
    """Commit that status and who gave it, if it has one of those before."""
    with transaction(connection):
        changed = connection.execute(
            "UPDATE agents_core_rollout SET status = %b, "
            # a pause for failures was looked into: they are not counted again
            "failed = CASE WHEN %b = 'running' THEN 0 ELSE failed END "
            "WHERE id = %b AND status = ANY(%b)",
            (status, status, id_, list(before)),
        )
        if changed.rowcount:
            add_operation(connection, noted)
    return changed.rowcount > 0
