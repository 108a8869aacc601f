"""The ledger of attempts. Each function commits by itself, on a connection of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import orjson

from agents_core.wire import BEGIN, COMMIT, Connection, Statement, run

_ATTEMPTS = Statement("SELECT id, taken::text FROM agents_core_attempt")
END_ATTEMPTS = Statement("DELETE FROM agents_core_attempt WHERE id = ANY($1::uuid[])")


def attempts(connection: Connection) -> list[tuple[uuid.UUID, dict[str, str]]]:
    """The ledger: what all processes are running, and what dead ones were."""
    found = run(connection, _ATTEMPTS())[0]
    return [
        (uuid.UUID(bytes=found.get_value(row, 0)), orjson.loads(found.get_value(row, 1) or b"{}"))
        for row in range(found.ntuples)
    ]


_ADD_ATTEMPT = Statement(
    "INSERT INTO agents_core_attempt (id, taken, started_at) "
    "VALUES ($1::uuid, $2::text::jsonb, $3::timestamptz)"
)
_COUNT_ATTEMPT = Statement(
    "UPDATE agents_core_message SET attempts = attempts + 1, last_error = $4::text "
    "WHERE agent_id = $2::text AND id <= $3::uuid "
    "AND EXISTS (SELECT 1 FROM agents_core_attempt WHERE id = $1::uuid AND taken ? $2)"
)
_STRIKE_OFF = Statement(
    "UPDATE agents_core_attempt SET taken = taken - $2::text WHERE id = $1::uuid"
)
_END_EMPTY = Statement("DELETE FROM agents_core_attempt WHERE id = $1::uuid AND taken = '{}'")


def add_attempt(connection: Connection, id_: uuid.UUID, taken: dict[str, str], at: int) -> None:
    """Commit that this process is about to run that mail."""
    run(connection, _ADD_ATTEMPT(id_, orjson.dumps(taken).decode(), at))


def remove_attempts(connection: Connection, ids: Sequence[uuid.UUID]) -> None:
    """Commit that those attempts ended for a reason the mail is not to blame for."""
    run(connection, END_ATTEMPTS(ids))


def count_attempt(
    connection: Connection, id_: uuid.UUID, agent_id: str, last_taken: str, error: str
) -> None:
    """Commit that a process died running an agent's mail up to that message."""
    run(
        connection,
        BEGIN(),
        _COUNT_ATTEMPT(id_, agent_id, uuid.UUID(last_taken), error),
        _STRIKE_OFF(id_, agent_id),
        _END_EMPTY(id_),
        COMMIT(),
    )
