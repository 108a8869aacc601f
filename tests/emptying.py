"""Emptying the test database between tests: for most of them the dearest thing that happens."""

from __future__ import annotations

import psycopg
from django.db import connection

# What migrations and Django itself write once and every test may rely on.
KEPT_TABLES = frozenset(
    {"django_migrations", "django_content_type", "auth_permission", "django_site"}
)
# Bytes. Deleting a few rows is twenty times faster than truncating; it only leaves their space.
WORTH_TRUNCATING = 4_000_000

# Few tables have rows, and looking is cheaper than deleting. Foreign keys are checked when all is
# gone, so the order of tables does not matter.
_FUNCTION = """
CREATE FUNCTION pg_temp.empty_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    filled text[] := '{}';
    name text;
BEGIN
    %s
    IF (SELECT sum(pg_table_size(f::regclass)) FROM unnest(filled) AS f) > %d THEN
        EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' RESTART IDENTITY CASCADE';
    ELSE
        FOREACH name IN ARRAY filled LOOP
            EXECUTE 'DELETE FROM ' || name;
        END LOOP;
    END IF;
END $$
"""
_LOOK = "IF EXISTS (SELECT FROM {0}) THEN filled := filled || '{0}'::text; END IF;"


class Emptying:
    """Empties the test database on a connection of its own, which stays open and keeps its plans:
    a new one for each test would take many times as long as the work it does."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None

    def empty(self) -> None:
        """Delete all rows that tests wrote."""
        try:
            self._run()
        except psycopg.OperationalError:
            if self._connection is None or not self._connection.closed:
                raise
            self._connection = None  # a test cut it
            self._run()

    def _run(self) -> None:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.execute("SELECT pg_temp.empty_tables()")

    def _connect(self) -> psycopg.Connection:
        with connection.cursor() as cursor:
            names = connection.introspection.table_names(cursor)
        looks = [_LOOK.format(f'"{name}"') for name in names if name not in KEPT_TABLES]
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        opened = psycopg.connect(**parameters, autocommit=True)
        # A connection that a test leaked inside a transaction should be named, not waited for.
        opened.execute("SET lock_timeout = '10s'")
        opened.execute(_FUNCTION % ("\n    ".join(looks), WORTH_TRUNCATING))
        return opened

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
