"""Commands for later: rows that move into the mailbox when they are due."""

from datetime import datetime, timedelta

import pytest

from agents_core.mailbox import sweep
from agents_core.testing import freeze, step
from tests.agents_core.counter import Counter
from tests.agents_core.racing import rows, started, together

NOON = datetime.fromisoformat("2026-03-01T12:00:00Z")
HOUR = timedelta(hours=1)


def test_it_runs_when_it_is_due_and_not_before() -> None:
    with freeze(NOON) as time:
        Counter.of("a").schedule(at=NOON + HOUR).add(1)
        time.tick(3599)
        step()
        assert Counter.of("a").get() is None
        time.tick(1)
        step()

    assert Counter.of("a").get() == 1


def test_what_is_due_in_the_past_runs_at_once() -> None:
    with freeze(NOON):
        Counter.of("a").schedule(at=NOON - HOUR).add(1)
        step()

    assert Counter.of("a").get() == 1


def test_it_runs_once_however_often_it_is_swept() -> None:
    with freeze(NOON):
        Counter.of("a").schedule(at=NOON).add(1)
        sweep()
        sweep()

    assert Counter.of("a").get() == 1


def test_it_runs_once_however_many_sweep_at_once() -> None:
    for number in range(20):
        Counter.of(f"n{number}").schedule(at=NOON).add(1)
    together(*[sweep] * 4)
    step()

    assert Counter.of_many([f"n{number}" for number in range(20)]).get() == [1] * 20


def test_the_same_name_replaces_what_was_scheduled() -> None:
    with freeze(NOON):
        Counter.of("a").schedule(at=NOON - HOUR, name="x").add(1)
        Counter.of("a").schedule(at=NOON, name="x").add(10)
        Counter.of("a").schedule(at=NOON, name="y").add(100)
        Counter.of("b").schedule(at=NOON, name="x").add(1000)
        step()

    assert Counter.of_many(["a", "b"]).get() == [110, 1000]


def test_without_a_name_nothing_is_replaced() -> None:
    with freeze(NOON):
        Counter.of("a").schedule(at=NOON).add(1)
        Counter.of("a").schedule(at=NOON).add(1)
        step()

    assert Counter.of("a").get() == 2


def test_it_can_be_cancelled_until_it_moved() -> None:
    with freeze(NOON):
        Counter.of("a").schedule(at=NOON, name="x").add(1)
        assert Counter.of("a").unschedule("x") is True
        assert Counter.of("a").unschedule("x") is False
        step()

    assert Counter.of("a").get() is None


def test_it_cannot_be_cancelled_when_it_is_under_way() -> None:
    with freeze(NOON):
        Counter.of("a").schedule(at=NOON, name="x").add(1)
        sweep()

        assert Counter.of("a").unschedule("x") is False


def test_commands_schedule_and_cancel() -> None:
    with freeze(NOON):
        Counter.of("a").later("b", NOON, "x")
        Counter.of("a").later("b", NOON, "y", amount=10)
        assert Counter.of("a").cancel("b", "x") is True
        assert Counter.of("a").cancel("b", "x") is False
        step()

    assert Counter.of("b").get() == 10


def test_a_dropped_command_schedules_nothing() -> None:
    with pytest.raises(RuntimeError):
        Counter.of("a").later_then_fail("b", NOON)

    assert rows("SELECT 1 FROM agents_core_schedule") == []


def test_what_is_due_first_runs_first() -> None:
    with freeze(NOON):
        for minutes, label in ((3, "third"), (1, "first"), (2, "second")):
            Counter.of("a").schedule(at=NOON - HOUR + timedelta(minutes=minutes)).add(1, label)
        step()

    assert Counter.of("a").get_seen() == ["first", "second", "third"]


def test_it_takes_no_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Counter.of("a").schedule(at=datetime(2026, 3, 1)).add(1)


def test_a_schedule_another_sweep_holds_is_left_to_it() -> None:
    Counter.of("a").schedule(at=NOON, name="x").add(1)

    assert started(sweep).result(30) == 1
    assert Counter.of("a").get() == 1
