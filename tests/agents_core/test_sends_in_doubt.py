"""What a sender is told when the connection is lost, and what then comes of the message."""

from __future__ import annotations

import pytest
from django.db import connection

from agents_core import calling, database
from agents_core.errors import OutcomeUnknown
from agents_core.testing import fault_at, step
from tests.agents_core.counter import Counter


def test_without_a_key_nobody_knows() -> None:
    with fault_at("send", "after"), pytest.raises(OutcomeUnknown):
        Counter.of("a").trigger.add(1)
    step()
    assert Counter.of("a").get() == 1


def test_with_a_key_it_is_sent_once() -> None:
    with calling("somebody", key="k"), fault_at("send", "after"):
        Counter.of("a").trigger.add(1)
    step()
    assert Counter.of("a").get() == 1


def test_a_connection_closed_while_idle_is_replaced_before_anything_is_sent() -> None:
    Counter.of("a").trigger.add(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [database.connection().info.backend_pid]
        )
    Counter.of("a").trigger.add(1)
    step()
    assert Counter.of("a").get() == 2


def test_only_the_ledger_of_attempts_does_not_wait_for_the_disk() -> None:
    def setting(purpose: database.Purpose) -> tuple[str, str]:
        """Its value and who set it: the database of the tests waits for no disk at all."""
        found = database.connection(purpose).execute(
            "SELECT setting, source FROM pg_settings WHERE name = 'synchronous_commit'"
        )
        ((value, source),) = found.fetchall()
        return value, source

    assert setting("turn") == setting("search") == ("off", "database")
    assert setting("ledger") == ("off", "client")


def test_an_attempt_cut_off_by_a_restart_of_the_database_does_not_count() -> None:
    Counter.of("a").trigger.fail()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agents_core_attempt (id, taken, started_at) SELECT gen_random_uuid(), "
            "jsonb_build_object(agent_id, id), '2001-01-01' FROM agents_core_message"
        )
    with fault_at("turn", "before"), pytest.raises(OutcomeUnknown):
        Counter.of("a").add(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempts FROM agents_core_message")
        assert cursor.fetchall() == [(0,)]
        cursor.execute("SELECT count(*) FROM agents_core_attempt")
        assert cursor.fetchall() == [(0,)]
