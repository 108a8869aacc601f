"""What the console shows when something is wrong."""

from __future__ import annotations

from unittest import mock

import psycopg
from django.db import connection
from django.test import Client

from operators.console.pages import address
from tests.agents_core.counter import Counter


def test_an_agent_whose_type_is_gone_can_be_seen_and_deleted(ann: Client) -> None:
    Counter.of("a").add()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agents_core_agent SET id = 'gone:x', type = 'gone' WHERE id = 'counter:a'"
        )

    for page in ("change", "collections", "files", "mail", "oplog", "versions", "history"):
        assert ann.get(address(f"agent_{page}", "gone:x")).status_code == 200, page
    refused = ann.post(address("agent_operate", "gone:x", "interrupt"))
    assert refused.status_code in (404, 503)
    assert "gone" in refused.content.decode()


def test_a_database_that_is_away_is_told(ann: Client) -> None:
    away = mock.Mock(side_effect=psycopg.OperationalError("away"))
    with mock.patch("agents_core.database.connection", away):
        answer = ann.get(address("agent_changelist"))
    assert answer.status_code == 503
    assert "errornote" in answer.content.decode()
