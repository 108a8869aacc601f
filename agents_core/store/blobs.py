"""What was written to the storage for files, recorded before it is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from agents_core.wire import Connection, Statement, run, transaction


class BlobRow(NamedTuple):
    """A blob, and the file of which agent it was written for."""

    agent_id: str
    id: uuid.UUID
    name: str
    path: str


_ADD = Statement(
    "INSERT INTO agents_core_blob (agent_id, id, name, path, created_at) "
    "VALUES ($1::text, $2::uuid, $3::text, $4::text, $5::timestamptz)"
)
_HOLD = Statement(
    "SELECT 1 FROM agents_core_blob WHERE agent_id = $1::text AND id = $2::uuid "
    "AND name = $3::text FOR KEY SHARE"
)
# By the primary keys: a blob is never named by another agent, or another file.
_NAMED = "({})".format(
    " OR ".join(
        f"EXISTS (SELECT 1 FROM agents_core_{table} i WHERE i.agent_id = b.agent_id "
        "AND i.name = '~files' AND i.item_key = b.name AND i.item->>'blob' = b.id::text)"
        for table in ("item", "itempast")
    )
)


def add_blob(connection: Connection, row: BlobRow, at: int) -> None:
    """Commit that a blob is about to be stored."""
    run(connection, _ADD(row.agent_id, row.id, row.name, row.path, at))


def hold_blob(connection: Connection, agent_id: str, id_: uuid.UUID, name: str) -> bool:
    """Keep a blob of that agent and file from being pruned until this transaction ends; whether it
    is there."""
    return run(connection, _HOLD(agent_id, id_, name))[0].ntuples > 0


def old_blobs(
    connection: Connection, after: tuple[str, uuid.UUID], before: datetime, limit: int
) -> list[tuple[BlobRow, bool]]:
    """So many blobs older than that, behind a place, each with whether a file holds it."""
    rows = connection.execute(
        f"SELECT b.agent_id, b.id, b.name, b.path, {_NAMED} FROM agents_core_blob b "
        "WHERE (b.agent_id, b.id) > (%b, %b) AND b.created_at < %b "
        "ORDER BY b.agent_id, b.id LIMIT %b",
        (*after, before, limit),
    )
    return [(BlobRow(*row[:4]), row[4]) for row in rows.fetchall()]


@contextmanager
def held_orphans(connection: Connection, rows: Sequence[BlobRow]) -> Iterator[list[BlobRow]]:
    """In a transaction, those of these blobs that no file holds, locked; what others hold is left
    out. It is committed at the end, rolled back by an exception."""
    keys = ([row.agent_id for row in rows], [row.id for row in rows])
    with transaction(connection):
        # what is named is asked by a statement of its own, younger than the locks: a command that
        # held a blob until now has committed its item
        locked = connection.execute(
            "SELECT b.id FROM agents_core_blob b "
            "JOIN unnest(%b::text[], %b::uuid[]) AS n (agent_id, id) USING (agent_id, id) "
            "FOR UPDATE OF b SKIP LOCKED",
            keys,
        ).fetchall()
        held = connection.execute(
            f"SELECT b.agent_id, b.id, b.name, b.path FROM agents_core_blob b "
            "JOIN unnest(%b::text[], %b::uuid[]) AS n (agent_id, id) USING (agent_id, id) "
            f"WHERE b.id = ANY(%b) AND NOT {_NAMED}",
            (*keys, [row[0] for row in locked]),
        ).fetchall()
        yield [BlobRow(*row) for row in held]


def forget_blobs(connection: Connection, rows: Sequence[BlobRow]) -> None:
    """Strike off blobs that are not stored any more."""
    connection.execute(
        "DELETE FROM agents_core_blob b USING unnest(%b::text[], %b::uuid[]) AS n (agent_id, id) "
        "WHERE b.agent_id = n.agent_id AND b.id = n.id",
        ([row.agent_id for row in rows], [row.id for row in rows]),
    )
