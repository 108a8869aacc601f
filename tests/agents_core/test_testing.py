"""The test kit itself."""

from __future__ import annotations

import pytest

from agents_core import clock
from agents_core.errors import OutcomeUnknown
from agents_core.testing import Edge, fault_at, freeze, step
from tests.agents_core.counter import Counter


def test_a_step_runs_everything_to_the_end() -> None:
    Counter.of("a").trigger.send("b", 1, 3)

    assert step() >= 1
    assert Counter.of("b").get() == 3
    assert step() == 0


def test_a_step_that_never_ends_says_so() -> None:
    Counter.of("a").trigger.echo()

    with pytest.raises(AssertionError, match="does not end"):
        step(limit=5)


def test_a_frozen_clock_stands_still_until_told() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        assert clock.now() == clock.now() == time.now
        time.tick(1.5)
        assert clock.now().isoformat() == "2026-03-01T12:00:01.500000+00:00"


def test_after_a_freeze_in_the_future_time_is_as_before() -> None:
    before = clock.stamp()
    with freeze("2126-03-01T12:00:00Z"):
        assert clock.stamp() > before
    after = clock.stamp()

    assert before < after < before + 60_000_000


@pytest.mark.parametrize("edge", ["turn", "send"])
def test_a_fault_hits_its_edge_alone(edge: Edge) -> None:
    other: Edge = "send" if edge == "turn" else "turn"
    with fault_at(other, "before") as faults:
        if edge == "turn":
            Counter.of("a").add(1)
        else:
            Counter.of("a").trigger.add(1)

    assert faults == []


def test_faults_end_with_their_block() -> None:
    with fault_at("turn", "before", times=5), pytest.raises(OutcomeUnknown):
        Counter.of("a").add(1)

    assert Counter.of("a").add(1) == 1
