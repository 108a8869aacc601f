"""Awaited commands inside commands: one transaction, all or nothing."""

import pytest

from agents_core.answering import MAX_DEPTH
from agents_core.errors import CallCycle, CallTooDeep
from agents_core.testing import step
from tests.agents_core.counter import Counter
from tests.agents_core.racing import (
    in_own_process,
    locked,
    mail,
    oplog,
    started,
    together,
    wait_for_waiters,
)


def test_it_commits_both_or_neither() -> None:
    assert Counter.of("a").add_to("b", 3) == 3

    assert Counter.of_many(["a", "b"]).get() == [3, 3]


def test_a_fault_after_the_call_drops_everything() -> None:
    Counter.of("b").add(1)

    with pytest.raises(RuntimeError):
        Counter.of("a").add_then_fail("b", 3)

    assert Counter.of_many(["a", "b"]).get() == [None, 1]
    assert len(oplog("counter:b")) == 1


def test_a_fault_at_the_end_of_a_chain_drops_the_whole_chain() -> None:
    with pytest.raises(RuntimeError):
        Counter.of("a").pass_on_then_fail(["b", "c", "d"])

    assert Counter.of_many(["a", "b", "c", "d"]).get() == [None] * 4


def test_a_refused_call_changes_nothing_and_its_caller_goes_on() -> None:
    Counter.of("b").add(1)

    assert Counter.of("a").try_refused("b") == "too_much"
    step()

    assert Counter.of_many(["a", "b", "other"]).get() == [1, 1, None]
    assert Counter.of("b").count_notes() == 0


def test_a_caught_fault_of_a_call_leaves_nothing_of_that_call() -> None:
    Counter.of("b").add(1)

    assert Counter.of("a").swallow_fault("b") == "caught broken"

    assert Counter.of("b").get() == 1


def test_a_call_sees_what_the_command_did_before() -> None:
    assert Counter.of("a").pass_on(["b", "c"]) == 3
    assert Counter.of("a").add_and_sum("b", 5) == 6


def test_a_chain_that_returns_is_refused_with_the_chain() -> None:
    with pytest.raises(CallCycle) as refused:
        Counter.of("a").call_back("b")

    assert refused.value.facts["chain"] == "counter:a -> counter:b -> counter:a"
    assert Counter.of_many(["a", "b"]).get() == [None, None]


def test_a_call_to_itself_is_refused() -> None:
    with pytest.raises(CallCycle):
        Counter.of("a").add_to("a", 1)


def test_a_chain_may_return_with_a_query() -> None:
    assert Counter.of("a").read_of("b") == 1


def test_a_chain_may_be_as_deep_as_said_and_no_deeper() -> None:
    names = [f"n{number}" for number in range(MAX_DEPTH + 1)]

    assert Counter.of(names[0]).pass_on(names[1:MAX_DEPTH]) == MAX_DEPTH
    with pytest.raises(CallTooDeep):
        Counter.of(names[0]).pass_on(names[1:])

    assert Counter.of(names[0]).get() == 1


def test_a_call_overtakes_neither_waiting_mail_nor_what_its_caller_sent_before() -> None:
    Counter.of("b").trigger.add(1, "waited")
    Counter.of("a").send_then_await("b")
    step()

    assert Counter.of("b").get_seen() == ["waited", "sent", "awaited"]


def test_two_turns_that_would_deadlock_both_succeed() -> None:
    together(
        *[
            lambda: [in_own_process(Counter.of("a"), "add_to", "b", 1) for _ in range(5)],
            lambda: [in_own_process(Counter.of("b"), "add_to", "a", 1) for _ in range(5)],
        ]
        * 2
    )

    assert Counter.of_many(["a", "b"]).get() == [20, 20]


def test_a_lock_met_half_way_is_waited_for_without_the_caller_noticing() -> None:
    Counter.of("b").add(1)
    with locked("counter:b"):
        call = started(lambda: Counter.of("a").add_to("b", 2))
        wait_for_waiters()
        assert not call.done()

    assert call.result(30) == 3
    assert Counter.of_many(["a", "b"]).get() == [2, 3]


def test_what_waits_for_a_lock_holds_up_nobody_else() -> None:
    Counter.of("b").add(1)
    with locked("counter:b"):
        call = started(lambda: Counter.of("a").add_to("b", 2))
        wait_for_waiters()

        assert Counter.of("c").add(1) == 1
    call.result(30)


def test_a_message_that_meets_a_lock_waits_for_it_too() -> None:
    Counter.of("b").add(1)
    Counter.of("a").trigger.add_to("b", 2)
    with locked("counter:b"):
        drained = started(step)
        wait_for_waiters()
        assert mail("counter:a") == [("add_to", 0)]
    drained.result(30)

    assert Counter.of_many(["a", "b"]).get() == [2, 3]


def test_many_callers_make_one_new_agent_together() -> None:
    together(*[lambda: in_own_process(Counter.of("new"), "add", 1) for _ in range(8)])

    assert Counter.of("new").get() == 8


def test_calls_to_an_agent_another_process_holds_go_together_when_it_is_free() -> None:
    Counter.of("hot").add(1)
    with locked("counter:hot"):
        calls = [started(lambda: Counter.of("hot").add(1)) for _ in range(6)]
        wait_for_waiters()

    assert sorted(call.result(30) for call in calls) == [2, 3, 4, 5, 6, 7]
