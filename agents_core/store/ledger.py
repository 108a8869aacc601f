"""The ledger of attempts. Each function commits by itself, on a connection of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from agents_core.wire import BEGIN, COMMIT, Connection, Statement, run

_ATTEMPTS = Statement(
    "SELECT id, taken::text, started_at < pg_postmaster_start_time() FROM agents_core_attempt"
)
END_ATTEMPTS = Statement("DELETE FROM agents_core_attempt WHERE id = ANY($1::uuid[])")


class AttemptRow(NamedTuple):
    """A batch of mail some process runs, or ran when it died, or when the database went down."""

    id: uuid.UUID
    taken: dict[str, str]
    cut_off: bool
    """Begun before the database last started: that, not the mail, was the end of it."""


def attempts(connection: Connection) -> list[AttemptRow]:
    """The ledger: what all processes are running, and what dead ones were."""
    found = run(connection, _ATTEMPTS())[0]
    return [
        AttemptRow(
            uuid.UUID(bytes=found.get_value(row, 0)),
            orjson.loads(found.get_value(row, 1) or b"{}"),
            found.get_value(row, 2) == b"\x01",
        )
        for row in range(found.ntuples)
    ]


_ADD_ATTEMPT = Statement(
    "INSERT INTO agents_core_attempt (id, taken, started_at) "
    "VALUES ($1::uuid, $2::text::jsonb, $3::timestamptz)"
)
_COUNT_ATTEMPT = Statement(
    "UPDATE agents_core_message m SET attempts = m.attempts + 1, last_error = $4::text "
    "FROM agents_core_attempt a WHERE a.id = $1::uuid AND a.taken ? $2 "
    "AND m.agent_id = $2::text AND m.id <= $3::uuid "
    # what was waiting for its next try was not taken
    "AND (m.retry_at IS NULL OR m.retry_at <= a.started_at) RETURNING m.id"
)
_STRIKE_OFF = Statement(
    "UPDATE agents_core_attempt SET taken = taken - $2::text WHERE id = $1::uuid"
)
# A row that our own transaction, not yet rolled back, was about to delete is not waited for.
_REMOVE_FREE = Statement(
    "DELETE FROM agents_core_attempt WHERE id = ANY(ARRAY(SELECT id FROM agents_core_attempt "
    "WHERE id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED))"
)
_END_EMPTY = Statement("DELETE FROM agents_core_attempt WHERE id = $1::uuid AND taken = '{}'")


def add_attempt(connection: Connection, id_: uuid.UUID, taken: dict[str, str], at: int) -> None:
    """Commit that this process is about to run that mail."""
    run(connection, _ADD_ATTEMPT(id_, orjson.dumps(taken).decode(), at))


def remove_attempts(connection: Connection, ids: Sequence[uuid.UUID]) -> None:
    """Commit that those attempts ended for a reason the mail is not to blame for."""
    run(connection, _REMOVE_FREE(ids))


def count_attempt(
    connection: Connection, id_: uuid.UUID, agent_id: str, last_taken: str, error: str
) -> set[bytes]:
    """Commit that a process died running an agent's mail up to that message; which messages."""
    _, counted, *_ = run(
        connection,
        BEGIN(),
        _COUNT_ATTEMPT(id_, agent_id, uuid.UUID(last_taken), error),
        _STRIKE_OFF(id_, agent_id),
        _END_EMPTY(id_),
        COMMIT(),
    )
    return {counted.get_value(row, 0) or b"" for row in range(counted.ntuples)}
