"""What operators look at: agents by filter, mailboxes, dead letters, collections."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from agents_core.wire import Connection


@dataclass(frozen=True, slots=True)
class AgentFilter:
    """Which agents are listed; what is None or empty is not asked for."""

    type: str | None = None
    version: int | None = None
    status: str | None = None
    ids: tuple[str, ...] = ()
    """Each of these must be the id, in lower case."""
    patterns: tuple[str, ...] = ()
    """One of these LIKE patterns must match the id in lower case."""
    updated_before: datetime | None = None
    waiting: bool = False
    """Only those for which mail waits."""


class ListedRow(NamedTuple):
    """An agent in a list."""

    id: str
    type: str
    version: int
    status: str
    revision: int
    created_at: datetime
    updated_at: datetime
    pending: int


class ShownRow(NamedTuple):
    """An agent on a page of its own."""

    listed: ListedRow
    incarnation: int
    env: str | None
    """What it was created with, as JSON."""
    state: str | None
    """Its document, as JSON."""


class OperationRow(NamedTuple):
    """What an operator did."""

    id: uuid.UUID
    at: datetime
    who: str
    operation: str
    agent_id: str
    details: Any


class MailRow(NamedTuple):
    """A message, schedule, effect or dead letter. `key` is its place among those of its agent."""

    agent_id: str
    key: str
    sender: str | None
    method: str
    args: str
    attempts: int
    last_error: str | None
    at: datetime | None
    """When it is tried (again), is due, or was given up."""
    is_effect: bool = False
    """Among dead letters: it is an effect that failed."""


_RUNNABLE = (
    "EXISTS (SELECT FROM agents_core_message r WHERE r.agent_id = a.id "
    "AND (r.retry_at IS NULL OR r.retry_at <= %b))"
)
# what has mail that can be run is running, and not stored as such
_COLUMNS = (
    "a.id, a.type, a.version, "
    f"CASE WHEN a.status IN ('idle', 'suspended') AND {_RUNNABLE} THEN 'running' ELSE a.status END "
    "AS status, a.revision, a.created_at, a.updated_at"
)
_PENDING = "(SELECT count(*) FROM agents_core_message m WHERE m.agent_id = a.id)"
_TYPES = """
    WITH RECURSIVE types (type) AS (
        SELECT min(type) FROM agents_core_agent
        UNION ALL
        SELECT (SELECT min(a.type) FROM agents_core_agent a WHERE a.type > types.type)
        FROM types WHERE types.type IS NOT NULL
    )
"""
"""The types there are, by as many looks into the index."""
_ONE_TYPE = "WITH types (type) AS (SELECT %b::text)"
# the newest of each type off its index, then the newest of these; mail is counted for those alone
_LIST = f"""
    {{types}}
    SELECT {_COLUMNS}, {_PENDING} FROM (
        SELECT n.* FROM types CROSS JOIN LATERAL (
            SELECT a.id, a.type, a.version, a.status, a.revision, a.created_at, a.updated_at
            FROM agents_core_agent a WHERE a.type = types.type{{where}}
            ORDER BY a.created_at DESC, a.id DESC LIMIT %b
        ) AS n ORDER BY n.created_at DESC, n.id DESC LIMIT %b
    ) AS a ORDER BY a.created_at DESC, a.id DESC
"""


def list_agents(
    connection: Connection,
    wanted: AgentFilter,
    *,
    now: datetime,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[ListedRow]:
    """So many agents that pass the filter, the newest first, from (created at, id) on."""
    where, values = _conditions(wanted, now)
    if before is not None:
        where.append("(a.created_at, a.id) < (%b, %b)")
        values += before
    types, type_values = (_TYPES, []) if wanted.type is None else (_ONE_TYPE, [wanted.type])
    rows = connection.execute(
        _LIST.format(types=types, where="".join(f" AND {one}" for one in where)),
        [*type_values, now, *values, limit, limit],
        binary=True,
    )
    return [ListedRow(*row) for row in rows.fetchall()]


def _conditions(wanted: AgentFilter, now: datetime) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if wanted.version is not None:
        where.append("a.version = %b")
        values.append(wanted.version)
    for agent_id in wanted.ids:
        where.append("lower(a.id) = lower(%b)")
        values.append(agent_id)
    if wanted.patterns:
        where.append("lower(a.id) LIKE ANY(%b::text[])")
        values.append(list(wanted.patterns))
    if wanted.updated_before is not None:
        where.append("a.updated_at < %b")
        values.append(wanted.updated_before)
    if wanted.waiting:
        where.append("EXISTS (SELECT FROM agents_core_message w WHERE w.agent_id = a.id)")
    match wanted.status:
        case None:
            pass
        case "running":
            where.append(f"a.status IN ('idle', 'suspended') AND {_RUNNABLE}")
            values.append(now)
        case "idle" | "suspended":
            where.append(f"a.status = %b AND NOT {_RUNNABLE}")
            values += [wanted.status, now]
        case stored:
            where.append("a.status = %b")
            values.append(stored)
    return where, values


def show_agent(connection: Connection, agent_id: str, now: datetime) -> ShownRow | None:
    """One agent as in a list, and what only its own page shows."""
    row = connection.execute(
        f"SELECT {_COLUMNS}, {_PENDING}, a.incarnation, a.env::text, a.state::text "
        "FROM agents_core_agent a WHERE a.id = %b",
        (now, agent_id),
        binary=True,
    ).fetchone()
    return None if row is None else ShownRow(ListedRow(*row[:-3]), *row[-3:])


def list_operations(
    connection: Connection,
    agent_id: str | None,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[OperationRow]:
    """What operators did (to an agent), the newest first, from (at, id) on."""
    where, values = ["true"], list[Any]()
    if agent_id is not None:
        where.append("agent_id = %b")
        values.append(agent_id)
    if before is not None:
        where.append("(at, id) < (%b, %b::uuid)")
        values += before
    rows = connection.execute(
        "SELECT id, at, who, operation, agent_id, details FROM agents_core_operation "
        f"WHERE {' AND '.join(where)} ORDER BY at DESC, id DESC LIMIT %b",
        [*values, limit],
    )
    return [OperationRow(*row) for row in rows.fetchall()]


_MAILBOX = (
    "SELECT m.agent_id, m.id::text, coalesce(m.sender, p.sender), "
    "coalesce(m.method, p.method), coalesce(m.args, p.args)::text, m.attempts, m.last_error, "
    "m.retry_at FROM agents_core_message m LEFT JOIN agents_core_payload p ON p.id = m.payload_id"
)
_SCHEDULES = (
    "SELECT agent_id, name, sender, method, args::text, 0, NULL, due_at FROM agents_core_schedule"
)
_DEAD = (
    "SELECT agent_id, id::text, sender, method, args::text, attempts, last_error, parked_at "
    "FROM agents_core_deadletter"
)


def list_messages(
    connection: Connection, agent_id: str, *, after: str | None, limit: int
) -> list[MailRow]:
    """What waits in a mailbox, in its order, behind the message of that id."""
    rows = connection.execute(
        f"{_MAILBOX} WHERE m.agent_id = %b AND m.id > %b ORDER BY m.id LIMIT %b",
        (agent_id, _uuid(after), limit),
    )
    return [MailRow(*row) for row in rows.fetchall()]


def list_schedules(
    connection: Connection, agent_id: str, *, after: str | None, limit: int
) -> list[MailRow]:
    """What is scheduled for an agent, by name, behind that name."""
    rows = connection.execute(
        f"{_SCHEDULES} WHERE agent_id = %b AND name > %b ORDER BY name LIMIT %b",
        (agent_id, after or "", limit),
    )
    return [MailRow(*row) for row in rows.fetchall()]


_EFFECT = (
    "SELECT agent_id, id::text, NULL, target || '.' || method, args::text, attempts, last_error, "
    "coalesce(failed_at, due_at) FROM agents_core_effect"
)


def list_effects(
    connection: Connection, agent_id: str, *, after: str | None, limit: int
) -> list[MailRow]:
    """Effects an agent asked for that are to be run, or are being run, in the order asked."""
    rows = connection.execute(
        f"{_EFFECT} WHERE agent_id = %b AND id > %b AND failed_at IS NULL ORDER BY id LIMIT %b",
        (agent_id, _uuid(after), limit),
    )
    return [MailRow(*row) for row in rows.fetchall()]


def list_failed_effects(
    connection: Connection, agent_id: str, *, after: str | None, limit: int
) -> list[MailRow]:
    """Effects an agent asked for that failed with nobody to tell, in the order asked."""
    rows = connection.execute(
        f"{_EFFECT} WHERE agent_id = %b AND id > %b AND failed_at IS NOT NULL ORDER BY id LIMIT %b",
        (agent_id, _uuid(after), limit),
    )
    return [MailRow(*row) for row in rows.fetchall()]


def list_dead_letters(
    connection: Connection, agent_id: str, *, after: str | None, limit: int
) -> list[MailRow]:
    """An agent's dead letters in the order sent, behind the one of that id."""
    rows = connection.execute(
        f"{_DEAD} WHERE agent_id = %b AND id > %b ORDER BY id LIMIT %b",
        (agent_id, _uuid(after), limit),
    )
    return [MailRow(*row) for row in rows.fetchall()]


def find_message(connection: Connection, agent_id: str, key: str) -> MailRow | None:
    """The message of that id that waits for an agent."""
    return _find(connection, f"{_MAILBOX} WHERE m.agent_id = %b AND m.id = %b", agent_id, key)


def find_schedule(connection: Connection, agent_id: str, key: str) -> MailRow | None:
    """What is scheduled for an agent under that name."""
    row = connection.execute(f"{_SCHEDULES} WHERE agent_id = %b AND name = %b", (agent_id, key))
    found = row.fetchone()
    return MailRow(*found) if found else None


def find_failed_effect(connection: Connection, agent_id: str, key: str) -> MailRow | None:
    """The effect of that id that failed with nobody to tell."""
    where = "WHERE agent_id = %b AND id = %b AND failed_at IS NOT NULL"
    return _find(connection, f"{_EFFECT} {where}", agent_id, key)


def find_dead_letter(connection: Connection, agent_id: str, key: str) -> MailRow | None:
    """The dead letter of that id."""
    return _find(connection, f"{_DEAD} WHERE agent_id = %b AND id = %b", agent_id, key)


def _find(connection: Connection, reading: str, agent_id: str, key: str) -> MailRow | None:
    try:
        id_ = uuid.UUID(key)
    except ValueError:
        return None  # a name, or nothing of ours
    row = connection.execute(reading, (agent_id, id_)).fetchone()
    return MailRow(*row) if row else None


_GIVEN_UP = """
SELECT agent_id, id::text, sender, method, args::text, attempts, last_error, at, is_effect
FROM (
    SELECT agent_id, id, sender, method, args, attempts, last_error, parked_at, false
    FROM agents_core_deadletter
    UNION ALL
    SELECT agent_id, id, NULL, target || '.' || method, args, attempts, last_error, failed_at, true
    FROM agents_core_effect
    WHERE failed_at IS NOT NULL
) AS given_up (agent_id, id, sender, method, args, attempts, last_error, at, is_effect)
"""


def all_dead_letters(
    connection: Connection,
    *,
    type_name: str | None,
    before: tuple[datetime, str, str] | None,
    limit: int,
) -> list[MailRow]:
    """Dead letters and failed effects of all agents (of a type), the last given up first."""
    where, values = ["true"], list[Any]()
    if type_name is not None:
        where.append("agent_id >= %b AND agent_id < %b")
        values += [f"{type_name}:", f"{type_name};"]  # what follows the colon
    if before is not None:
        where.append("(at, agent_id, id) < (%b, %b, %b::uuid)")
        values += before
    rows = connection.execute(
        f"{_GIVEN_UP} WHERE {' AND '.join(where)} ORDER BY at DESC, agent_id DESC, id DESC "
        "LIMIT %b",
        [*values, limit],
    )
    return [MailRow(*row) for row in rows.fetchall()]


def collection_names(connection: Connection, agent_id: str) -> list[str]:
    """The collections in which an agent has items, by as many looks into the index."""
    rows = connection.execute(
        "WITH RECURSIVE names (name) AS ("
        "SELECT min(name) FROM agents_core_item WHERE agent_id = %b UNION ALL "
        "SELECT (SELECT min(i.name) FROM agents_core_item i "
        "WHERE i.agent_id = %b AND i.name > names.name) FROM names WHERE names.name IS NOT NULL) "
        "SELECT name FROM names WHERE name IS NOT NULL",
        (agent_id, agent_id),
    )
    return [row[0] for row in rows.fetchall()]


def count_up_to(connection: Connection, agent_id: str, name: str, limit: int) -> int:
    """How many items a collection has, counted up to `limit`."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT FROM agents_core_item "
        "WHERE agent_id = %b AND name = %b LIMIT %b) AS counted",
        (agent_id, name, limit),
    ).fetchone()
    return int(row[0]) if row else 0


def _uuid(after: str | None) -> uuid.UUID:
    """The id itself; without one, what is smaller than any."""
    return uuid.UUID(int=0) if after is None else uuid.UUID(after)
