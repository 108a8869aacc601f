"""Kept database connections are noticed to be dead, and cost no question while alive."""

import pytest
from django.db import connection, connections
from django.db.backends.postgresql import base


def test_it_does_not_ask_a_living_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda self: asked.append(True))
    connection.ensure_connection()
    assert connection.is_usable()
    assert asked == []


def test_it_notices_a_connection_that_the_server_ended() -> None:
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [process] = cursor.fetchone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    assert not other.is_usable()
    other.close()
