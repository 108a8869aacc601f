"""Agent rows and mailboxes: read, lock, and take what waits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from agents_core.wire import (
    BEGIN,
    Connection,
    Result,
    Statement,
    read_int,
    read_moment,
    read_text,
    run,
)

MAIL_LIMIT = 100
"""How many messages of one agent a turn of many agents takes at most."""
ALONE_LIMIT = 2000
"""How many a turn of one agent takes: what a turn costs by itself is shared by more of them."""


class AgentRow(NamedTuple):
    """A locked or read agent. Times are microseconds since 1970, documents JSON."""

    id: str
    version: int
    incarnation: int
    state: bytes | None
    revision: int
    updated_at: int
    env: bytes | None
    status: str


class MessageRow(NamedTuple):
    """A message that waits."""

    agent_id: str
    id: bytes
    """A UUID as its 16 bytes: objects of thousands would cost more than running them."""
    method: str
    args: bytes
    sender: str | None
    attempts: int
    retry_at: int | None

    @property
    def invocation_id(self) -> str:
        """What log records call it."""
        return str(uuid.UUID(bytes=bytes(self.id)))


@dataclass(slots=True)
class Loaded:
    """What `load` found: locked agents, those that do not exist, their mail, known keys."""

    agents: dict[str, AgentRow]
    missing: set[str]
    taken: set[str]
    mail: dict[str, list[MessageRow]]
    mail_limit: int
    """An agent with so many may have more."""


_AGENT = (
    "SELECT id, version, incarnation, state::text, revision, updated_at, env::text, status "
    "FROM agents_core_agent"
)
_READ = Statement(f"{_AGENT} WHERE id = $1::text")
_READ_MANY = Statement(f"{_AGENT} WHERE id = ANY($1::text[])")
_LOCK = Statement(f"{_AGENT} WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE")
_LOCK_FREE = Statement(
    f"{_AGENT} WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)
# the order of the locks is the order of the ids, as with rows
_OWN_ABSENT = Statement(
    "SELECT id FROM unnest($1::text[]) AS wanted (id) "
    "WHERE pg_try_advisory_xact_lock(hashtextextended(id, 0))"
)
_OWN_ABSENT_WAIT = Statement(
    "SELECT id, pg_advisory_xact_lock(hashtextextended(id, 0)) "
    "FROM (SELECT id FROM unnest($1::text[]) AS wanted (id) ORDER BY id) AS ordered"
)
_MAIL = Statement(
    """
    SELECT m.agent_id, m.id, coalesce(m.method, p.method), coalesce(m.args, p.args)::text,
           coalesce(m.sender, p.sender), m.attempts, m.retry_at
    FROM unnest($1::text[]) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT * FROM agents_core_message WHERE agent_id = wanted.id ORDER BY id LIMIT $2::int
    ) AS m
    LEFT JOIN agents_core_payload p ON p.id = m.payload_id
    ORDER BY m.agent_id, m.id
    """
)
_REVISIONS = Statement(
    "SELECT id, revision, updated_at FROM agents_core_agent WHERE id = ANY($1::text[])"
)
_EXISTING = Statement("SELECT id FROM agents_core_agent WHERE id = ANY($1::text[])")


def read(connection: Connection, agent_id: str) -> AgentRow | None:
    """The last committed row of an agent."""
    rows = _agents(run(connection, _READ(agent_id))[0])
    return rows[0] if rows else None


def read_many(connection: Connection, agent_ids: Sequence[str]) -> dict[str, AgentRow]:
    """The last committed rows of those agents there are, in one statement."""
    return {row.id: row for row in _agents(run(connection, _READ_MANY(agent_ids))[0])}


def revisions(connection: Connection, agent_ids: Sequence[str]) -> list[tuple[str, int, int]]:
    """(id, revision, when it was committed, in microseconds) of those agents there are."""
    result = run(connection, _REVISIONS(agent_ids))[0]
    get = result.get_value
    return [
        (read_text(result.get_value(row, 0)), read_int(get(row, 1)), read_moment(get(row, 2)))
        for row in range(result.ntuples)
    ]


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
    limit = ALONE_LIMIT if len(agent_ids) == 1 else MAIL_LIMIT
    # the mail is read by a statement of its own: its snapshot must be younger than the locks
    steps = [BEGIN()] if begin else []
    *_, locked, mail = run(connection, *steps, lock(agent_ids), _MAIL(agent_ids, limit))
    agents = {row.id: row for row in _agents(locked)}
    messages = _messages(mail)
    absent = [agent_id for agent_id in agent_ids if agent_id not in agents]
    missing: set[str] = set()
    if absent:
        own = _OWN_ABSENT_WAIT if wait else _OWN_ABSENT
        ours, appeared, existing, mail = run(
            connection, own(absent), lock(absent), _EXISTING(absent), _MAIL(absent, limit)
        )
        agents |= {row.id: row for row in _agents(appeared)}
        missing = _ids(ours) - _ids(existing)
        messages = [found for found in messages if found.agent_id not in absent] + _messages(mail)
    waiting: dict[str, list[MessageRow]] = {}
    for message in messages:
        waiting.setdefault(message.agent_id, []).append(message)
    taken = set(absent) - missing - agents.keys()
    return Loaded(agents, missing, taken, waiting, limit)


def _ids(result: Result) -> set[str]:
    return {read_text(result.get_value(row, 0)) for row in range(result.ntuples)}


def _agents(result: Result) -> list[AgentRow]:
    get = result.get_value
    return [
        AgentRow(
            read_text(result.get_value(row, 0)),
            read_int(get(row, 1)),
            read_int(get(row, 2)),
            get(row, 3),
            read_int(get(row, 4)),
            read_moment(get(row, 5)),
            get(row, 6),
            read_text(result.get_value(row, 7)),
        )
        for row in range(result.ntuples)
    ]


_UNTRIED = bytes(2)
"""0 attempts, as a column has it; nearly all messages do."""


def _messages(result: Result) -> list[MessageRow]:
    get = result.get_value
    rows = []
    for row in range(result.ntuples):
        sender, attempts, retry_at = get(row, 4), get(row, 5), get(row, 6)
        rows.append(
            MessageRow(
                (get(row, 0) or b"").decode(),
                get(row, 1) or b"",
                (get(row, 2) or b"").decode(),
                get(row, 3) or b"{}",
                None if sender is None else sender.decode(),
                0 if attempts == _UNTRIED else read_int(attempts),
                None if retry_at is None else read_moment(retry_at),
            )
        )
    return rows


_KNOWN = Statement(
    "SELECT args_hash, outcome::text FROM agents_core_invocation "
    "WHERE agent_id = $1::text AND key = $2::text"
)


def known_invocation(
    connection: Connection, agent_id: str, key: str
) -> tuple[bytes, dict[str, Any]] | None:
    """Argument hash and outcome of a call that was answered before."""
    found = run(connection, _KNOWN(agent_id, key))[0]
    if not found.ntuples:
        return None
    return found.get_value(0, 0) or b"", orjson.loads(found.get_value(0, 1) or b"{}")


_ARRIVED = Statement(
    "SELECT 1 FROM agents_core_message m LEFT JOIN agents_core_payload p ON p.id = m.payload_id "
    "WHERE m.agent_id = $1::text AND coalesce(m.sender, p.sender) = $2::text "
    "AND m.id <> ALL($3::uuid[]) LIMIT 1"
)


def mail_arrived(
    connection: Connection, agent_id: str, sender: str, known: Sequence[bytes]
) -> bool:
    """Whether a sender's mail waits for an agent besides the messages known."""
    return run(connection, _ARRIVED(agent_id, sender, known))[0].ntuples > 0


def waiting(connection: Connection, agent_id: str, limit: int) -> tuple[int, str | None]:
    """How many messages wait for an agent, counted up to `limit`, and its status if it exists."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM "
        "(SELECT 1 FROM agents_core_message WHERE agent_id = %b LIMIT %b) AS counted), "
        "(SELECT status FROM agents_core_agent WHERE id = %b)",
        (agent_id, limit, agent_id),
    ).fetchone()
    return (int(row[0]), row[1]) if row else (0, None)
