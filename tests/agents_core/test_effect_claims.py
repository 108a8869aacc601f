"""Effects and what goes wrong around them: lost hints, lost commits, dead and slow processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from agents_core import EffectFailed, EffectOutcomeUnknown, clock, effects, hints, operations, tasks
from agents_core.models import Effect
from agents_core.testing import Side, fault_at, freeze, step
from tests.agents_core.outside import Asker, PostOffice, world
from tests.agents_core.racing import mail, started, together
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("outside")
NOON = "2026-03-01T12:00:00Z"
LEASE = 31.0
"""Seconds after which what a process claimed is free again."""


def claim_and_die() -> None:
    """Be a process that dies with an effect in its hands."""
    with fault_at("effect-claim", "after") as faults:
        assert effects.run_one() is False
    assert faults == ["after effect-claim"]


# hints and the sweeper


@pytest.fixture
def published(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The queues of the hints that are published."""
    settings.AGENTS = {"HINTS": True, "LIVE": False, "NEARBY_AGENTS": 0}
    queues: list[str] = []
    monkeypatch.setattr(
        hints.current_app, "send_task", lambda *_, queue, **__: queues.append(queue)
    )
    yield queues
    settings.AGENTS = {"HINTS": False}


def test_an_effect_is_announced_after_the_command(published: list[str]) -> None:
    Asker.of("a").ask("send", ["x"])
    PostOffice.of("a").trigger.send("y")

    wait_for(lambda: published == ["effects", "effects"], "two hints")


def test_its_answer_is_announced_on_the_lane_of_who_asked(published: list[str]) -> None:
    Asker.of("a").ask("send", ["x"])
    wait_for(lambda: published, "the hint of the effect")
    tasks.effect()

    wait_for(lambda: published == ["effects", "interactive"], "the hint of the answer")
    assert mail("asker:a") == [("answered", 0)]


def test_its_next_try_is_announced_when_it_is_due(published: list[str]) -> None:
    world.broken = [OSError("down")]
    Asker.of("a").ask("facts", [])
    wait_for(lambda: published, "the hint of the effect")
    tasks.effect()

    wait_for(lambda: published == ["effects", "effects"], "the hint of the second try")
    assert effects.run_one() is True
    assert effects.run_one() is False
    assert len(world.done) == 2


def test_a_doubled_hint_runs_nothing_twice() -> None:
    Asker.of("a").ask("send", ["x"])
    for _ in range(3):
        tasks.effect()
    step()

    assert len(world.done) == len(Asker.of("a").answers()) == 1


def test_a_sweep_finds_effects_whose_hints_were_lost(published: list[str]) -> None:
    with freeze(NOON) as time:
        Asker.of("a").ask_for_all(["x", "y", "z"])
        wait_for(lambda: len(published) == 3, "three hints")
        published.clear()
        assert effects.sweep() == 0  # they may be under way
        time.tick(1)
        assert effects.sweep() == 3

    wait_for(lambda: published == ["effects"] * 3, "three hints")


def test_a_sweep_leaves_effects_alone_that_have_hints(
    published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "queue_length", lambda queue: {"effects": 2}[queue])
    with freeze(NOON) as time:
        Asker.of("a").ask_for_all(["x", "y", "z"])
        time.tick(1)
        assert effects.sweep() == 1


def test_a_sweep_finds_only_what_can_be_run() -> None:
    world.broken = [OSError("down"), ValueError("wrong")]
    with freeze(NOON) as time:
        Asker.of("a").ask("send", ["waits for its next try"])
        PostOffice.of("a").trigger.send("failed")
        step()
        Asker.of("a").ask("send", ["claimed"])
        claim_and_die()
        time.tick(2)
        assert effects.sweep() == 0
        time.tick(9)
        assert effects.sweep() == 1  # the next try
        time.tick(LEASE)
        assert effects.sweep() == 2  # and what was claimed


# many at once


def test_however_many_run_them_at_once_each_is_run_and_answered_once() -> None:
    texts = [f"n{number}" for number in range(20)]
    Asker.of("a").ask_for_all(texts)

    def run_all() -> None:
        while effects.run_one():
            pass

    together(*[run_all] * 4)
    step()

    assert sorted(what for _, what in world.done) == sorted(texts)
    assert len(Asker.of("a").answers()) == 20


def test_an_effect_that_takes_long_keeps_nobody_waiting() -> None:
    """200 reads and 50 sends to the agent that asked go through before the effect is let go."""
    Asker.of("a").ask("wait", [])
    effect = started(effects.run_one)
    assert world.begun.wait(30)
    for number in range(50):
        Asker.of("a").trigger.note(f"n{number}")
        step()
        for _ in range(4):
            assert len(Asker.of("a").heard()) == number + 1
    assert not effect.done()
    world.go_on.set()
    assert effect.result(30) is True
    step()

    assert len(Asker.of("a").heard()) == 51


# lost commits


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_effect_is_not_run_again_because_its_result_is_lost_on_the_way(side: Side) -> None:
    Asker.of("a").ask("send", ["x"])
    with fault_at("effect-result", side) as faults:
        step()
    step()

    assert faults == [f"{side} effect-result"]
    assert len(world.done) == len(Asker.of("a").answers()) == 1


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_failed_try_is_counted_once_although_its_commit_is_lost(side: Side) -> None:
    world.broken = [OSError("down")]
    with freeze(NOON) as time:
        Asker.of("a").ask("send", ["x"])
        with fault_at("effect-result", side) as faults:
            step()
        time.tick(10)
        step()

    assert faults == [f"{side} effect-result"]
    assert len(world.done) == 2
    assert Asker.of("a").answers()[0]["attempts"] == 2


def test_a_claim_that_was_not_committed_is_made_again() -> None:
    Asker.of("a").ask("pay", [7])
    with fault_at("effect-claim", "before") as faults:
        assert effects.run_one() is False
    step()

    assert faults == ["before effect-claim"]
    assert Asker.of("a").heard() == ["pay: done pay 7"]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_command_asks_once_whichever_commit_is_lost(side: Side) -> None:
    Asker.of("a").trigger.ask("send", ["x"])
    with fault_at("turn", side):
        step()
    step()

    assert len(world.done) == len(Asker.of("a").answers()) == 1


# dead and slow processes


def test_what_a_dead_process_had_is_run_again_with_the_same_key_after_its_lease() -> None:
    with freeze(NOON) as time:
        id_ = Asker.of("a").ask("send", ["x"])
        claim_and_die()
        step()
        assert world.done == []
        time.tick(LEASE)
        step()

    assert world.done == [(id_, "x")]
    assert Asker.of("a").answers()[0]["attempts"] == 2


def test_what_ends_every_process_that_runs_it_is_given_up() -> None:
    with freeze(NOON) as time:
        Asker.of("a").ask("send", ["x"])
        for _ in range(3):
            claim_and_die()
            time.tick(LEASE)
        step()

    [answer] = Asker.of("a").answers()
    assert world.done == []
    assert (answer["attempts"], answer["refusal"]["code"]) == (3, EffectFailed.code)
    assert answer["refusal"]["facts"]["error"] == "the process that ran it died"


def test_what_is_not_idempotent_and_may_have_happened_is_refused_and_not_run_again() -> None:
    with freeze(NOON) as time:
        Asker.of("a").ask("pay", [7])
        claim_and_die()
        step()
        assert Asker.of("a").answers() == []
        time.tick(LEASE)
        step()

    [answer] = Asker.of("a").answers()
    assert world.done == []
    assert (answer["attempts"], answer["refusal"]["code"]) == (1, EffectOutcomeUnknown.code)


def test_without_anybody_to_tell_it_stays_until_an_operator_decides() -> None:
    with freeze(NOON) as time:
        Asker.of("a").ask_without_interest("pay", [7])
        claim_and_die()
        time.tick(LEASE)
        step()
        [row] = Effect.objects.all()
        assert (row.failed_at, row.last_error) == (time.now, "the process that ran it died")
        assert world.done == []

        operations.retry("asker:a", str(row.id), by="ann")
        step()

    assert world.done == [(str(row.id), "pay 7")]
    assert not Effect.objects.exists()


def test_a_lease_is_renewed_as_long_as_the_effect_runs(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # another test's has a renewal in ten seconds in mind
    monkeypatch.setattr(effects, "_leases", effects.Leases())
    settings.AGENTS = {"HINTS": False, "EFFECT_RENEW_MS": 20}
    Asker.of("a").ask("wait", [])
    effect = started(effects.run_one)
    assert world.begun.wait(30)
    first = Effect.objects.get().lease_until
    assert first is not None
    wait_for(lambda: Effect.objects.filter(lease_until__gt=first).exists(), "a renewal")
    world.go_on.set()
    assert effect.result(30) is True
    settings.AGENTS = {"HINTS": False}


def test_a_process_that_stood_still_has_no_say_any_more() -> None:
    Asker.of("a").ask("wait", [])
    slow = started(effects.run_one)
    assert world.begun.wait(30)
    Effect.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    step()
    assert Asker.of("a").answers()[0]["attempts"] == 2
    world.go_on.set()
    assert slow.result(30) is True
    step()

    assert len({key for key, _ in world.done}) == 1
    assert len(world.done) == 2
    assert len(Asker.of("a").answers()) == 1


def test_it_does_not_end_what_another_process_is_running() -> None:
    """The first failed after the second took over: the second's claim stands."""
    Asker.of("a").ask("wait", [])
    slow = started(effects.run_one)
    assert world.begun.wait(30)
    Effect.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    claim_and_die()
    world.broken = [OSError("down")]
    world.go_on.set()
    assert slow.result(30) is True

    [row] = Effect.objects.all()
    assert (row.attempts, row.last_error) == (2, None)
    assert row.claim is not None
