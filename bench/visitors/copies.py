"""Growth: copies of the first town and the first shelf, row by row, in the database.

A hundred thousand people with their friendships and posts would take the API an hour. What agents
wrote for the first hundred is kept aside, and inserted again with other ids and family names: what
a copy's rows say is what the agents would have written. Their oplogs begin after that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from agents_core import registry
from bench.database import settle
from bench.visitors import plan
from socialnet.agents.user_index import UserIndex

TABLES = ("agent", "item", "searchentry", "searchsort")
"""Of the runtime: documents, collections, the search index."""

Connection = psycopg.Connection[Any]

# Ids that agents made for themselves; the last 8 digits of a version 7 UUID are of chance.
_UUID = "(-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{4})[0-9a-f]{8}"
_LETTERS = "translate(hex, '0123456789abcdef', 'aeioubdfgklmnrst')"


def keep_aside(connection: Connection, name: str, types: list[str]) -> None:
    """Remember all rows of agents of these types as the originals of that name."""
    for table in existing(connection):
        key = "id" if table == "agent" else "agent_id"
        connection.execute(
            f"CREATE TABLE bench_{name}_{table} AS SELECT o.* FROM agents_core_{table} o "
            f"WHERE split_part(o.{key}, ':', 1) = ANY(%s)",
            [types],
        )


def existing(connection: Connection) -> list[str]:
    """Those of the tables that there are."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s)",
        [[f"agents_core_{table}" for table in TABLES]],
    ).fetchall()
    return [row[0].removeprefix("agents_core_") for row in rows]


def copy(connection: Connection, name: str, mark: str, first: int, last: int) -> None:
    """Insert copies with these numbers; of the mark, the last four digits become the number's."""
    tables = existing(connection)
    for table in tables:
        columns = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
            "AND table_schema = 'public' AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [f"agents_core_{table}"],
        ).fetchall()
        names = ", ".join(f'"{column}"' for column, _ in columns)
        values = ", ".join(_value(column, kind, mark) for column, kind in columns)
        with without_indexes(connection, f"agents_core_{table}"):
            connection.execute(
                f"INSERT INTO agents_core_{table} ({names}) SELECT {values} "
                f"FROM bench_{name}_{table} o, generate_series(%s::int, %s::int) n, "
                "LATERAL (SELECT lpad(to_hex(n), 4, '0')) h (hex)",
                [first, last],
            )
    settle(connection, *(f"agents_core_{table}" for table in tables))


@contextmanager
def without_indexes(connection: Connection, table: str) -> Iterator[None]:
    """Millions of rows, in no order, are indexed much quicker when all are there."""
    constraints = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        [table],
    ).fetchall()
    for constraint, _ in constraints:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table]
    ).fetchall()
    for index, _ in indexes:
        connection.execute(f'DROP INDEX "{index}"')
    yield
    for constraint, definition in constraints:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {definition}')
    for _, definition in indexes:
        connection.execute(definition)


def _value(column: str, kind: str, mark: str) -> str:
    if kind not in ("text", "jsonb"):
        return f'o."{column}"'
    replaced = f"replace(o.\"{column}\"::text, '{mark}', '{mark[:4]}' || hex)"
    replaced = f"replace({replaced}, '{plan.FIRST_NAME_MARK}', {_LETTERS})"
    replaced = f"regexp_replace({replaced}, '{_UUID}', '\\1' || '{mark[:4]}' || hex, 'g')"
    return f"({replaced})::{kind}"


def types_of(module: str) -> list[str]:
    """The agent types written there that belong to one person, post or chat."""
    found = [one for one in registry.all_types() if one.__module__.startswith(f"{module}.")]
    return [one.agent_type for one in found if one is not UserIndex]


def register(connection: Connection, towns: Iterable[int]) -> None:
    """Take the people of these towns into the registry, as they ask for themselves."""
    names = [plan.user_id(person, town) for town in towns for person in range(plan.PEOPLE)]
    with connection.cursor().copy(
        "COPY agents_core_item (agent_id, name, item_key, sort_key, item, since) FROM STDIN"
    ) as rows:
        now = time.time_ns() // 1_000
        for name in names:
            rows.write_row((UserIndex.for_user(name).id, "members", name, now, f'"{name}"', 1))
