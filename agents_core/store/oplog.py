"""Searches of one agent's oplog: a query's tree as SQL over the entries, and over their digests.

A digest says which kinds, methods, callers and messages a chapter of the oplog has, so that a
search need not read chapters that cannot have what it looks for. The first search that would read
a chapter writes its digest; a turn writes none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents_core.oplog_query import All, Condition, Node, Not, Some, Sort
from agents_core.wire import Connection

# Letters are lowered one by one, as the same collation does on every server.
_COLLATION = 'COLLATE "pg_c_utf8"'
_SCALARS = "('string', 'number', 'boolean')"
_UNSEARCHED = "'{time,seed}'::text[]"
"""Numbers that would be found by chance by whoever looks for one: only by their names."""
_TIME = """to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_COLUMNS = {
    "kind": "o.kind",
    "index": "o.index::text",
    "recorded_at": _TIME.format(at="o.recorded_at"),
}
_LISTED = ("kind", "method")
"""Fields of few values: a digest lists them."""
_JOINED = ("caller", "message")
"""Fields of many values: a digest has them as one text, in lower case."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_WHOLE = """
    SELECT index, kind, recorded_at, CASE WHEN entry ? 'large' THEN coalesce((
        SELECT l.entry FROM agents_core_largeentry l
        WHERE l.agent_id = s.agent_id AND l.index = s.index), entry) ELSE entry END AS entry
    FROM agents_core_oplog s
    WHERE agent_id = %(agent_id)b AND index BETWEEN stretch.first AND stretch.last
"""
# Of a large entry, what digests are about is in the oplog's own row.
_DIGEST = f"""
    INSERT INTO agents_core_oplogdigest
    (agent_id, chapter, incarnation, earliest, latest, kinds, methods, callers, messages)
    SELECT %(agent_id)b, chapter, %(incarnation)b, d.*
    FROM generate_series(%(first)b::int8, %(last)b::int8) AS chapter CROSS JOIN LATERAL (
        SELECT min(o.recorded_at), max(o.recorded_at),
        array_agg(DISTINCT o.kind), array_agg(DISTINCT o.entry ->> 'method'),
        coalesce(string_agg(DISTINCT lower(o.entry ->> 'caller' {_COLLATION}), E'\\n'), ''),
        coalesce(string_agg(lower(o.entry ->> 'message' {_COLLATION}), E'\\n'), '')
        FROM agents_core_oplog o WHERE o.agent_id = %(agent_id)b
        AND o.index BETWEEN chapter * %(size)b AND (chapter + 1) * %(size)b - 1
        HAVING count(*) > 0
    ) AS d ORDER BY chapter
    ON CONFLICT (agent_id, chapter) DO UPDATE SET incarnation = excluded.incarnation,
    earliest = excluded.earliest, latest = excluded.latest, kinds = excluded.kinds,
    methods = excluded.methods, callers = excluded.callers, messages = excluded.messages
"""
_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t"}
_ESCAPES = {code: f"\\u{code:04x}" for code in range(32)} | _ESCAPES
"""As PostgreSQL writes text inside of JSON."""

# Names in the path of a value, joined by dots; lists add nothing to it.
_LEAVES = f"""EXISTS (
    WITH RECURSIVE leaf (path, value) AS (
        SELECT {{root}}, o.entry -> {{root}}
        UNION ALL
        SELECT leaf.path || part.name, part.value FROM leaf CROSS JOIN LATERAL (
            SELECT '.' || lower(key {_COLLATION}), value FROM jsonb_each(
                CASE jsonb_typeof(leaf.value) WHEN 'object' THEN leaf.value END)
            UNION ALL
            SELECT '', value FROM jsonb_array_elements(
                CASE jsonb_typeof(leaf.value) WHEN 'array' THEN leaf.value END)
        ) AS part (name, value)
        WHERE starts_with({{path}} || '.', leaf.path || part.name || '.')
    )
    SELECT FROM leaf WHERE leaf.path = {{path}} AND jsonb_typeof(leaf.value) IN {_SCALARS}
    AND {{match}}
)"""


@dataclass(frozen=True, slots=True)
class OplogRow:
    """One entry, as JSON."""

    index: int
    kind: str
    recorded_at: datetime
    entry: str


@dataclass(frozen=True, slots=True)
class OplogBounds:
    """The indices of an agent's oldest and newest entry; which incarnation wrote them."""

    agent_id: str
    oldest: int
    newest: int
    incarnation: int | None


class OplogSearch:
    """A query on an agent's oplog, for one stretch of it after another."""

    def __init__(self, tree: Node) -> None:
        self._values: dict[str, Any] = {}
        self._where = self._node(tree)
        self._maybe = self._maybe_node(tree)

    @property
    def narrows(self) -> bool:
        """Whether digests can tell that a chapter has nothing that is looked for."""
        return self._maybe is not None

    def scan(
        self,
        connection: Connection,
        agent_id: str,
        stretches: Sequence[tuple[int, int]],
        limit: int,
    ) -> list[OplogRow]:
        """Up to `limit` entries that are found in these stretches, newest first.

        A stretch has its first and its last index; the newest stretch comes first.
        """
        # the inner query's columns are computed once a row, if they are used at all
        rows = connection.execute(
            "SELECT o.index, o.kind, o.recorded_at, o.entry::text "
            "FROM unnest(%(firsts)b::int8[], %(lasts)b::int8[]) AS stretch (first, last) "
            "CROSS JOIN LATERAL (SELECT index, kind, recorded_at, entry, entry::text AS plain, "
            f"lower(entry::text {_COLLATION}) AS lowered FROM ({_WHOLE}) AS whole "
            f"ORDER BY index DESC OFFSET 0) AS o WHERE {self._where} LIMIT %(limit)b",
            {
                **self._values,
                "agent_id": agent_id,
                "firsts": [first for first, _ in stretches],
                "lasts": [last for _, last in stretches],
                "limit": limit,
            },
            prepare=False,
            binary=True,
        )
        return [OplogRow(*row) for row in rows.fetchall()]

    def digested(self, connection: Connection, oplog: OplogBounds) -> dict[int, bool]:
        """The chapters that have a digest, and whether what is looked for may be in them."""
        rows = connection.execute(
            f"SELECT d.chapter, {self._maybe} FROM agents_core_oplogdigest d "
            "WHERE d.agent_id = %(agent_id)b AND d.incarnation = %(incarnation)b",
            {**self._values, "agent_id": oplog.agent_id, "incarnation": oplog.incarnation},
            prepare=False,
        )
        return dict(rows.fetchall())

    def digest(
        self, connection: Connection, oplog: OplogBounds, first: int, last: int, size: int
    ) -> dict[int, bool]:
        """Write the digests of these chapters, all of them complete; what `digested` says of them.

        Chapter n has the entries from n * size on. Those of which nothing is left are missing in
        the answer.
        """
        rows = connection.execute(
            f"WITH d AS ({_DIGEST} RETURNING *) SELECT d.chapter, {self._maybe} FROM d",
            {
                **self._values,
                "agent_id": oplog.agent_id,
                "incarnation": oplog.incarnation,
                "first": first,
                "last": last,
                "size": size,
            },
            prepare=False,
        )
        return dict(rows.fetchall())

    # Of a condition what is quick to compute and must hold (the text is somewhere in the JSON) is
    # asked before what is exact; a CASE keeps that order.

    def _node(self, node: Node) -> str:
        match node:
            case All(of=nodes):
                return f"({' AND '.join([self._node(part) for part in nodes]) or 'true'})"
            case Some(of=nodes):
                return f"({' OR '.join([self._node(part) for part in nodes])})"
            case Not(node=inner):
                return f"NOT {self._node(inner)}"
        return self._anywhere(node) if node.field is None else self._field(node, node.field)

    def _anywhere(self, condition: Condition) -> str:
        value = self._matches(condition, f"(v #>> '{{}}') {_COLLATION}")
        exactly = (
            f"EXISTS (SELECT FROM jsonb_path_query(o.entry - {_UNSEARCHED}, 'strict $.**') AS v "
            f"WHERE jsonb_typeof(v) IN {_SCALARS} AND {value})"
        )
        kind = self._matches(condition, f"o.kind {_COLLATION}")
        return f"({kind} OR {self._narrowed(condition, exactly)})"

    def _field(self, condition: Condition, field: str) -> str:
        """The first name of a path is one of the runtime's, and in lower case."""
        lowered = field.lower()
        if lowered in _COLUMNS:
            return self._matches(condition, f"{_COLUMNS[lowered]} {_COLLATION}")
        path = f"lower({self._value(field)}::text {_COLLATION})"
        root = f"lower({self._value(field.partition('.')[0])}::text {_COLLATION})"
        value = self._matches(condition, f"(leaf.value #>> '{{}}') {_COLLATION}")
        leaves = _LEAVES.format(root=root, path=path, match=value)
        if "." in field:
            return f"(o.entry ? {root} AND {self._narrowed(condition, leaves)})"
        value = self._matches(condition, f"(o.entry ->> {root}) {_COLLATION}")
        return (
            f"CASE WHEN jsonb_typeof(o.entry -> {root}) IN {_SCALARS} THEN {value} "
            f"WHEN o.entry ? {root} THEN {leaves} ELSE false END"
        )

    def _narrowed(self, condition: Condition, exactly: str) -> str:
        if condition.sort is Sort.REGEX:
            return exactly
        text = f"{self._value(condition.text.translate(_ESCAPES))}::text {_COLLATION}"
        if condition.sort is Sort.WORD:
            maybe = f"strpos(o.lowered, lower({text})) > 0"
        else:
            maybe = f"strpos(o.plain {_COLLATION}, {text}) > 0"
        return f"CASE WHEN {maybe} THEN {exactly} ELSE false END"

    def _matches(self, condition: Condition, value: str) -> str:
        text = f"{self._value(condition.text)}::text {_COLLATION}"
        match condition.sort:
            case Sort.WORD:
                return f"strpos(lower({value}), lower({text})) > 0"
            case Sort.PHRASE:
                return f"strpos({value}, {text}) > 0"
            case Sort.REGEX:
                return f"{value} ~ ({text})"

    def _maybe_node(self, node: Node, *, holds: bool = True) -> str | None:
        """What a digest `d` must say if the node holds (or does not) somewhere in its chapter."""
        match node:
            case Not(node=inner):
                return self._maybe_node(inner, holds=not holds)
            case Condition():
                return self._maybe_condition(node, holds=holds)
        parts = [self._maybe_node(part, holds=holds) for part in node.of]
        known = [part for part in parts if part is not None]
        if isinstance(node, All) is holds:
            return f"({' AND '.join(known)})" if known else None
        return f"({' OR '.join(known)})" if len(known) == len(parts) else None

    def _maybe_condition(self, condition: Condition, *, holds: bool) -> str | None:
        field = (condition.field or "").lower()
        if field in _LISTED:
            fits = f"coalesce({self._matches(condition, f'it {_COLLATION}')}, false)"
            return f"EXISTS (SELECT FROM unnest(d.{field}s) AS it WHERE {fits} = {holds})"
        if not holds or condition.sort is Sort.REGEX:
            return None
        text = f"{self._value(condition.text)}::text {_COLLATION}"
        if field in _JOINED:
            return f"strpos(d.{field}s {_COLLATION}, lower({text})) > 0"
        if field == "recorded_at" and _DATE.match(condition.text):
            # times as text are in order; a text that begins with a date can only be their beginning
            earliest, latest = (_TIME.format(at=f"d.{name}") for name in ("earliest", "latest"))
            return f"(left({earliest}, length({text})) <= {text} AND {latest} >= {text})"
        return None

    def _value(self, value: Any) -> str:
        name = f"v{len(self._values)}"
        self._values[name] = value
        return f"%({name})b"


def oplog_bounds(connection: Connection, agent_id: str) -> OplogBounds | None:
    """Where an agent's oplog begins and ends; None if it has no entry."""
    row = connection.execute(
        "SELECT min(o.index), max(o.index), (SELECT incarnation FROM agents_core_agent "
        "WHERE id = %(agent_id)b) FROM agents_core_oplog o WHERE o.agent_id = %(agent_id)b",
        {"agent_id": agent_id},
        prepare=False,
    ).fetchone()
    return None if row is None or row[0] is None else OplogBounds(agent_id, *row)


def check_regex(connection: Connection, pattern: str) -> None:
    """Raise `psycopg.errors.InvalidRegularExpression` for a pattern that is none."""
    connection.execute(f"SELECT '' ~ (%b::text {_COLLATION})", (pattern,), prepare=False)


def limit_time(connection: Connection, seconds: float) -> None:
    """A statement that follows in this transaction is cancelled after so long."""
    connection.execute(
        "SELECT set_config('statement_timeout', %b, true)",
        (str(max(1, round(seconds * 1000))),),
        prepare=False,
    )
