"""All SQL of the runtime. Every function takes the connection it runs on; none commits but `commit`
and the few whose name says so.

Statements over many agents take arrays, a column each.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from agents_core.wire import (
    Connection,
    Result,
    Statement,
    Step,
    blobs,
    int4s,
    int8s,
    moment,
    moments,
    read_int,
    read_moment,
    run,
    text,
    texts,
    uuid_,
    uuids,
)

MAIL_LIMIT = 100


class AgentRow(NamedTuple):
    """A locked or read agent. Times are microseconds since 1970, documents JSON."""

    id: str
    version: int
    incarnation: int
    state: bytes | None
    revision: int
    updated_at: int


class MessageRow(NamedTuple):
    """A message that waits."""

    agent_id: str
    id: uuid.UUID
    method: str
    args: bytes
    sender: str | None
    attempts: int
    retry_at: int | None


@dataclass(slots=True)
class Loaded:
    """What `load` found: locked agents, those that do not exist, their mail, known keys."""

    agents: dict[str, AgentRow]
    missing: set[str]
    taken: set[str]
    mail: dict[str, list[MessageRow]]


_AGENT = "SELECT id, version, incarnation, state::text, revision, updated_at FROM agents_core_agent"
_READ = Statement(f"{_AGENT} WHERE id = $1", text)
_READ_MANY = Statement(f"{_AGENT} WHERE id = ANY($1)", texts)
_BEGIN = Statement("BEGIN")
_COMMIT = Statement("COMMIT")
_LOCK = Statement(f"{_AGENT} WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", texts)
_LOCK_FREE = Statement(
    f"{_AGENT} WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED", texts
)
# the order of the locks is the order of the ids, as with rows
_OWN_ABSENT = Statement(
    "SELECT id FROM unnest($1::text[]) AS wanted (id) "
    "WHERE pg_try_advisory_xact_lock(hashtextextended(id, 0))",
    texts,
)
_OWN_ABSENT_WAIT = Statement(
    "SELECT id, pg_advisory_xact_lock(hashtextextended(id, 0)) "
    "FROM (SELECT id FROM unnest($1::text[]) AS wanted (id) ORDER BY id) AS ordered",
    texts,
)
_MAIL = Statement(
    f"""
    SELECT m.agent_id, m.id, coalesce(m.method, p.method), coalesce(m.args, p.args)::text,
           coalesce(m.sender, p.sender), m.attempts, m.retry_at
    FROM unnest($1::text[]) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT * FROM agents_core_message WHERE agent_id = wanted.id ORDER BY id LIMIT {MAIL_LIMIT}
    ) AS m
    LEFT JOIN agents_core_payload p ON p.id = m.payload_id
    ORDER BY m.agent_id, m.id
    """,
    texts,
)
_EXISTING = Statement("SELECT id FROM agents_core_agent WHERE id = ANY($1)", texts)
_ATTEMPTS = Statement("SELECT id, taken::text FROM agents_core_attempt")


def read(connection: Connection, agent_id: str) -> AgentRow | None:
    """The last committed row of an agent."""
    rows = _agents(run(connection, _READ(agent_id))[0])
    return rows[0] if rows else None


def read_many(connection: Connection, agent_ids: Sequence[str]) -> dict[str, AgentRow]:
    """The last committed rows of those agents there are, in one statement."""
    return {row.id: row for row in _agents(run(connection, _READ_MANY(agent_ids))[0])}


def begin_and_load(connection: Connection, agent_ids: list[str], *, wait: bool) -> Loaded:
    """Begin a transaction and `load` in one round trip."""
    return load(connection, agent_ids, wait=wait, begin=True)


def load(
    connection: Connection, agent_ids: list[str], *, wait: bool, begin: bool = False
) -> Loaded:
    """Lock agents in the order of their ids, and read what waits for them.

    With `wait` a taken lock is waited for; without, its agent is reported as taken. An agent that
    does not exist yet has no row to lock: an advisory lock on its id stands in for it.
    """
    lock = _LOCK if wait else _LOCK_FREE
    # the mail is read by a statement of its own: its snapshot must be younger than the locks
    steps = [_BEGIN()] if begin else []
    *_, locked, mail = run(connection, *steps, lock(agent_ids), _MAIL(agent_ids))
    agents = {row.id: row for row in _agents(locked)}
    messages = _messages(mail)
    absent = [agent_id for agent_id in agent_ids if agent_id not in agents]
    missing: set[str] = set()
    if absent:
        own = _OWN_ABSENT_WAIT if wait else _OWN_ABSENT
        ours, appeared, existing, mail = run(
            connection, own(absent), lock(absent), _EXISTING(absent), _MAIL(absent)
        )
        agents |= {row.id: row for row in _agents(appeared)}
        missing = _ids(ours) - _ids(existing)
        messages = [found for found in messages if found.agent_id not in absent] + _messages(mail)
    waiting: dict[str, list[MessageRow]] = {}
    for message in messages:
        waiting.setdefault(message.agent_id, []).append(message)
    taken = set(absent) - missing - agents.keys()
    return Loaded(agents, missing, taken, waiting)


def attempts(connection: Connection) -> list[tuple[uuid.UUID, dict[str, str]]]:
    """The ledger: what all processes are running, and what dead ones were."""
    found = run(connection, _ATTEMPTS())[0]
    return [
        (uuid.UUID(bytes=found.get_value(row, 0)), orjson.loads(found.get_value(row, 1) or b"{}"))
        for row in range(found.ntuples)
    ]


def _ids(result: Result) -> set[str]:
    return {_str(result, row, 0) for row in range(result.ntuples)}


def _str(result: Result, row: int, column: int) -> str:
    return (result.get_value(row, column) or b"").decode()


def _agents(result: Result) -> list[AgentRow]:
    get = result.get_value
    return [
        AgentRow(
            _str(result, row, 0),
            read_int(get(row, 1)),
            read_int(get(row, 2)),
            get(row, 3),
            read_int(get(row, 4)),
            read_moment(get(row, 5)),
        )
        for row in range(result.ntuples)
    ]


def _messages(result: Result) -> list[MessageRow]:
    get = result.get_value
    rows = []
    for row in range(result.ntuples):
        sender, retry_at = get(row, 4), get(row, 6)
        rows.append(
            MessageRow(
                _str(result, row, 0),
                uuid.UUID(bytes=get(row, 1)),
                _str(result, row, 2),
                get(row, 3) or b"{}",
                None if sender is None else sender.decode(),
                read_int(get(row, 5)),
                None if retry_at is None else read_moment(retry_at),
            )
        )
    return rows


_KNOWN = Statement(
    "SELECT args_hash, outcome::text FROM agents_core_invocation WHERE agent_id = $1 AND key = $2",
    text,
    text,
)


def known_invocation(
    connection: Connection, agent_id: str, key: str
) -> tuple[bytes, dict[str, Any]] | None:
    """Argument hash and outcome of a call that was answered before."""
    found = run(connection, _KNOWN(agent_id, key))[0]
    if not found.ntuples:
        return None
    return found.get_value(0, 0) or b"", orjson.loads(found.get_value(0, 1) or b"{}")


@dataclass(slots=True)
class Writes:
    """Everything a turn writes, as rows; `commit` sends it in one round trip."""

    new_agents: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, type, version, incarnation, state, revision, created_at)"""
    agents: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, state or None where it did not change, revision, updated_at)"""
    oplog: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, index, kind, recorded_at, entry)"""
    put: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, item_key, sort_key, item)"""
    removed: list[tuple[str, str, str]] = field(default_factory=list)
    cleared: list[tuple[str, str]] = field(default_factory=list)
    trimmed: list[tuple[str, str, int]] = field(default_factory=list)
    sent: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, id, sender, method, args)"""
    sent_to_many: list[tuple[Any, ...]] = field(default_factory=list)
    """(id, sender, method, args, created_at, agent ids)"""
    scheduled: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, due_at, sender, method, args)"""
    unscheduled: list[tuple[str, str]] = field(default_factory=list)
    done: list[tuple[str, uuid.UUID]] = field(default_factory=list)
    retried: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, id, attempts, retry_at, last_error)"""
    parked: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, id, attempts, last_error, parked_at)"""
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, key, args_hash, outcome, expires_at)"""
    search: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, type, words, private_words, fields)"""
    unsearched: list[str] = field(default_factory=list)
    attempts: list[uuid.UUID] = field(default_factory=list)


# In the order they must run: an item cleared before it is put anew, a message copied to the dead
# letters before it is deleted. Each takes its rows as one array per column.
_STATEMENTS: tuple[tuple[str, Statement], ...] = (
    (
        "new_agents",
        Statement(
            "INSERT INTO agents_core_agent "
            "(id, type, version, incarnation, state, revision, created_at, updated_at) "
            "SELECT id, type, version, incarnation, state::jsonb, revision, at, at FROM unnest("
            "$1::text[], $2::text[], $3::int[], $4::int8[], $5::text[], $6::int8[], $7::timestamptz[])"
            " AS n (id, type, version, incarnation, state, revision, at)",
            texts,
            texts,
            int4s,
            int8s,
            texts,
            int8s,
            moments,
        ),
    ),
    (
        "agents",
        Statement(
            "UPDATE agents_core_agent a SET state = coalesce(n.state::jsonb, a.state), "
            "revision = n.revision, updated_at = n.at FROM unnest("
            "$1::text[], $2::text[], $3::int8[], $4::timestamptz[]) AS n (id, state, revision, at) "
            "WHERE a.id = n.id",
            texts,
            texts,
            int8s,
            moments,
        ),
    ),
    (
        "oplog",
        Statement(
            "INSERT INTO agents_core_oplog (agent_id, index, kind, recorded_at, entry) "
            "SELECT agent_id, index, kind, at, entry::jsonb FROM unnest("
            "$1::text[], $2::int8[], $3::text[], $4::timestamptz[], $5::text[]) "
            "AS n (agent_id, index, kind, at, entry)",
            texts,
            int8s,
            texts,
            moments,
            texts,
        ),
    ),
    (
        "cleared",
        Statement(
            "DELETE FROM agents_core_item i USING unnest($1::text[], $2::text[]) AS n (agent_id, name)"
            " WHERE i.agent_id = n.agent_id AND i.name = n.name",
            texts,
            texts,
        ),
    ),
    (
        "removed",
        Statement(
            "DELETE FROM agents_core_item i USING unnest($1::text[], $2::text[], $3::text[]) "
            "AS n (agent_id, name, item_key) WHERE i.agent_id = n.agent_id AND i.name = n.name "
            "AND i.item_key = n.item_key",
            texts,
            texts,
            texts,
        ),
    ),
    (
        "put",
        Statement(
            "INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item) "
            "SELECT agent_id, name, item_key, sort_key, item::jsonb FROM unnest("
            "$1::text[], $2::text[], $3::text[], $4::int8[], $5::text[]) "
            "AS n (agent_id, name, item_key, sort_key, item) "
            "ON CONFLICT (agent_id, name, item_key) "
            "DO UPDATE SET sort_key = excluded.sort_key, item = excluded.item",
            texts,
            texts,
            texts,
            int8s,
            texts,
        ),
    ),
    (
        "trimmed",
        Statement(
            "DELETE FROM agents_core_item i USING unnest($1::text[], $2::text[], $3::int[]) "
            "AS n (agent_id, name, newest) CROSS JOIN LATERAL ("
            "SELECT o.sort_key FROM agents_core_item o WHERE o.agent_id = n.agent_id "
            "AND o.name = n.name ORDER BY o.sort_key DESC OFFSET n.newest - 1 LIMIT 1) AS oldest "
            "WHERE i.agent_id = n.agent_id AND i.name = n.name AND i.sort_key < oldest.sort_key",
            texts,
            texts,
            int4s,
        ),
    ),
    (
        "sent",
        Statement(
            "INSERT INTO agents_core_message (agent_id, id, sender, method, args) "
            "SELECT agent_id, id, sender, method, args::jsonb FROM unnest("
            "$1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[]) "
            "AS n (agent_id, id, sender, method, args)",
            texts,
            uuids,
            texts,
            texts,
            texts,
        ),
    ),
    (
        "scheduled",
        Statement(
            "INSERT INTO agents_core_schedule (agent_id, name, due_at, sender, method, args) "
            "SELECT agent_id, name, due_at, sender, method, args::jsonb FROM unnest("
            "$1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) "
            "AS n (agent_id, name, due_at, sender, method, args) "
            "ON CONFLICT (agent_id, name) DO UPDATE SET due_at = excluded.due_at, "
            "sender = excluded.sender, method = excluded.method, args = excluded.args",
            texts,
            texts,
            moments,
            texts,
            texts,
            texts,
        ),
    ),
    (
        "unscheduled",
        Statement(
            "DELETE FROM agents_core_schedule s USING unnest($1::text[], $2::text[]) "
            "AS n (agent_id, name) WHERE s.agent_id = n.agent_id AND s.name = n.name",
            texts,
            texts,
        ),
    ),
    (
        "parked",
        Statement(
            "INSERT INTO agents_core_deadletter "
            "(agent_id, id, sender, method, args, attempts, last_error, parked_at) "
            "SELECT m.agent_id, m.id, coalesce(m.sender, p.sender), coalesce(m.method, p.method), "
            "coalesce(m.args, p.args), n.attempts, n.error, n.at FROM unnest("
            "$1::text[], $2::uuid[], $3::int[], $4::text[], $5::timestamptz[]) "
            "AS n (agent_id, id, attempts, error, at) "
            "JOIN agents_core_message m USING (agent_id, id) "
            "LEFT JOIN agents_core_payload p ON p.id = m.payload_id",
            texts,
            uuids,
            int4s,
            texts,
            moments,
        ),
    ),
    (
        "done",
        Statement(
            "DELETE FROM agents_core_message m USING unnest($1::text[], $2::uuid[]) "
            "AS n (agent_id, id) WHERE m.agent_id = n.agent_id AND m.id = n.id",
            texts,
            uuids,
        ),
    ),
    (
        "retried",
        Statement(
            "UPDATE agents_core_message m SET attempts = n.attempts, retry_at = n.retry_at, "
            "last_error = n.error FROM unnest("
            "$1::text[], $2::uuid[], $3::int[], $4::timestamptz[], $5::text[]) "
            "AS n (agent_id, id, attempts, retry_at, error) "
            "WHERE m.agent_id = n.agent_id AND m.id = n.id",
            texts,
            uuids,
            int4s,
            moments,
            texts,
        ),
    ),
    (
        "outcomes",
        Statement(
            "INSERT INTO agents_core_invocation (agent_id, key, args_hash, outcome, expires_at) "
            "SELECT agent_id, key, args_hash, outcome::jsonb, expires_at FROM unnest("
            "$1::text[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[]) "
            "AS n (agent_id, key, args_hash, outcome, expires_at)",
            texts,
            texts,
            blobs,
            texts,
            moments,
        ),
    ),
    (
        "search",
        Statement(
            "INSERT INTO agents_core_searchentry AS s (agent_id, type, words, private_words, fields) "
            "SELECT agent_id, type, words, private_words, fields::jsonb FROM unnest("
            "$1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) "
            "AS n (agent_id, type, words, private_words, fields) "
            "ON CONFLICT (agent_id) DO UPDATE SET words = excluded.words, "
            "private_words = excluded.private_words, fields = excluded.fields "
            "WHERE (s.words, s.private_words, s.fields) IS DISTINCT FROM "
            "(excluded.words, excluded.private_words, excluded.fields)",
            texts,
            texts,
            texts,
            texts,
            texts,
        ),
    ),
)
_UNSEARCH = Statement("DELETE FROM agents_core_searchentry WHERE agent_id = ANY($1)", texts)
_END_ATTEMPTS = Statement("DELETE FROM agents_core_attempt WHERE id = ANY($1)", uuids)
_ADD_PAYLOAD = Statement(
    "INSERT INTO agents_core_payload (id, sender, method, args, created_at) "
    "VALUES ($1, $2, $3, $4::text::jsonb, $5)",
    uuid_,
    text,
    text,
    text,
    moment,
)
_SEND_TO_MANY = Statement(
    "INSERT INTO agents_core_message (agent_id, id, payload_id) "
    "SELECT target, $1, $1 FROM unnest($2::text[]) AS t (target)",
    uuid_,
    texts,
)


def commit(connection: Connection, writes: Writes) -> None:
    """Write everything and commit, in one round trip."""
    steps = _steps(writes)
    steps.append(_COMMIT())
    run(connection, *steps)


def send(connection: Connection, writes: Writes) -> None:
    """What an outsider sends or schedules, in a transaction of its own."""
    run(connection, _BEGIN(), *_steps(writes), _COMMIT())


def _steps(writes: Writes) -> list[Step]:
    steps = []
    for name, statement in _STATEMENTS:
        rows = getattr(writes, name)
        if rows:
            steps.append(statement(*zip(*rows, strict=True)))
    for id_, sender, method, args, at, targets in writes.sent_to_many:
        steps.append(_ADD_PAYLOAD(id_, sender, method, args, at))
        steps.append(_SEND_TO_MANY(id_, targets))
    if writes.unsearched:
        steps.append(_UNSEARCH(writes.unsearched))
    if writes.attempts:
        steps.append(_END_ATTEMPTS(writes.attempts))
    return steps


def waiting(connection: Connection, agent_id: str, limit: int) -> int:
    """How many messages wait for an agent, counted up to `limit`."""
    row = connection.execute(
        "SELECT count(*) FROM "
        "(SELECT 1 FROM agents_core_message WHERE agent_id = %b LIMIT %b) AS counted",
        (agent_id, limit),
    ).fetchone()
    return int(row[0]) if row else 0


# collections: rows are (item key, item as JSON, sort key)

_ITEMS = "SELECT item_key, item::text, sort_key FROM agents_core_item WHERE agent_id = %b"


def get_items(
    connection: Connection, agent_id: str, name: str, keys: list[str]
) -> list[tuple[str, str, int]]:
    """The items there are of those keys."""
    statement = f"{_ITEMS} AND name = %b AND item_key = ANY(%b)"
    return connection.execute(statement, (agent_id, name, keys), binary=True).fetchall()


def page_items(
    connection: Connection,
    agent_id: str,
    name: str,
    *,
    after: tuple[int, str] | None,
    limit: int,
    oldest_first: bool,
    newest: int | None,
) -> list[tuple[str, str, int]]:
    """So many items by (sort key, item key) behind `after`; `newest` hides what is older."""
    direction, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    statement, parameters = f"{_ITEMS} AND name = %b", [agent_id, name]
    if after is not None:
        statement += f" AND (sort_key, item_key) {beyond} (%b::int8, %b)"
        parameters += after
    if newest is not None:
        statement += (
            " AND sort_key >= coalesce((SELECT o.sort_key FROM agents_core_item o "
            "WHERE o.agent_id = %b AND o.name = %b ORDER BY o.sort_key DESC OFFSET %b LIMIT 1), "
            "-9223372036854775808)"
        )
        parameters += [agent_id, name, newest - 1]
    statement += f" ORDER BY sort_key {direction}, item_key {direction} LIMIT %b"
    return connection.execute(statement, [*parameters, limit], binary=True).fetchall()


def walk_items(
    connection: Connection, agent_id: str, name: str, *, after: str, limit: int
) -> list[tuple[str, str, int]]:
    """So many items by item key behind `after`."""
    statement = f"{_ITEMS} AND name = %b AND item_key > %b ORDER BY item_key LIMIT %b"
    return connection.execute(statement, (agent_id, name, after, limit), binary=True).fetchall()


def count_items(connection: Connection, agent_id: str, name: str) -> int:
    """How many items a collection has."""
    row = connection.execute(
        "SELECT count(*) FROM agents_core_item WHERE agent_id = %b AND name = %b", (agent_id, name)
    ).fetchone()
    return int(row[0]) if row else 0


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


# the ledger of attempts: each statement commits by itself, on a connection of its own


_ADD_ATTEMPT = Statement(
    "INSERT INTO agents_core_attempt (id, taken, started_at) VALUES ($1, $2::text::jsonb, $3)",
    uuid_,
    text,
    moment,
)
_COUNT_ATTEMPT = Statement(
    "UPDATE agents_core_message SET attempts = attempts + 1, last_error = $4 "
    "WHERE agent_id = $2 AND id <= $3 "
    "AND EXISTS (SELECT 1 FROM agents_core_attempt WHERE id = $1 AND taken ? $2)",
    uuid_,
    text,
    uuid_,
    text,
)
_STRIKE_OFF = Statement(
    "UPDATE agents_core_attempt SET taken = taken - $2::text WHERE id = $1", uuid_, text
)
_END_EMPTY = Statement("DELETE FROM agents_core_attempt WHERE id = $1 AND taken = '{}'", uuid_)


def add_attempt(connection: Connection, id_: uuid.UUID, taken: dict[str, str], at: int) -> None:
    """Commit that this process is about to run that mail."""
    run(connection, _ADD_ATTEMPT(id_, orjson.dumps(taken).decode(), at))


def remove_attempts(connection: Connection, ids: Sequence[uuid.UUID]) -> None:
    """Commit that those attempts ended for a reason the mail is not to blame for."""
    run(connection, _END_ATTEMPTS(ids))


def count_attempt(
    connection: Connection, id_: uuid.UUID, agent_id: str, last_taken: str, error: str
) -> None:
    """Commit that a process died running an agent's mail up to that message."""
    run(
        connection,
        _BEGIN(),
        _COUNT_ATTEMPT(id_, agent_id, uuid.UUID(last_taken), error),
        _STRIKE_OFF(id_, agent_id),
        _END_EMPTY(id_),
        _COMMIT(),
    )


# upkeep


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


def agents_with_mail(
    connection: Connection, *, before: uuid.UUID, after: str, now: datetime, limit: int
) -> list[str]:
    """Agents behind `after` whose oldest message is older than the id, and due if it is a retry."""
    rows = connection.execute(
        "SELECT DISTINCT agent_id FROM agents_core_message WHERE agent_id > %b AND id < %b "
        "AND (retry_at IS NULL OR retry_at <= %b) ORDER BY agent_id LIMIT %b",
        (after, before, now, limit),
    )
    return [row[0] for row in rows.fetchall()]


def forget_delays(connection: Connection) -> None:
    """Commit that every retry is due now."""
    connection.execute("UPDATE agents_core_message SET retry_at = NULL WHERE retry_at IS NOT NULL")


def prune(connection: Connection, now: datetime, limit: int) -> int:
    """Delete up to `limit` outcomes past their time, and payloads nobody waits for any more."""
    expired = connection.execute(
        "DELETE FROM agents_core_invocation WHERE ctid = ANY(ARRAY("
        "SELECT ctid FROM agents_core_invocation WHERE expires_at <= %b LIMIT %b))",
        (now, limit),
    ).rowcount
    unused = connection.execute(
        "DELETE FROM agents_core_payload p WHERE p.created_at < %b - interval '1 hour' "
        "AND NOT EXISTS (SELECT 1 FROM agents_core_message m WHERE m.payload_id = p.id)",
        (now,),
    ).rowcount
    return expired + unused


class Search:
    """A search on the index of one type, built condition by condition."""

    def __init__(self, agent_type: str, *, after: str, limit: int) -> None:
        self._where = ["s.type = %b", "s.agent_id > %b"]
        self._values: list[Any] = [agent_type, after]
        self._limit = limit

    def any_word(self, patterns: list[str], private: bool, owner: str | None) -> None:
        """One of the LIKE patterns lies in the words (or, where open, the private words)."""
        likes = [f"%{pattern}%" for pattern in patterns]
        condition = "s.words LIKE ANY (%b::text[])"
        self._values.append(likes)
        if private:
            only = "" if owner is None else " AND s.agent_id = %b"
            condition = f"({condition} OR (s.private_words LIKE ANY (%b::text[]){only}))"
            self._values += [likes] if owner is None else [likes, owner]
        self._where.append(condition)

    def text(self, field: str, pattern: str) -> None:
        """A value of the field holds the pattern; the index on the words narrows it first."""
        self._where.append(
            "s.words LIKE %b AND EXISTS (SELECT 1 FROM "
            "jsonb_array_elements_text(s.fields -> %b::text) v WHERE v LIKE %b)"
        )
        self._values += [f"%{pattern}%", field, f"%{pattern}%"]

    def whole(self, field: str, value: str, owner: str | None) -> None:
        """The field has exactly that value (on the one agent `owner`, if given)."""
        self._where.append("s.fields @> %b::text::jsonb")
        self._values.append(orjson.dumps({field: [value]}).decode())
        if owner is not None:
            self._where.append("s.agent_id = %b")
            self._values.append(owner)

    def member(self, collections: list[str], key: str) -> None:
        """One of the agent's collections has an item of that key."""
        self._where.append(
            "EXISTS (SELECT 1 FROM agents_core_item i WHERE i.agent_id = s.agent_id "
            "AND i.name = ANY(%b::text[]) AND i.item_key = %b)"
        )
        self._values += [collections, key]

    def run(self, connection: Connection) -> list[str]:
        """The ids found, in order."""
        rows = connection.execute(
            "SELECT s.agent_id FROM agents_core_searchentry s "
            f"WHERE {' AND '.join(self._where)} ORDER BY s.agent_id LIMIT %b",
            [*self._values, self._limit],
            binary=True,
        )
        return [row[0] for row in rows.fetchall()]
