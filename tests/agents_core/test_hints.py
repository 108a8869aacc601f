"""Hints to workers: published after the commit, by lane, and only hints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from agents_core import hints, mailbox
from agents_core.mailbox import drain
from agents_core.tasks import drain as drain_task
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter
from tests.waiting import wait_for

Published = list[tuple[str, list[str]]]


@pytest.fixture
def published(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """What is published while hints are on."""
    settings.AGENTS = {"HINTS": True, "LIVE": False, "NEARBY_AGENTS": 0}
    seen: Published = []

    def publish(lane: str, agent_ids: list[str]) -> bool:
        seen.append((lane, sorted(agent_ids)))
        return True

    monkeypatch.setattr(hints, "publish", publish)
    yield seen
    settings.AGENTS = {"HINTS": False}


def test_a_trigger_is_announced_on_its_types_lane(published: Published) -> None:
    Counter.of("a").trigger.add(1)
    Plumbing.of(1, "x").trigger.note("x")

    wait_for(lambda: len(published) == 2, "two hints")
    assert sorted(published) == [("bulk", ["plumbing:1/x"]), ("interactive", ["counter:a"])]


def test_what_a_command_sends_is_announced_after_it(published: Published) -> None:
    Counter.of("a").send("b", 1)

    wait_for(lambda: published, "a hint")
    assert published == [("interactive", ["counter:b"])]


def test_a_dropped_command_announces_nothing(published: Published) -> None:
    with pytest.raises(RuntimeError):
        Counter.of("a").send_then_fail("b")
    Counter.of("c").trigger.add(1)

    wait_for(lambda: published, "a hint")
    assert published == [("interactive", ["counter:c"])]


def test_a_retry_is_announced_when_it_is_due(published: Published) -> None:
    Counter.of("a").trigger.fail()
    wait_for(lambda: published, "the hint of the message")
    drain(["counter:a"])

    wait_for(lambda: len(published) == 2, "the hint of its retry")


def test_what_a_drain_sends_on_its_lane_it_drains_itself(published: Published) -> None:
    Counter.of("a").trigger.send("b", 1)
    wait_for(lambda: published, "a hint")
    drain(["counter:a"], lane="interactive")

    assert Counter.of("b").get() == 1
    assert published == [("interactive", ["counter:a"])]


def test_a_drain_that_never_ends_makes_way_for_others(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "TURN_OF_DUTY", 3)
    Counter.of("a").trigger.echo()
    wait_for(lambda: published, "a hint")

    assert drain(["counter:a"]) == 3
    wait_for(lambda: len(published) == 2, "the hint of what is left")


def test_many_agents_are_announced_a_hundred_at_a_time(published: Published) -> None:
    Counter.of_many([f"n{number}" for number in range(250)]).trigger.add(1)

    wait_for(lambda: sum(len(ids) for _, ids in published) == 250, "all hints")
    assert len(published) == 3


def test_a_broker_that_is_away_costs_nothing_but_the_hint(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(hints.current_app, "send_task", away)

    assert hints.publish("interactive", ["counter:a"]) is False
    assert "the broker is away" in caplog.text


def test_a_hint_delivered_three_times_runs_the_mail_once() -> None:
    Counter.of("a").trigger.add(1)
    for _ in range(3):
        drain_task(["counter:a"])

    assert Counter.of("a").get() == 1
