"""What the oplog holds of an agent: entries, and where a replay of them can start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from agents_core.wire import Connection

NEWEST = 2**62
"""Beyond every index."""


@dataclass(slots=True)
class EntryRow:
    """An oplog entry, whole, wherever it is stored."""

    index: int
    kind: str
    entry: dict[str, Any]


@dataclass(slots=True)
class StatePointRow:
    """An entry that holds the document, without the document."""

    index: int
    kind: str
    to: int | None
    """The index that a revert went back to."""
    mode: str | None
    """How an update was made: automatic or manual."""


class Beginning(NamedTuple):
    """What the first entry of an agent tells of its history."""

    version: int
    """Of the type, when it was made."""
    since: int
    """The state point before which entries were pruned; 0: none were."""


_ENTRY = (
    "SELECT o.index, o.kind, coalesce(l.entry, o.entry)::text FROM agents_core_oplog o "
    "LEFT JOIN agents_core_largeentry l "
    "ON o.entry ? 'large' AND l.agent_id = o.agent_id AND l.index = o.index "
)


def read_entries(
    connection: Connection, agent_id: str, *, after: int, upto: int, limit: int
) -> list[EntryRow]:
    """So many entries behind the index `after`, to `upto` and with it, in their order."""
    found = connection.execute(
        f"{_ENTRY} WHERE o.agent_id = %b AND o.index > %b AND o.index <= %b "
        "ORDER BY o.index LIMIT %b",
        (agent_id, after, upto, limit),
        binary=True,
    )
    return [EntryRow(index, kind, orjson.loads(entry)) for index, kind, entry in found.fetchall()]


def state_points(
    connection: Connection, agent_id: str, *, upto: int, limit: int | None = None
) -> list[StatePointRow]:
    """The state points of an agent to that index and with it, newest first."""
    found = connection.execute(
        # of a snapshot nothing but its place is looked at: it may be large
        "SELECT index, kind, CASE kind WHEN 'revert' THEN (entry->>'to')::int8 END, "
        "CASE kind WHEN 'update' THEN entry->>'mode' END "
        "FROM agents_core_oplog WHERE agent_id = %b AND index <= %b "
        "AND kind IN ('snapshot', 'revert', 'update') ORDER BY index DESC LIMIT %b",
        (agent_id, upto, limit),
    )
    return [StatePointRow(*row) for row in found.fetchall()]


def beginning(connection: Connection, agent_id: str) -> Beginning | None:
    """How an agent's history begins; None: it has none."""
    row = connection.execute(
        "SELECT coalesce((entry->>'version')::int, 1), coalesce((entry->>'since')::int8, 0) "
        "FROM agents_core_oplog WHERE agent_id = %b AND index = 1",
        (agent_id,),
    ).fetchone()
    return Beginning(*row) if row else None


def commands_done(
    connection: Connection, agent_id: str, *, after: int, upto: int, limit: int
) -> list[int]:
    """The indices of so many commands that were done behind `after` and to `upto`, newest first."""
    found = connection.execute(
        "SELECT index FROM agents_core_oplog WHERE agent_id = %b AND index > %b AND index <= %b "
        "AND kind = 'command' ORDER BY index DESC LIMIT %b",
        (agent_id, after, upto, limit),
    )
    return [row[0] for row in found.fetchall()]
