"""Commands that share a turn see each other's mail as if each had been committed alone."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

import pytest

from agents_core import database, execution, store
from agents_core.testing import step
from tests.agents_core.counter import Counter


@pytest.fixture(autouse=True)
def made_in_order() -> None:
    """Agents that exist are locked and run in the order of their ids."""
    for name in ("a", "b", "c"):
        Counter.of(name).add(0)


def drain_elsewhere(agent_id: str) -> None:
    try:
        execution.drain_one(agent_id)
    finally:
        database.discard("turn")
        database.discard("ledger")


def test_an_awaited_call_does_not_overtake_mail_of_the_same_turn() -> None:
    Counter.of("sender").trigger.send("b", 1)
    Counter.of("sender").trigger.call_labelled("b", "awaited")
    step()
    assert Counter.of("b").get_seen() == ["sender0", "awaited"]


def test_mail_run_for_a_nested_call_is_not_run_again() -> None:
    Counter.of("b").trigger.add(1, "waiting")
    Counter.of("a").trigger.call_labelled("b", "awaited")
    step()
    assert Counter.of("b").get_seen() == ["waiting", "awaited"]


def test_mail_run_for_a_refused_command_is_run_after_it() -> None:
    Counter.of("b").trigger.add(1, "waiting")
    Counter.of("a").trigger.call_then_refuse("b")
    Counter.of("c").trigger.call_labelled("b", "awaited")
    step()
    assert Counter.of("b").get_seen() == ["waiting", "awaited"]
    assert Counter.of("b").get() == 2


def test_a_nested_call_does_not_overtake_what_a_long_mailbox_has_left() -> None:
    for number in range(150):
        Counter.of("b").trigger.add(1, f"waiting{number}")
    Counter.of("a").trigger.call_labelled("b", "awaited")
    step()
    assert Counter.of("b").get_seen()[-1] == "awaited"
    assert Counter.of("b").get() == 151


def test_a_nested_call_does_not_overtake_mail_its_sender_sent_meanwhile() -> None:
    """The sender is locked after the mailbox was read, and sent to it just before."""
    real = store.load
    Counter.of("between").trigger.send("b", 1)
    sends = [threading.Thread(target=drain_elsewhere, args=("counter:between",))]

    def load(connection: Any, agent_ids: list[str], **options: Any) -> store.Loaded:
        if agent_ids == ["counter:between"] and sends:
            thread = sends.pop()
            thread.start()
            thread.join()
        return real(connection, agent_ids, **options)

    with mock.patch.object(store, "load", load):
        Counter.of("a").call_and_call_through("b", "between")
    assert sends == []
    assert Counter.of("b").get_seen() == ["between0", "direct", "through"]
