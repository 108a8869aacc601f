"""Faults of messages: tried again, then parked; one never takes others with it."""

import logging

import pytest

from agents_core import RetryPolicy
from agents_core.mailbox import drain
from agents_core.testing import freeze, step
from tests.agents_core.agents import Fragile
from tests.agents_core.counter import Counter
from tests.agents_core.racing import dead, mail, oplog


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


@pytest.mark.parametrize(
    ("policy", "attempts", "seconds"),
    [
        (RetryPolicy(jitter=0), 1, 0.1),
        (RetryPolicy(jitter=0), 2, 0.3),
        (RetryPolicy(jitter=0), 3, 0.9),
        (RetryPolicy(jitter=0), 4, None),
        (RetryPolicy(retries=0), 1, None),
        (RetryPolicy(retries=9, jitter=0), 4, 1.0),
        (RetryPolicy(retries=9, jitter=0, cap=60.0), 4, 2.7),
        (RetryPolicy(retries=10**6, jitter=0), 10**6, 1.0),
        (RetryPolicy(factor=1.0, jitter=0), 3, 0.1),
        (RetryPolicy(delay=5.0, jitter=0), 1, 1.0),
    ],
)
def test_the_delay_follows_from_the_policy(
    policy: RetryPolicy, attempts: int, seconds: float | None
) -> None:
    assert policy.seconds_after(attempts, chance=0.5) == pytest.approx(seconds)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 0.085), (0.5, 0.1), (1.0, 0.115)])
def test_the_delay_is_spread_by_the_jitter(chance: float, seconds: float) -> None:
    assert RetryPolicy().seconds_after(1, chance=chance) == pytest.approx(seconds)


def test_a_message_that_faults_on_every_try_is_parked_with_its_error() -> None:
    Counter.of("a").trigger.fail("no luck")
    step()

    assert dead("counter:a") == [("fail", 4, "RuntimeError: no luck")]
    assert mail("counter:a") == []


def test_each_fault_is_in_the_oplog_of_an_agent_that_exists() -> None:
    Counter.of("a").add(1)
    Counter.of("a").trigger.fail()
    step()

    kinds = [kind for kind, _ in oplog("counter:a")]
    assert kinds == ["command", *["fault", "retry"] * 3, "fault", "parked"]


def test_a_type_may_have_its_own_policy() -> None:
    Fragile.of("a").trigger.fail()
    step()

    assert dead("fragile:a") == [("fail", 1, "RuntimeError: broken")]


def test_a_retry_waits_for_its_time() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of("a").trigger.fail()
        drain(["counter:a"])
        drain(["counter:a"])
        assert mail("counter:a") == [("fail", 1)]

        time.tick(0.2)
        drain(["counter:a"])
        assert mail("counter:a") == [("fail", 2)]


def test_a_fault_holds_up_the_later_messages_of_its_sender() -> None:
    with freeze("2026-03-01T12:00:00Z"):
        Counter.of("a").send_bad("b")
        drain(["counter:b"])

        assert mail("counter:b") == [("fail", 1), ("add", 0)]


def test_a_fault_holds_up_nobody_else() -> None:
    with freeze("2026-03-01T12:00:00Z"):
        Counter.of("a").send_bad("b")
        Counter.of("c").send("b", 1)
        drain(["counter:b"])

        assert Counter.of("b").get_seen() == ["c0"]


def test_after_its_fault_is_parked_a_sender_goes_on() -> None:
    Counter.of("a").send_bad("b")
    step()

    assert Counter.of("b").get_seen() == ["after the bad one"]


def test_a_fault_in_a_batch_is_dropped_alone() -> None:
    for number in range(5):
        Counter.of("a").send("b", 1)
        if number == 2:
            Counter.of("bad").send_bad("b")
    drain(["counter:b"])

    assert Counter.of("b").get() == 5


def test_a_refusal_in_a_batch_is_dropped_alone() -> None:
    Counter.of("b").trigger.add(1)
    Counter.of("b").trigger.refuse_half_way(5)
    Counter.of("b").trigger.add(1)
    step()

    assert Counter.of("b").get() == 2
    assert Counter.of("b").count_notes() == 0
    assert Counter.of("other").get() is None


def test_a_fault_on_one_agent_of_a_batch_leaves_the_others() -> None:
    names = [f"n{number}" for number in range(10)]
    Counter.of_many(names).trigger.add(1)
    Counter.of("n5").trigger.fail()
    drain([Counter.of(name).id for name in names])

    assert Counter.of_many(names).get() == [1] * 10


def test_a_fault_behind_a_nested_call_leaves_the_mail_before_it() -> None:
    Counter.of("a").trigger.add(1, "first")
    Counter.of("a").trigger.add_to("b", 1)
    Counter.of("a").trigger.add_then_fail("b", 100)
    Counter.of("a").trigger.add(1, "last")
    step()

    assert Counter.of_many(["a", "b"]).get() == [3, 1]
    assert Counter.of("a").get_seen() == ["first", "last"]


@pytest.mark.parametrize("message", ["a\0b", "\ud800", "x" * 100_000])
def test_a_fault_with_an_odd_error_is_parked_like_any(message: str) -> None:
    Fragile.of("a").add()
    Fragile.of("b").trigger.add()
    Fragile.of("a").trigger.fail_oddly(message.encode(errors="surrogatepass").hex())
    step()

    assert [attempts for _, attempts, _ in dead("fragile:a")] == [1]
    assert Fragile.of("b").get() == 1


def test_a_commit_that_the_database_refuses_is_its_message_fault_alone() -> None:
    """What cannot be stored and was found by the database alone."""
    Counter.of("a").add(1)
    Counter.of("a").trigger.keep_nul("state")
    Counter.of("b").trigger.add(1)
    Counter.of("a").trigger.add(1, "after")
    step()

    assert Counter.of_many(["a", "b"]).get() == [2, 1]
    assert [method for method, _, _ in dead("counter:a")] == ["keep_nul"]


@pytest.mark.parametrize("where", ["state", "item", "key", "result", "refusal", "long key", "sort"])
def test_a_command_that_keeps_what_cannot_be_stored_is_refused_or_faults(where: str) -> None:
    Counter.of("a").add(1)

    with pytest.raises((ValueError, TypeError, OverflowError, Exception)) as raised:
        Counter.of("a").keep_nul(where)

    assert "psycopg" not in type(raised.value).__module__
    assert Counter.of("a").get() == 1


def test_such_a_command_takes_no_other_with_it() -> None:
    names = ["a", "b", "c"]
    Counter.of_many(names).trigger.add(1)
    for where in ("state", "item", "key", "long key", "sort", "refusal"):
        Counter.of("b").trigger.keep_nul(where)
    Counter.of_many(names).trigger.add(1, "after")
    step()

    assert Counter.of_many(names).get() == [2, 2, 2]
