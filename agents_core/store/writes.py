"""Everything a turn writes, in one round trip with its commit."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from agents_core.store.item_writes import ItemWrites, item_steps
from agents_core.store.ledger import END_ATTEMPTS
from agents_core.wire import BEGIN, COMMIT, Connection, Statement, Step, run, send_ahead

LARGE_ENTRY = 64 * 1024
"""Characters of an oplog entry that does not go into the oplog's own row."""
_SMALL_VALUE = 500
"""Characters of what that row keeps of it."""


@dataclass(slots=True)
class Writes:
    """Everything a turn writes, as rows; `commit` sends it in one round trip."""

    new_agents: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, type, version, incarnation, state, revision, created_at, env)"""
    agents: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, state or None where it did not change, revision, updated_at)"""
    oplog: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, index, kind, recorded_at, entry)"""
    items: ItemWrites = field(default_factory=ItemWrites)
    """Items that nobody asks for again once they are replaced."""
    kept: ItemWrites = field(default_factory=ItemWrites)
    """Items whose earlier versions are kept: each row ends with the owner's revision."""
    sent: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, id, sender, method, args)"""
    sent_to_many: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, sender, method, args, created_at, agent ids)"""
    scheduled: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, due_at, sender, method, args)"""
    unscheduled: list[tuple[str, str]] = field(default_factory=list)
    done: list[tuple[str, bytes]] = field(default_factory=list)
    retried: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, id, attempts, retry_at, last_error)"""
    parked: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, id, attempts, last_error, parked_at)"""
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, key, args_hash, outcome, expires_at)"""
    search: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, type, words, private_words, fields, headline)"""
    sorts: list[tuple[str, str, str]] = field(default_factory=list)
    """(agent_id, type, name: value as JSON) of agents that lists are sorted by"""
    unsearched: list[str] = field(default_factory=list)
    versions: list[tuple[str, int]] = field(default_factory=list)
    """(agent_id, version) of those that were updated"""
    statuses: list[tuple[str, str]] = field(default_factory=list)
    """(agent_id, status, or "" where it follows from what waits)"""
    operations: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, at, who, operation, agent_id, details)"""
    attempts: list[uuid.UUID] = field(default_factory=list)
    effects: Sequence[tuple[Any, ...]] = ()
    """(agent_id, id, target, method, args, then_method, then_args, asked_at_revision, asked at)"""


# In the order they must run: a message copied to the dead letters before it is deleted. Each takes
# its rows as one array per column.
_STATEMENTS = {
    name: Statement(sql)
    for name, sql in {
        "new_agents": """
            INSERT INTO agents_core_agent
            (id, type, version, incarnation, state, revision, created_at, updated_at, env)
            SELECT id, type, version, incarnation, state::jsonb, revision, at, at, env::jsonb
            FROM unnest(
                $1::text[], $2::text[], $3::int[], $4::int8[], $5::text[], $6::int8[],
                $7::timestamptz[], $8::text[]
            ) AS n (id, type, version, incarnation, state, revision, at, env)
        """,
        "agents": """
            UPDATE agents_core_agent a SET state = coalesce(n.state::jsonb, a.state),
            revision = n.revision, updated_at = n.at FROM unnest(
            $1::text[], $2::text[], $3::int8[], $4::timestamptz[]) AS n (id, state, revision, at)
            WHERE a.id = n.id
        """,
        "sent": """
            INSERT INTO agents_core_message (agent_id, id, sender, method, args)
            SELECT agent_id, id, sender, method, args::jsonb FROM unnest(
            $1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[])
            AS n (agent_id, id, sender, method, args)
        """,
        "scheduled": """
            INSERT INTO agents_core_schedule (agent_id, name, due_at, sender, method, args)
            SELECT agent_id, name, due_at, sender, method, args::jsonb FROM unnest(
            $1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
            AS n (agent_id, name, due_at, sender, method, args)
            ON CONFLICT (agent_id, name) DO UPDATE SET due_at = excluded.due_at,
            sender = excluded.sender, method = excluded.method, args = excluded.args
        """,
        "unscheduled": """
            DELETE FROM agents_core_schedule s USING unnest($1::text[], $2::text[])
            AS n (agent_id, name) WHERE s.agent_id = n.agent_id AND s.name = n.name
        """,
        "parked": """
            INSERT INTO agents_core_deadletter
            (agent_id, id, sender, method, args, attempts, last_error, parked_at)
            SELECT m.agent_id, m.id, coalesce(m.sender, p.sender), coalesce(m.method, p.method),
            coalesce(m.args, p.args), n.attempts, n.error, n.at FROM unnest(
            $1::text[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[])
            AS n (agent_id, id, attempts, error, at)
            JOIN agents_core_message m USING (agent_id, id)
            LEFT JOIN agents_core_payload p ON p.id = m.payload_id
        """,
        "done": """
            DELETE FROM agents_core_message m USING unnest($1::text[], $2::uuid[])
            AS n (agent_id, id) WHERE m.agent_id = n.agent_id AND m.id = n.id
        """,
        "retried": """
            UPDATE agents_core_message m SET attempts = n.attempts, retry_at = n.retry_at,
            last_error = n.error FROM unnest(
            $1::text[], $2::uuid[], $3::int[], $4::timestamptz[], $5::text[])
            AS n (agent_id, id, attempts, retry_at, error)
            WHERE m.agent_id = n.agent_id AND m.id = n.id
        """,
        "outcomes": """
            INSERT INTO agents_core_invocation (agent_id, key, args_hash, outcome, expires_at)
            SELECT agent_id, key, args_hash, outcome::jsonb, expires_at FROM unnest(
            $1::text[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[])
            AS n (agent_id, key, args_hash, outcome, expires_at)
        """,
        "search": """
            INSERT INTO agents_core_searchentry AS s
            (agent_id, type, words, private_words, fields, headline)
            SELECT agent_id, type, words, private_words, fields::jsonb, headline FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
            AS n (agent_id, type, words, private_words, fields, headline)
            ON CONFLICT (agent_id) DO UPDATE SET words = excluded.words, fields = excluded.fields,
            private_words = excluded.private_words, headline = excluded.headline
            WHERE (s.words, s.private_words, s.fields, s.headline) IS DISTINCT FROM
            (excluded.words, excluded.private_words, excluded.fields, excluded.headline)
        """,
        "sorts": """
            WITH n AS (SELECT agent_id, type, v.key AS name, v.value FROM unnest(
            $1::text[], $2::text[], $3::text[]) AS n (agent_id, type, sorts),
            jsonb_each_text(n.sorts::jsonb) v),
            gone AS (DELETE FROM agents_core_searchsort s WHERE s.agent_id = ANY($1::text[])
            AND NOT EXISTS (SELECT 1 FROM n WHERE (n.agent_id, n.name) = (s.agent_id, s.name)))
            INSERT INTO agents_core_searchsort AS s (agent_id, type, name, value)
            SELECT agent_id, type, name, value FROM n
            ON CONFLICT (agent_id, name) DO UPDATE SET value = excluded.value
            WHERE s.value <> excluded.value
        """,
        "versions": """
            UPDATE agents_core_agent a SET version = n.version
            FROM unnest($1::text[], $2::int[]) AS n (id, version) WHERE a.id = n.id
        """,
        "effects": """
            INSERT INTO agents_core_effect (agent_id, id, target, method, args, then_method,
            then_args, asked_at_revision, due_at, created_at)
            SELECT agent_id, id, target, method, args::jsonb, then_method, then_args::jsonb,
            revision, at, at FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[],
            $5::text[], $6::text[], $7::text[], $8::int8[], $9::timestamptz[])
            AS n (agent_id, id, target, method, args, then_method, then_args, revision, at)
        """,
        # the last: it looks at what the others left waiting
        "statuses": """
            UPDATE agents_core_agent a SET status = found.status
            FROM unnest($1::text[], $2::text[]) AS n (id, status)
            CROSS JOIN LATERAL (SELECT CASE
                WHEN n.status <> '' THEN n.status
                WHEN EXISTS (SELECT 1 FROM agents_core_message m WHERE m.agent_id = n.id
                    AND m.attempts > 0 AND m.retry_at IS NOT NULL) THEN 'retrying'
                WHEN EXISTS (SELECT 1 FROM agents_core_effect e WHERE e.agent_id = n.id
                    AND e.then_method IS NOT NULL) THEN 'suspended'
                ELSE 'idle' END) AS found (status)
            WHERE a.id = n.id AND a.status <> found.status
        """,
        "operations": """
            INSERT INTO agents_core_operation (id, at, who, operation, agent_id, details)
            SELECT id, at, who, operation, agent_id, details::jsonb FROM unnest(
            $1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
            AS n (id, at, who, operation, agent_id, details)
        """,
    }.items()
}
_DONE_OF_ONE = Statement(
    # walks the index once, where the join looks each of them up
    "DELETE FROM agents_core_message WHERE agent_id = $1::text AND id = ANY($2::uuid[])"
)
_ADD_ENTRIES = Statement(
    "INSERT INTO agents_core_oplog (agent_id, index, kind, recorded_at, entry) "
    "SELECT agent_id, index, kind, at, entry::jsonb FROM unnest("
    "$1::text[], $2::int8[], $3::text[], $4::timestamptz[], $5::text[]) "
    "AS n (agent_id, index, kind, at, entry)"
)
_ADD_LARGE_ENTRIES = Statement(
    "INSERT INTO agents_core_largeentry (agent_id, index, entry) "
    "SELECT agent_id, index, entry::jsonb FROM unnest($1::text[], $2::int8[], $3::text[]) "
    "AS n (agent_id, index, entry)"
)
_TAKE_BACK, _TAKE_BACK_LARGE = (
    Statement(
        f"DELETE FROM {table} o USING unnest($1::text[], $2::int8[]) AS n (id, revision) "
        "WHERE o.agent_id = n.id AND o.index > n.revision"
    )
    for table in ("agents_core_oplog", "agents_core_largeentry")
)
_UNSEARCH = Statement(
    "WITH sorts AS (DELETE FROM agents_core_searchsort WHERE agent_id = ANY($1::text[])) "
    "DELETE FROM agents_core_searchentry WHERE agent_id = ANY($1::text[])"
)
_ADD_PAYLOAD = Statement(
    "INSERT INTO agents_core_payload (id, sender, method, args, created_at) "
    "VALUES ($1::uuid, $2::text, $3::text, $4::text::jsonb, $5::timestamptz)"
)
_SEND_TO_MANY = Statement(
    "INSERT INTO agents_core_message (agent_id, id, payload_id) "
    "SELECT target, $1::uuid, $1 FROM unnest($2::text[]) AS t (target)"
)


def commit(connection: Connection, writes: Writes) -> None:
    """Write everything and commit, in one round trip."""
    steps = _steps(writes)
    steps.append(COMMIT())
    run(connection, *steps)


def write_ahead(connection: Connection, oplog: list[tuple[Any, ...]]) -> None:
    """Begin to write these entries of the transaction, and do not wait for it."""
    send_ahead(connection, *_oplog_steps(oplog))


def take_back(connection: Connection, written: list[tuple[str, int]]) -> None:
    """Remove the entries that this transaction wrote: of these agents, above these revisions."""
    columns = list(zip(*written, strict=True))
    run(connection, _TAKE_BACK(*columns), _TAKE_BACK_LARGE(*columns))


def send(connection: Connection, writes: Writes) -> None:
    """Commit what an outsider sends or schedules, in a transaction of its own."""
    run(connection, BEGIN(), *_steps(writes), COMMIT())


def _steps(writes: Writes) -> list[Step]:
    # first: a message to many may be done with by the very turn that sends it
    steps = [
        step
        for id_, sender, method, args, at, targets in writes.sent_to_many
        for step in (_ADD_PAYLOAD(id_, sender, method, args, at), _SEND_TO_MANY(id_, targets))
    ]
    if writes.oplog:
        steps += _oplog_steps(writes.oplog)
    steps += item_steps(writes.items, writes.kept)
    for name, statement in _STATEMENTS.items():
        rows = getattr(writes, name)
        if rows:
            columns = list(zip(*rows, strict=True))
            if name == "done" and columns[0].count(columns[0][0]) == len(rows):
                steps.append(_DONE_OF_ONE(columns[0][0], columns[1]))
            else:
                steps.append(statement(*columns))
    if writes.unsearched:
        steps.append(_UNSEARCH(writes.unsearched))
    if writes.attempts:
        steps.append(END_ATTEMPTS(writes.attempts))
    return steps


def _oplog_steps(rows: list[tuple[Any, ...]]) -> list[Step]:
    columns = list(zip(*rows, strict=True))
    if max(map(len, columns[4])) <= LARGE_ENTRY:
        return [_ADD_ENTRIES(*columns)]
    large = [(row[0], row[1], row[4]) for row in rows if len(row[4]) > LARGE_ENTRY]
    columns[4] = tuple(_abridged(entry) for entry in columns[4])
    return [_ADD_ENTRIES(*columns), _ADD_LARGE_ENTRIES(*zip(*large, strict=True))]


def _abridged(entry: str) -> str:
    """What of a large entry stays in the oplog's own row: what is short, and its size."""
    if len(entry) <= LARGE_ENTRY:
        return entry
    values = {
        name: value
        for name, value in orjson.loads(entry).items()
        if len(orjson.dumps(value)) <= _SMALL_VALUE
    }
    return orjson.dumps(values | {"large": len(entry.encode())}).decode()
