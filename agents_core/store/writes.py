"""Everything a turn writes, in one round trip with its commit."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from agents_core.store.ledger import END_ATTEMPTS
from agents_core.wire import BEGIN, COMMIT, Connection, Statement, Step, run


@dataclass(slots=True)
class Writes:
    """Everything a turn writes, as rows; `commit` sends it in one round trip."""

    new_agents: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, type, version, incarnation, state, revision, created_at, env)"""
    agents: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, state or None where it did not change, revision, updated_at)"""
    oplog: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, index, kind, recorded_at, entry)"""
    put: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, item_key, sort_key, item)"""
    removed: list[tuple[str, str, str]] = field(default_factory=list)
    cleared: list[tuple[str, str]] = field(default_factory=list)
    trimmed: list[tuple[str, str, int, str]] = field(default_factory=list)
    """(agent_id, name, sort_key, item_key): what lies below that place goes, before any put"""
    outgrown: list[tuple[str, str, int]] = field(default_factory=list)
    """(agent_id, name, newest): all but so many go, after every put"""
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
    """(agent_id, type, words, private_words, fields)"""
    unsearched: list[str] = field(default_factory=list)
    statuses: list[tuple[str, str]] = field(default_factory=list)
    """(agent_id, status, or "" where it follows from what waits)"""
    operations: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, at, who, operation, agent_id, details)"""
    attempts: list[uuid.UUID] = field(default_factory=list)


# In the order they must run: an item cleared before it is put anew, a message copied to the dead
# letters before it is deleted. Each takes its rows as one array per column.
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
        "oplog": """
            INSERT INTO agents_core_oplog (agent_id, index, kind, recorded_at, entry)
            SELECT agent_id, index, kind, at, entry::jsonb FROM unnest(
            $1::text[], $2::int8[], $3::text[], $4::timestamptz[], $5::text[])
            AS n (agent_id, index, kind, at, entry)
        """,
        "cleared": """
            DELETE FROM agents_core_item i USING unnest($1::text[], $2::text[])
            AS n (agent_id, name) WHERE i.agent_id = n.agent_id AND i.name = n.name
        """,
        "removed": """
            DELETE FROM agents_core_item i USING unnest($1::text[], $2::text[], $3::text[])
            AS n (agent_id, name, item_key) WHERE i.agent_id = n.agent_id AND i.name = n.name
            AND i.item_key = n.item_key
        """,
        "trimmed": """
            DELETE FROM agents_core_item i USING unnest(
            $1::text[], $2::text[], $3::int8[], $4::text[])
            AS n (agent_id, name, sort_key, item_key)
            WHERE i.agent_id = n.agent_id AND i.name = n.name
            AND (i.sort_key, i.item_key) < (n.sort_key, n.item_key)
        """,
        "put": """
            INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item)
            SELECT agent_id, name, item_key, sort_key, item::jsonb FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::int8[], $5::text[])
            AS n (agent_id, name, item_key, sort_key, item)
            ON CONFLICT (agent_id, name, item_key)
            DO UPDATE SET sort_key = excluded.sort_key, item = excluded.item
        """,
        "outgrown": """
            DELETE FROM agents_core_item i USING unnest($1::text[], $2::text[], $3::int[])
            AS n (agent_id, name, newest) CROSS JOIN LATERAL (
            SELECT o.sort_key, o.item_key FROM agents_core_item o
            WHERE o.agent_id = n.agent_id AND o.name = n.name
            ORDER BY o.sort_key DESC, o.item_key DESC OFFSET n.newest - 1 LIMIT 1) AS oldest
            WHERE i.agent_id = n.agent_id AND i.name = n.name
            AND (i.sort_key, i.item_key) < (oldest.sort_key, oldest.item_key)
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
            INSERT INTO agents_core_searchentry AS s (agent_id, type, words, private_words, fields)
            SELECT agent_id, type, words, private_words, fields::jsonb FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS n (agent_id, type, words, private_words, fields)
            ON CONFLICT (agent_id) DO UPDATE SET words = excluded.words,
            private_words = excluded.private_words, fields = excluded.fields
            WHERE (s.words, s.private_words, s.fields) IS DISTINCT FROM
            (excluded.words, excluded.private_words, excluded.fields)
        """,
        # the last: it looks at what the others left waiting
        "statuses": """
            UPDATE agents_core_agent a SET status = found.status
            FROM unnest($1::text[], $2::text[]) AS n (id, status)
            CROSS JOIN LATERAL (SELECT CASE
                WHEN n.status <> '' THEN n.status
                WHEN EXISTS (SELECT 1 FROM agents_core_message m WHERE m.agent_id = n.id
                    AND m.attempts > 0 AND m.retry_at IS NOT NULL) THEN 'retrying'
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
_UNSEARCH = Statement("DELETE FROM agents_core_searchentry WHERE agent_id = ANY($1::text[])")
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


def send(connection: Connection, writes: Writes) -> None:
    """What an outsider sends or schedules, in a transaction of its own."""
    run(connection, BEGIN(), *_steps(writes), COMMIT())


def _steps(writes: Writes) -> list[Step]:
    # first: a message to many may be done with by the very turn that sends it
    steps = [
        step
        for id_, sender, method, args, at, targets in writes.sent_to_many
        for step in (_ADD_PAYLOAD(id_, sender, method, args, at), _SEND_TO_MANY(id_, targets))
    ]
    for name, statement in _STATEMENTS.items():
        rows = getattr(writes, name)
        if rows:
            steps.append(statement(*zip(*rows, strict=True)))
    if writes.unsearched:
        steps.append(_UNSEARCH(writes.unsearched))
    if writes.attempts:
        steps.append(END_ATTEMPTS(writes.attempts))
    return steps
