"""How collections are written: plainly, or keeping what each row was before.

The statement that replaces or deletes a row of a type with a full oplog copies it first; it sees
the rows as they were when it began.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents_core.wire import Connection, Statement, Step


@dataclass(slots=True)
class ItemWrites:
    """What a turn does to collections, as rows."""

    cleared: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name)"""
    removed: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, item_key)"""
    trimmed: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, sort_key, item_key): what lies below that place goes, before any put"""
    put: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, item_key, sort_key, item)"""
    outgrown: list[tuple[Any, ...]] = field(default_factory=list)
    """(agent_id, name, newest): all but so many go, after every put"""


_PUT = """
    INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item)
    SELECT agent_id, name, item_key, sort_key, item::jsonb FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::int8[], $5::text[])
    AS n (agent_id, name, item_key, sort_key, item)
    ON CONFLICT (agent_id, name, item_key)
    DO UPDATE SET sort_key = excluded.sort_key, item = excluded.item
"""
_PUT_KEPT = """
    WITH n AS MATERIALIZED (SELECT * FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::int8[])
        AS n (agent_id, name, item_key, sort_key, item, since)),
    past AS (
        INSERT INTO agents_core_itempast (agent_id, name, item_key, since, until, sort_key, item)
        SELECT agent_id, name, item_key, i.since, n.since, i.sort_key, i.item
        FROM n JOIN agents_core_item i USING (agent_id, name, item_key) WHERE i.since < n.since)
    INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item, since)
    SELECT agent_id, name, item_key, sort_key, item::jsonb, since FROM n
    ON CONFLICT (agent_id, name, item_key)
    DO UPDATE SET sort_key = excluded.sort_key, item = excluded.item, since = excluded.since
"""
# what was put in the very turn that deletes it was never there at the end of one
_DELETE_KEPT = """
    WITH gone AS ({delete} RETURNING i.*, n.until)
    INSERT INTO agents_core_itempast (agent_id, name, item_key, since, until, sort_key, item)
    SELECT agent_id, name, item_key, since, until, sort_key, item FROM gone WHERE since < until
"""
# table, arrays and columns of each, and which rows of the named ones go
_DELETES = {
    "cleared": (["agent_id text", "name text"], "", "true"),
    "removed": (
        ["agent_id text", "name text", "item_key text"],
        "",
        "i.item_key = n.item_key",
    ),
    "trimmed": (
        ["agent_id text", "name text", "sort_key int8", "item_key text"],
        "",
        "(i.sort_key, i.item_key) < (n.sort_key, n.item_key)",
    ),
    "outgrown": (
        ["agent_id text", "name text", "newest int"],
        "CROSS JOIN LATERAL (SELECT o.sort_key, o.item_key FROM agents_core_item o "
        "WHERE o.agent_id = n.agent_id AND o.name = n.name "
        "ORDER BY o.sort_key DESC, o.item_key DESC OFFSET n.newest - 1 LIMIT 1) AS oldest",
        "(i.sort_key, i.item_key) < (oldest.sort_key, oldest.item_key)",
    ),
}


def _delete(name: str, *, keep: bool) -> Statement:
    columns, joined, which = _DELETES[name]
    columns = [*columns, "until int8"] if keep else columns
    arrays = ", ".join(f"${n}::{column.split()[1]}[]" for n, column in enumerate(columns, 1))
    names = ", ".join(column.split()[0] for column in columns)
    sql = (
        f"DELETE FROM agents_core_item i USING unnest({arrays}) AS n ({names}) {joined} "
        f"WHERE i.agent_id = n.agent_id AND i.name = n.name AND {which}"
    )
    return Statement(_DELETE_KEPT.format(delete=sql) if keep else sql)


def _statements(*, keep: bool) -> dict[str, Statement]:
    """In the order they must run: an item cleared before it is put anew."""
    return {
        "cleared": _delete("cleared", keep=keep),
        "removed": _delete("removed", keep=keep),
        "trimmed": _delete("trimmed", keep=keep),
        "put": Statement(_PUT_KEPT if keep else _PUT),
        "outgrown": _delete("outgrown", keep=keep),
    }


_PLAIN, _KEPT = _statements(keep=False), _statements(keep=True)


def item_steps(plain: ItemWrites, kept: ItemWrites) -> list[Step]:
    """The statements that write these, each taking its rows as one array per column."""
    return [
        statement(*zip(*rows, strict=True))
        for writes, statements in ((plain, _PLAIN), (kept, _KEPT))
        for name, statement in statements.items()
        if (rows := getattr(writes, name))
    ]


_RESTORE = """
    WITH past AS MATERIALIZED (
        SELECT name, item_key, sort_key, item FROM agents_core_itempast
        WHERE agent_id = %(agent_id)b AND since <= %(as_of)b AND until > %(as_of)b),
    changed AS MATERIALIZED (
        SELECT i.*, p.item_key IS NULL AS goes FROM agents_core_item i
        LEFT JOIN past p ON p.name = i.name AND p.item_key = i.item_key
        WHERE i.agent_id = %(agent_id)b AND i.since > %(as_of)b),
    kept AS (
        INSERT INTO agents_core_itempast (agent_id, name, item_key, since, until, sort_key, item)
        SELECT agent_id, name, item_key, since, %(revision)b, sort_key, item FROM changed),
    gone AS (
        DELETE FROM agents_core_item i USING changed c WHERE c.goes
        AND i.agent_id = %(agent_id)b AND i.name = c.name AND i.item_key = c.item_key)
    INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item, since)
    SELECT %(agent_id)b, name, item_key, sort_key, item, %(revision)b FROM past
    ON CONFLICT (agent_id, name, item_key)
    DO UPDATE SET sort_key = excluded.sort_key, item = excluded.item, since = excluded.since
"""


def restore_items(connection: Connection, agent_id: str, *, as_of: int, revision: int) -> None:
    """Make an agent's items what they were at the end of the turn of that revision, as a change of
    its turn that ends with `revision`: rows that have not changed since are not touched."""
    values = {"agent_id": agent_id, "as_of": as_of, "revision": revision}
    connection.execute(_RESTORE, values)
