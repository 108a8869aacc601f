"""For operators: look at any agent, and call it by names and JSON. All doors use just this.

Readings are of the last commit and take no lock. What changes agents' lives is in `operations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import orjson

from agents_core import clock, context, environment, registry, store
from agents_core.answers import answer_once
from agents_core.belongings import collections, items
from agents_core.catalogue import identify, types
from agents_core.collections import CursorNotValid, decode_cursor, encode_cursor
from agents_core.context import Target
from agents_core.errors import AgentVersionUnknown, NoSuchAgent, UnknownAgentType
from agents_core.handles import Handle, only_commands
from agents_core.identity import split_id, split_key
from agents_core.lifecycle import Status
from agents_core.methods import MethodKind, find_method
from agents_core.reading import look
from agents_core.search import escape_like, normalise_field, parse_query
from agents_core.shown import (
    AgentDetail,
    AgentPage,
    AgentView,
    MailKind,
    MailPage,
    MailView,
    OperationPage,
    OperationView,
)
from agents_core.store import AgentFilter, ListedRow, MailRow, ShownRow
from agents_core.wire import Connection

__all__ = [
    "KINDS",
    "collections",
    "dead_letters",
    "expect",
    "find_mail",
    "identify",
    "invoke",
    "items",
    "list_agents",
    "messages",
    "operations",
    "show",
    "trigger",
    "types",
]

T = TypeVar("T")
LIMIT = 50


# agents


def list_agents(
    *,
    type: str | None = None,
    status: Status | None = None,
    query: str = "*",
    version: int | None = None,
    older_than: datetime | None = None,
    waiting: bool = False,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> AgentPage:
    """Agents that pass all filters, the newest first.

    Words of `query` are looked for in the id (any of them); `agent_id:`, `type:`, `status:`,
    `version:` and a type's own name (`user-timeline:u001`) match whole. `older_than`: those that
    have done nothing since then; `waiting`: those for which mail waits.
    """
    place = decode_cursor(cursor) if cursor else None
    before = None if place is None else (clock.to_datetime(place[0]), place[1])
    given = AgentFilter(type, version, status, updated_before=older_than, waiting=waiting)
    wanted, now = _asked(query, given), clock.now()
    if wanted is None:
        return AgentPage(items=[], next_cursor=None)
    rows = look(lambda c: store.list_agents(c, wanted, now=now, before=before, limit=limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return AgentPage(
        items=[_agent_view(row) for row in rows[:limit]],
        next_cursor=encode_cursor(clock.to_micros(last.created_at), last.id) if last else None,
    )


def _asked(query: str, wanted: AgentFilter) -> AgentFilter | None:
    """The filter with what the query adds; None: nothing can match."""
    parsed = parse_query(query)
    names = [agent_class.agent_type for agent_class in registry.all_types()]
    type_names = {normalise_field(name): name for name in names}
    for field, value in parsed.filters:
        if field in type_names:
            field, value = "agentid", f"{type_names[field]}:{value}"
        if field in ("agentid", "id"):
            wanted = replace(wanted, ids=(*wanted.ids, value))
            field, value = "type", value.partition(":")[0]
        if field == "type" and wanted.type in (None, value):
            wanted = replace(wanted, type=value)
        elif field == "status" and wanted.status in (None, value):
            wanted = replace(wanted, status=value)
        elif field == "version" and value.isdecimal() and wanted.version in (None, int(value)):
            wanted = replace(wanted, version=int(value))
        else:
            return None
    # parameters are quoted in ids; a word may be written either way
    words = {spelled for word in parsed.words for spelled in (word, quote(word, "/:%~").lower())}
    return replace(wanted, patterns=tuple(f"%{escape_like(word)}%" for word in sorted(words)))


def show(agent_id: str) -> AgentDetail:
    """One agent with its document; NoSuchAgent if it does not exist (yet)."""
    agent_id = identify(agent_id).id
    found = look(lambda c: store.show_agent(c, agent_id, clock.now()))
    if found is None:
        raise NoSuchAgent(agent_id=agent_id)
    return AgentDetail(
        **_agent_view(found.listed).model_dump(),
        incarnation=str(found.incarnation),
        environment=_environment(found),
        state=None if found.state is None else orjson.loads(found.state),
    )


def _environment(row: ShownRow) -> dict[str, str]:
    """Of a type or version that the code has no more, what the agent was created with."""
    try:
        of_type = registry.find_version(row.listed.type, row.listed.version).environment
    except (UnknownAgentType, AgentVersionUnknown):
        of_type = {}
    return dict(environment.overlay(of_type, row.env.encode() if row.env else None))


def expect(agent_id: str) -> None:
    """NoSuchAgent, if there is none (yet)."""
    agent_id = identify(agent_id).id
    if look(lambda connection: store.read(connection, agent_id)) is None:
        raise NoSuchAgent(agent_id=agent_id)


def _agent_view(row: ListedRow) -> AgentView:
    return AgentView(
        agent_id=row.id,
        type=row.type,
        parameters=_parameters(row.id),
        version=row.version,
        status=Status(row.status),
        revision=row.revision,
        pending=row.pending,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _parameters(agent_id: str) -> dict[str, str | int]:
    """By name; by position, where the code no longer fits the id."""
    type_name, key = split_id(agent_id)
    values = split_key(key)
    agent_class = registry.known(type_name)
    adapters = agent_class.parameters if agent_class else {}
    if len(adapters) != len(values):
        return {str(place): value for place, value in enumerate(values, start=1)}
    pairs = zip(adapters.items(), values, strict=True)
    return {name: adapter.validate_strings(value) for (name, adapter), value in pairs}


# mail

_MAIL: dict[MailKind, Callable[..., list[MailRow]]] = {
    "message": store.list_messages,
    "schedule": store.list_schedules,
    "effect": store.list_effects,
    "failed_effect": store.list_failed_effects,
    "dead_letter": store.list_dead_letters,
}
KINDS: tuple[MailKind, ...] = tuple(_MAIL)
_FIND: dict[MailKind, Callable[..., MailRow | None]] = {
    "message": store.find_message,
    "schedule": store.find_schedule,
    "failed_effect": store.find_failed_effect,
    "dead_letter": store.find_dead_letter,
}


def messages(
    agent_id: str,
    *,
    kinds: Sequence[MailKind] = KINDS,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> MailPage:
    """What waits for an agent, is scheduled for it, was asked for by it or was given up on; kind by
    kind, each in order.

    The agent need not exist yet.
    """
    agent_id = identify(agent_id).id
    start, key = decode_cursor(cursor) if cursor else (0, None)
    if not 0 <= start < len(KINDS):
        raise CursorNotValid

    def read(connection: Connection) -> list[tuple[int, MailRow]]:
        found: list[tuple[int, MailRow]] = []
        for place, kind in enumerate(KINDS):
            if place < start or kind not in kinds or len(found) > limit:
                continue
            after, left = key if place == start else None, limit + 1 - len(found)
            rows = _MAIL[kind](connection, agent_id, after=after, limit=left)
            found += [(place, row) for row in rows]
        return found

    rows = look(read)
    last = rows[limit - 1] if len(rows) > limit else None
    return MailPage(
        items=[_mail_view(KINDS[place], row) for place, row in rows[:limit]],
        next_cursor=encode_cursor(last[0], last[1].key) if last else None,
    )


def find_mail(agent_id: str, message_id: str) -> MailView | None:
    """What of an agent's mail an operator can do something to, by its id (a schedule by its name);
    None: it is not there (any more)."""
    agent_id = identify(agent_id).id

    def read(connection: Connection) -> MailView | None:
        for kind, find in _FIND.items():
            row = find(connection, agent_id, message_id)
            if row is not None:
                return _mail_view(kind, row)
        return None

    return look(read)


def dead_letters(
    *, type: str | None = None, cursor: str | None = None, limit: int = LIMIT
) -> MailPage:
    """The dead letters of all agents (of a type) and the effects that failed with nobody to tell,
    the last given up first."""
    before: tuple[datetime, str, str] | None = None
    if cursor:
        moment, place = decode_cursor(cursor)
        agent_id, _, id_ = place.rpartition(" ")
        before = clock.to_datetime(moment), agent_id, _uuid_in_cursor(id_)
    rows = look(lambda c: store.all_dead_letters(c, type_name=type, before=before, limit=limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = None
    if last is not None and last.at is not None:
        next_cursor = encode_cursor(clock.to_micros(last.at), f"{last.agent_id} {last.key}")
    return MailPage(
        items=[
            _mail_view("failed_effect" if row.is_effect else "dead_letter", row)
            for row in rows[:limit]
        ],
        next_cursor=next_cursor,
    )


def operations(
    agent_id: str | None = None, *, cursor: str | None = None, limit: int = LIMIT
) -> OperationPage:
    """What operators did (to that agent, which may be gone), the newest first."""
    before: tuple[datetime, str] | None = None
    if cursor:
        moment, id_ = decode_cursor(cursor)
        before = clock.to_datetime(moment), _uuid_in_cursor(id_)
    rows = look(lambda c: store.list_operations(c, agent_id, before=before, limit=limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return OperationPage(
        items=[OperationView(**row._asdict()) for row in rows[:limit]],
        next_cursor=encode_cursor(clock.to_micros(last.at), str(last.id)) if last else None,
    )


def _mail_view(kind: MailKind, row: MailRow) -> MailView:
    return MailView(
        agent_id=row.agent_id,
        kind=kind,
        message_id=row.key,
        method=row.method,
        args=orjson.loads(row.args),
        sender=row.sender,
        sent_at=None if kind == "schedule" else clock.moment_of(UUID(row.key)),
        at=row.at,
        attempts=row.attempts,
        last_error=row.last_error,
    )


def _uuid_in_cursor(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise CursorNotValid from None


# calls


def invoke(agent_id: str, method: str, args: Mapping[str, Any] | None = None) -> Any:
    """Call a query or command of any agent; its result as a JSON value.

    Inside `calling(..., key=...)` a second call with the key gets the first one's answer, also
    where that is a query's or an ephemeral agent's.
    """
    target = _target(agent_id, method, args)

    def call() -> Any:
        result = getattr(Handle(target.agent_class, target.agent_id), method)(**(args or {}))
        return orjson.loads(target.spec.dump_result(result))

    if target.spec.kind is MethodKind.COMMAND and hasattr(target.agent_class, "state_adapter"):
        return call()  # its turn keeps the answer
    return answer_once(target.agent_id, target.what, call)


def trigger(
    agent_id: str,
    method: str,
    args: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
) -> str:
    """Send a command to any durable agent, now or at that time; the message's (schedule's) id.

    Inside `calling(..., key=...)` once per key.
    """
    target = _target(agent_id, method, args)
    if at is not None:
        only_commands(target.agent_class, target.spec)
        return context.runtime().schedule(target, at, None)
    handle = Handle(target.agent_class, target.agent_id)
    sent: str = getattr(handle.trigger, method)(**(args or {}))
    return sent


def _target(agent_id: str, method: str, args: Mapping[str, Any] | None) -> Target:
    """The call as the version understands it that the agent has, or would get."""
    agent = identify(agent_id)
    agent_class = agent.known_class
    row = look(lambda connection: store.read(connection, agent.id))
    if row is not None:
        agent_class = registry.find_version(agent.type_name, row.version)
    spec = find_method(agent_class.methods, agent_class.agent_type, method)
    return Target(agent_class, agent.id, spec, spec.encode((), dict(args or {})))
