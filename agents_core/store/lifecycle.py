"""What operators do to an agent, in the transaction of a turn that holds its lock."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from agents_core import clock
from agents_core.store.history import NEWEST, read_entries
from agents_core.store.operators import OperationRow
from agents_core.wire import Connection

# Schedules go before mail: one that another transaction is moving there is waited for, and is mail
# by then.
_OWNED = (
    "schedule",
    "effect",
    "message",
    "deadletter",
    "invocation",
    "item",
    "itempast",
    "searchentry",
    "searchsort",
    "oplog",
    "largeentry",
    "oplogdigest",
)


class Waiting(NamedTuple):
    """A message that waits, or was parked."""

    id: uuid.UUID
    method: str
    args: Any
    attempts: int


def deleted_since(connection: Connection, agent_id: str, moment: int) -> bool:
    """Whether an agent was deleted at that moment or later."""
    row = connection.execute(
        "SELECT 1 FROM agents_core_operation "
        "WHERE agent_id = %b AND at >= %b AND operation = 'delete' LIMIT 1",
        (agent_id, clock.to_datetime(moment)),
    ).fetchone()
    return row is not None


def operation_done(connection: Connection, agent_id: str, id_: uuid.UUID) -> bool:
    """Whether that operation was committed."""
    row = connection.execute(
        "SELECT 1 FROM agents_core_operation WHERE agent_id = %b AND id = %b",
        (agent_id, id_),
    ).fetchone()
    return row is not None


def add_operation(connection: Connection, row: OperationRow) -> None:
    """Record what somebody did that is no turn of one agent."""
    connection.execute(
        "INSERT INTO agents_core_operation (id, at, who, operation, agent_id, details) "
        "VALUES (%b, %b, %b, %b, %b, %b)",
        (*row[:-1], Jsonb(row.details)),
    )


def delete_agent(connection: Connection, agent_id: str) -> bool:
    """Delete an agent and all that is its; False: there was nothing."""
    found = False
    for table in _OWNED:
        gone = connection.execute(
            f"DELETE FROM agents_core_{table} WHERE agent_id = %b".encode(), (agent_id,)
        )
        found |= gone.rowcount > 0
    gone = connection.execute("DELETE FROM agents_core_agent WHERE id = %b", (agent_id,))
    return found or gone.rowcount > 0


def waiting_message(connection: Connection, agent_id: str, id_: uuid.UUID) -> Waiting | None:
    """A message that waits for an agent."""
    row = connection.execute(
        "SELECT m.id, coalesce(m.method, p.method), coalesce(m.args, p.args), m.attempts "
        "FROM agents_core_message m LEFT JOIN agents_core_payload p ON p.id = m.payload_id "
        "WHERE m.agent_id = %b AND m.id = %b",
        (agent_id, id_),
    ).fetchone()
    return Waiting(*row) if row else None


def updates_waiting(connection: Connection, agent_id: str, method: str) -> set[int]:
    """The versions to which an agent is to be updated by messages that wait."""
    rows = connection.execute(
        "SELECT (args->>'version')::int FROM agents_core_message "
        "WHERE agent_id = %b AND method = %b",
        (agent_id, method),
    )
    return {row[0] for row in rows.fetchall()}


def last_entry(connection: Connection, agent_id: str, kind: str) -> Any:
    """The newest oplog entry of a kind that is rare; None: there is none."""
    row = connection.execute(
        "SELECT entry FROM agents_core_oplog WHERE agent_id = %b AND kind = %b "
        "AND kind <> 'command' ORDER BY index DESC LIMIT 1",
        (agent_id, kind),
    ).fetchone()
    return row[0] if row else None


def was_run(connection: Connection, agent_id: str, id_: uuid.UUID) -> bool:
    """Whether a message was run, or given up on; its id tells since when it can have been."""
    known = connection.execute(
        "SELECT 1 FROM agents_core_deadletter WHERE agent_id = %b AND id = %b "
        "UNION ALL SELECT 1 FROM agents_core_oplog WHERE agent_id = %b AND recorded_at >= %b "
        """AND entry @> jsonb_build_object('message', %b::text) LIMIT 1""",
        (agent_id, id_, agent_id, clock.uuid_time(id_), str(id_)),
    ).fetchone()
    return known is not None


def dead_letter(connection: Connection, agent_id: str, id_: uuid.UUID) -> Waiting | None:
    """A message that was parked."""
    row = connection.execute(
        "SELECT id, method, args, attempts FROM agents_core_deadletter "
        "WHERE agent_id = %b AND id = %b",
        (agent_id, id_),
    ).fetchone()
    return Waiting(*row) if row else None


def redeliver(connection: Connection, agent_id: str, id_: uuid.UUID, args: str | None) -> None:
    """Move a dead letter back into the mailbox, with other arguments if given."""
    connection.execute(
        "WITH letter AS (DELETE FROM agents_core_deadletter WHERE agent_id = %b AND id = %b "
        "RETURNING *) INSERT INTO agents_core_message (agent_id, id, sender, method, args) "
        "SELECT agent_id, id, sender, method, coalesce(%b::text::jsonb, args) FROM letter",
        (agent_id, id_, args),
    )


def discard(connection: Connection, agent_id: str, id_: uuid.UUID) -> None:
    """Delete a dead letter."""
    connection.execute(
        "DELETE FROM agents_core_deadletter WHERE agent_id = %b AND id = %b", (agent_id, id_)
    )


def try_at_once(connection: Connection, agent_id: str) -> None:
    """Wait no longer for the next try of what faulted."""
    connection.execute(
        "UPDATE agents_core_message SET retry_at = 'epoch' WHERE agent_id = %b "
        "AND retry_at > 'epoch'",
        (agent_id,),
    )


def forgive_faults(connection: Connection, agent_id: str) -> None:
    """What faulted is tried as if for the first time."""
    connection.execute(
        "UPDATE agents_core_message SET attempts = 0, retry_at = NULL WHERE agent_id = %b "
        "AND attempts > 0",
        (agent_id,),
    )


def entries(connection: Connection, agent_id: str) -> Iterator[tuple[str, Any]]:
    """Kind and entry of an agent's whole oplog, from the oldest."""
    after = 0
    while page := read_entries(connection, agent_id, after=after, upto=NEWEST, limit=1_000):
        for row in page:
            yield row.kind, row.entry
        after = page[-1].index


def rebuild(connection: Connection, agent_id: str, version: int, status: str) -> bool:
    """Write what the oplog tells into the agent's columns; False: they said so already."""
    changed = connection.execute(
        "UPDATE agents_core_agent a SET version = %b, status = %b, revision = o.last "
        "FROM (SELECT coalesce(max(index), 0) AS last FROM agents_core_oplog "
        "WHERE agent_id = %b) o WHERE a.id = %b "
        "AND (a.version, a.status, a.revision) IS DISTINCT FROM (%b, %b, o.last)",
        (version, status, agent_id, agent_id, version, status),
    )
    return changed.rowcount > 0


def agents_after(connection: Connection, after: str, limit: int) -> list[str]:
    """The ids of agents behind that one, in order."""
    rows = connection.execute(
        "SELECT id FROM agents_core_agent WHERE id > %b ORDER BY id LIMIT %b", (after, limit)
    )
    return [row[0] for row in rows.fetchall()]
