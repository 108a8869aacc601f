"""Idempotency keys, and commits that are lost right before or right after they happen."""

import pytest

from agents_core import Caller, calling
from agents_core.errors import IdempotencyKeyReused, OutcomeUnknown
from agents_core.mailbox import prune, sweep
from agents_core.testing import Edge, Side, fault_at, freeze, step
from tests.agents_core.counter import Counter, TooMuch
from tests.agents_core.racing import (
    dead,
    in_own_process,
    locked,
    mail,
    rows,
    started,
    together,
    wait_for_waiters,
)

SIDES: list[Side] = ["before", "after"]


def add_with_key(key: str, amount: int = 1) -> tuple[int, bool]:
    with calling(Caller("alice"), key=key) as call:
        return Counter.of("a").add(amount), call.replayed


def test_the_same_key_answers_from_its_record() -> None:
    assert add_with_key("k") == (1, False)
    assert add_with_key("k") == (1, True)
    assert Counter.of("a").get() == 1


def test_the_same_key_with_other_arguments_is_refused() -> None:
    add_with_key("k")

    with pytest.raises(IdempotencyKeyReused):
        add_with_key("k", 2)

    assert Counter.of("a").get() == 1


def test_the_same_key_for_another_method_is_refused() -> None:
    add_with_key("k")

    with pytest.raises(IdempotencyKeyReused), calling(Caller("alice"), key="k"):
        Counter.of("a").forget()


def test_other_keys_are_other_calls() -> None:
    add_with_key("k")
    add_with_key("l")

    assert Counter.of("a").get() == 2


def test_the_same_key_on_another_agent_is_another_call() -> None:
    add_with_key("k")
    with calling(Caller("alice"), key="k"):
        assert Counter.of("b").add(1) == 1


def test_a_refusal_is_answered_from_its_record_too() -> None:
    Counter.of("a").add(1_000_000)
    for _ in range(2):
        with pytest.raises(TooMuch) as refused:
            add_with_key("k", 7)
    Counter.of("a").add(-10)

    with pytest.raises(TooMuch):
        add_with_key("k", 7)
    assert refused.value.facts == {"amount": 7}


def test_a_fault_is_not_recorded_and_may_be_tried_again() -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError), calling(Caller("alice"), key="k"):
            Counter.of("a").fail()

    assert rows("SELECT 1 FROM agents_core_invocation") == []


def test_commands_of_one_block_have_keys_derived_by_their_ordinal() -> None:
    for _ in range(2):
        with calling(Caller("alice"), key="k") as call:
            assert Counter.of("a").add(1) == 1
            assert Counter.of("a").add(1) == 2
            assert Counter.of("b").add(1) == 1

    assert call.replayed
    assert rows("SELECT agent_id, key FROM agents_core_invocation ORDER BY agent_id, key") == [
        ("counter:a", "k"),
        ("counter:a", "k#1"),
        ("counter:b", "k#2"),
    ]


def test_a_trigger_with_a_key_is_sent_once() -> None:
    for _ in range(2):
        with calling(Caller("alice"), key="k") as call:
            Counter.of("a").trigger.add(1)
    step()

    assert call.replayed
    assert Counter.of("a").get() == 1


def test_a_trigger_with_a_key_is_sent_once_however_many_send_it_at_once() -> None:
    def send() -> None:
        with calling(Caller("alice"), key="k"):
            Counter.of("a").trigger.add(1)

    together(*[send] * 6)
    step()

    assert Counter.of("a").get() == 1


def test_the_same_key_while_the_first_runs_waits_for_its_answer() -> None:
    Counter.of("a").add(1)
    with locked("counter:a"):
        first = started(lambda: in_own_process(Counter.of("a"), "add", 1, key="k"))
        second = started(lambda: in_own_process(Counter.of("a"), "add", 1, key="k"))
        wait_for_waiters(2)

    assert (first.result(30), second.result(30)) == (2, 2)
    assert Counter.of("a").get() == 2


def test_the_same_key_in_many_threads_of_a_process_runs_once() -> None:
    results = together(*[lambda: add_with_key("k")] * 8)

    assert [answer for answer, _ in results] == [1] * 8
    assert sorted(replayed for _, replayed in results) == [False] + [True] * 7


def test_a_key_on_a_new_agent_in_many_processes_runs_once() -> None:
    results = together(*[lambda: in_own_process(Counter.of("new"), "add", 1, key="k")] * 6)

    assert results == [1] * 6


def test_a_key_is_known_for_a_day_and_then_means_nothing() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        add_with_key("k")
        time.tick(24 * 3600)
        prune()
        assert add_with_key("k") == (1, True)
        time.tick(2 * 3600)
        prune()
        assert add_with_key("k") == (2, False)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("times", [1, 3])
def test_a_command_with_a_key_happens_once_whenever_its_commit_is_lost(
    side: Side, times: int
) -> None:
    with fault_at("turn", side, times=times) as faults:
        answer, _ = add_with_key("k")

    assert len(faults) >= 1
    assert answer == Counter.of("a").get() == 1


@pytest.mark.parametrize(("side", "count"), [("before", None), ("after", 1)])
def test_a_command_without_a_key_says_that_its_outcome_is_unknown(
    side: Side, count: int | None
) -> None:
    with fault_at("turn", side), pytest.raises(OutcomeUnknown):
        Counter.of("a").add(1)

    assert Counter.of("a").get() == count


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("edge", ["turn", "attempt"])
def test_mail_is_run_once_whenever_a_commit_of_its_drain_is_lost(edge: Edge, side: Side) -> None:
    Counter.of("a").send("b", 1, 3)
    with fault_at(edge, side) as faults:
        step()

    assert faults == [f"{side} {edge}"]
    assert Counter.of("b").get_seen() == ["a0", "a1", "a2"]
    assert mail("counter:b") == dead("counter:b") == []


@pytest.mark.parametrize("side", SIDES)
def test_what_mail_sends_is_sent_once_whenever_its_commit_is_lost(side: Side) -> None:
    Counter.of("a").trigger.send("b", 1)
    with fault_at("turn", side):
        step()

    assert Counter.of("b").get() == 1


@pytest.mark.parametrize("side", SIDES)
def test_a_nested_call_happens_once_on_both_whenever_the_commit_is_lost(side: Side) -> None:
    Counter.of("a").trigger.add_to("b", 1)
    with fault_at("turn", side):
        step()

    assert Counter.of_many(["a", "b"]).get() == [1, 1]


@pytest.mark.parametrize("side", SIDES)
def test_a_trigger_with_a_key_is_sent_once_whenever_its_commit_is_lost(side: Side) -> None:
    with fault_at("send", side), calling(Caller("alice"), key="k"):
        Counter.of("a").trigger.add(1)
    step()

    assert Counter.of("a").get() == 1


@pytest.mark.parametrize("side", SIDES)
def test_a_schedule_moves_into_the_mailbox_once_whenever_the_commit_is_lost(side: Side) -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of("a").schedule(at=time.now, name="x").add(1)
        with fault_at("schedule", side), pytest.raises(Exception, match="lost"):
            sweep()
        time.tick(2)
        sweep()
        step()

    assert Counter.of("a").get() == 1


def test_innocent_mail_is_not_blamed_for_lost_commits() -> None:
    Counter.of("a").trigger.add(1)
    with fault_at("turn", "before", times=6):
        step()

    assert Counter.of("a").get() == 1
    assert dead("counter:a") == []
