"""Searches of one agent's oplog: a query's tree as SQL over the entries."""

from __future__ import annotations

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
_COLUMNS = {
    "kind": "o.kind",
    "index": "o.index::text",
    "recorded_at": """to_char(o.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}
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


class OplogSearch:
    """A query on an agent's oplog. Runs again and again, on one stretch of the oplog after another.

    What is quick to compute and must hold (the text is somewhere in the JSON) is asked before what
    is exact; a `CASE` keeps that order.
    """

    def __init__(self, tree: Node) -> None:
        self._values: dict[str, Any] = {}
        self._where = self._node(tree)

    def bounds(self, connection: Connection, agent_id: str) -> tuple[int, int] | None:
        """The indices of the oldest and the newest entry, if there are any."""
        row = connection.execute(
            "SELECT min(index), max(index) FROM agents_core_oplog WHERE agent_id = %b",
            (agent_id,),
            prepare=False,
        ).fetchone()
        return None if row is None or row[0] is None else (row[0], row[1])

    def scan(
        self, connection: Connection, agent_id: str, first: int, last: int, limit: int
    ) -> list[OplogRow]:
        """Up to `limit` entries that are found from `last` down to `first`, newest first."""
        # the inner query's columns are computed once a row, if they are used at all
        rows = connection.execute(
            "SELECT o.index, o.kind, o.recorded_at, o.entry::text FROM (SELECT index, kind, "
            "recorded_at, entry, entry::text AS plain, "
            f"lower(entry::text {_COLLATION}) AS lowered FROM agents_core_oplog "
            "WHERE agent_id = %(agent_id)b AND index BETWEEN %(first)b AND %(last)b "
            f"ORDER BY index DESC OFFSET 0) AS o WHERE {self._where} LIMIT %(limit)b",
            {
                **self._values,
                "agent_id": agent_id,
                "first": first,
                "last": last,
                "limit": limit,
            },
            prepare=False,
            binary=True,
        )
        return [OplogRow(*row) for row in rows.fetchall()]

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

    def _value(self, value: Any) -> str:
        name = f"v{len(self._values)}"
        self._values[name] = value
        return f"%({name})b"


def check_regex(connection: Connection, pattern: str) -> None:
    """Raise `psycopg.errors.InvalidRegularExpression` for a pattern that is none."""
    connection.execute(f"SELECT '' ~ (%b::text {_COLLATION})", (pattern,), prepare=False)


def limit_time(connection: Connection, seconds: float) -> None:
    """What follows in this transaction reads only, and is cancelled after so long."""
    connection.execute(
        "SELECT set_config('transaction_read_only', 'on', true), "
        "set_config('statement_timeout', %b, true)",
        (str(max(1, round(seconds * 1000))),),
        prepare=False,
    )
