"""An agent whose document does not fit its type any more harms itself alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pydantic import ValidationError

from agents_core import database, mailbox
from tests.agents_core.counter import Counter


@pytest.fixture(autouse=True)
def broken() -> None:
    Counter.of("broken").add(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agents_core_agent SET state = %s WHERE id = 'counter:broken'",
            ['{"count": "many"}'],
        )


def test_its_callers_are_told_and_can_ask_again() -> None:
    for _ in range(2):
        with pytest.raises(ValidationError):
            Counter.of("broken").add(1)


def test_calls_that_share_a_turn_with_it_succeed() -> None:
    def call(name: str) -> int | None:
        try:
            return Counter.of(name).add(1)
        except ValidationError:
            return None
        finally:
            for purpose in ("turn", "ledger"):
                database.discard(purpose)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(call, ["broken", "a", "broken", "b", "c", "broken", "d", "e"]))
    assert results == [None, 1, None, 1, 1, None, 1, 1]


def test_mail_of_others_is_drained() -> None:
    names = ["a", "broken", "z"]
    for name in names:
        Counter.of(name).trigger.add(1)
    mailbox.drain([f"counter:{name}" for name in names])
    assert [Counter.of(name).get() for name in ("a", "z")] == [1, 1]
