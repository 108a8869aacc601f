"""Mail for a few agents is run by the process that sent it, and by workers when that is behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from agents_core import hints, mailbox, nearby
from agents_core.nearby import Nearby
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter
from tests.waiting import wait_for

Published = list[tuple[str, list[str]]]


@pytest.fixture
def published(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """What workers are told; mail for three agents is run here."""
    settings.AGENTS = {"HINTS": True, "LIVE": False, "NEARBY_AGENTS": 3}
    monkeypatch.setattr(nearby, "_nearby", Nearby())
    seen: Published = []

    def publish(lane: str, agent_ids: list[str]) -> bool:
        seen.append((lane, sorted(agent_ids)))
        return True

    monkeypatch.setattr(hints, "publish", publish)
    yield seen
    nearby._nearby.finish()
    settings.AGENTS = {"HINTS": False}


class Gate:
    """A drain that waits to be let go."""

    def __init__(self) -> None:
        self.drained: list[Sequence[str]] = []
        self.open = threading.Event()

    def __call__(self, agent_ids: Sequence[str]) -> None:
        self.drained.append(list(agent_ids))
        assert self.open.wait(10)


@pytest.fixture
def gate(published: Published) -> Iterator[Gate]:
    gate = Gate()
    nearby.install(gate)
    yield gate
    gate.open.set()
    nearby.install(mailbox.drain_nearby)


def test_a_few_messages_are_run_where_they_were_sent(published: Published) -> None:
    Counter.of("a").trigger.add(1)

    wait_for(lambda: Counter.of("a").get() == 1, "the message")
    assert published == []


def test_what_follows_from_them_is_run_here_too(published: Published) -> None:
    Counter.of("a").trigger.send("b", 5)

    wait_for(lambda: Counter.of("b").get() == 5, "the message's message")
    assert published == []


def test_many_are_for_the_workers(published: Published) -> None:
    Counter.of_many(["a", "b", "c", "d"]).trigger.add(1)

    wait_for(lambda: published, "a hint")
    assert published == [("interactive", ["counter:a", "counter:b", "counter:c", "counter:d"])]


def test_bulk_mail_is_for_the_workers(published: Published) -> None:
    Plumbing.of(1, "x").trigger.note("x")

    wait_for(lambda: published, "a hint")
    assert published == [("bulk", ["plumbing:1/x"])]


def test_while_it_is_busy_workers_are_told(published: Published, gate: Gate) -> None:
    Counter.of("a").trigger.add(1)
    wait_for(lambda: gate.drained, "the first message to be under way")
    Counter.of("b").trigger.add(1)

    wait_for(lambda: published, "a hint")
    assert (gate.drained, published) == ([["counter:a"]], [("interactive", ["counter:b"])])


def test_a_fault_of_the_drain_does_not_end_it(
    published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(agent_ids: Sequence[str]) -> None:
        raise RuntimeError("broken")

    nearby.install(broken)
    try:
        assert nearby.take(["counter:a"])
        wait_for(lambda: "was not run here" in caplog.text, "the fault")
    finally:
        nearby.install(mailbox.drain_nearby)
    wait_for(lambda: nearby.take(["counter:a"]), "it to be free again")


def test_the_end_of_the_process_waits_for_mail_under_way(published: Published, gate: Gate) -> None:
    assert nearby.take(["counter:a"])
    wait_for(lambda: gate.drained, "the message to be under way")
    end = threading.Thread(target=nearby._nearby.finish)
    end.start()
    assert end.is_alive()
    gate.open.set()
    end.join(10)
    assert not end.is_alive()
    assert not nearby.take(["counter:b"])
