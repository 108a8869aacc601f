"""What operators do: cancel, retry, discard, delete."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

import pytest

from agents_core import ArgumentsNotValid, calling, clock, operations
from agents_core.errors import AgentDeleted, NoSuchAgent, NoSuchInvocation, OperationNotAllowed
from agents_core.models import Agent, Operation
from agents_core.testing import freeze, step
from tests.agents_core.counter import Counter, go_on, stalling
from tests.agents_core.racing import (
    dead,
    in_own_process,
    mail,
    oplog,
    rows,
    started,
    transaction,
    wait_for_waiters,
)

ANN = "ann"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


def letter() -> str:
    """The id of a dead letter of counter:a."""
    id_: str = Counter.of("a").trigger.fail("no luck")  # type: ignore[assignment]
    step()
    return id_


# cancel


def test_what_waits_can_be_cancelled() -> None:
    Counter.of("a").add(1)
    id_: str = Counter.of("a").trigger.add(10)  # type: ignore[assignment]

    assert operations.cancel("counter:a", id_, by=ANN) is True

    step()
    assert Counter.of("a").get() == 1
    kind, entry = oplog("counter:a")[1]
    assert (kind, entry) == ("cancel", {"by": ANN, "message": id_, "method": "add"})


def test_what_has_run_cannot() -> None:
    id_: str = Counter.of("a").trigger.add(10)  # type: ignore[assignment]
    step()

    assert operations.cancel("counter:a", id_, by=ANN) is False
    assert operations.cancel("counter:a", letter(), by=ANN) is False


@pytest.mark.parametrize("id_", [str(uuid.uuid4()), "0199", "", str(uuid.UUID(int=2**128 - 1))])
def test_what_never_was_is_an_error(id_: str) -> None:
    Counter.of("a").add(1)

    with pytest.raises(NoSuchInvocation):
        operations.cancel("counter:a", id_, by=ANN)


def test_one_of_a_message_to_many_can_be_cancelled() -> None:
    Counter.of_many(["a", "b"]).trigger.add(1)
    [(id_,)] = rows("SELECT id::text FROM agents_core_message WHERE agent_id = 'counter:a'")

    assert operations.cancel("counter:a", id_, by=ANN)

    step()
    assert (Counter.of("a").get(), Counter.of("b").get()) == (None, 1)


# dead letters


def test_a_dead_letter_is_tried_again_with_other_arguments() -> None:
    id_: str = Counter.of("a").trigger.add_to("a", 1)  # type: ignore[assignment]
    rows("UPDATE agents_core_message SET args = '{\"other\": 5}'")
    step()
    assert [method for method, *_ in dead("counter:a")] == ["add_to"]

    operations.retry("counter:a", id_, by=ANN, args={"other": "b", "amount": 2})
    step()

    assert dead("counter:a") == []
    assert (Counter.of("a").get(), Counter.of("b").get()) == (2, 2)


def test_arguments_that_do_not_fit_change_nothing() -> None:
    id_ = letter()

    with pytest.raises(ArgumentsNotValid):
        operations.retry("counter:a", id_, by=ANN, args={"message": 7})

    assert len(dead("counter:a")) == 1
    assert mail("counter:a") == []


def test_a_dead_letter_is_thrown_away_but_for_the_record() -> None:
    id_ = letter()

    operations.discard("counter:a", id_, by=ANN)

    assert dead("counter:a") == []
    row = Operation.objects.get()
    assert row.details == {"message": id_, "method": "fail", "args": {"message": "no luck"}}
    with pytest.raises(NoSuchInvocation):
        operations.discard("counter:a", id_, by=ANN)


def test_a_dead_letter_of_one_that_ended_cannot_be_tried_again() -> None:
    Counter.of("a").add(1)
    id_ = letter()
    Counter.of("a").end()

    with pytest.raises(OperationNotAllowed):
        operations.retry("counter:a", id_, by=ANN)

    operations.discard("counter:a", id_, by=ANN)
    assert dead("counter:a") == []


# delete


def test_a_deleted_agent_begins_from_scratch() -> None:
    Counter.of("a").add(5)
    Counter.of("a").put_note("n", "note", 1)
    [before] = Agent.objects.values_list("incarnation", flat=True)

    operations.delete("counter:a", by=ANN)

    assert Counter.of("a").get() is None
    assert Counter.of("a").count_notes() == 0
    assert Counter.of("a").add(1) == 1
    [after] = Agent.objects.values_list("incarnation", flat=True)
    assert before != after
    assert [kind for kind, _ in oplog("counter:a")] == ["command"]


def test_nothing_meant_for_it_reaches_the_next() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of("a").add(1)
        Counter.of("a").trigger.add(10)
        Counter.of_many(["a"]).trigger.add(100)
        Counter.of("a").schedule(at=clock.now() + timedelta(hours=1)).add(1000)
        Counter.of("a").schedule(at=clock.now() - timedelta(hours=1)).add(10000)
        with calling("eve", key="k"):
            Counter.of("a").add(1)

        operations.delete("counter:a", by=ANN)
        time.tick(7200)
        step()
        with calling("eve", key="k") as call:
            assert Counter.of("a").add(2) == 2

    assert not call.replayed


def test_who_waits_for_it_is_told() -> None:
    Counter.of("a").add(1)
    running = started(lambda: in_own_process(Counter.of("a"), "stall"))
    assert stalling.wait(30)
    deleting = started(lambda: operations.delete("counter:a", by=ANN))
    wait_for_waiters()
    waiting = started(lambda: in_own_process(Counter.of("a"), "add", 7))
    wait_for_waiters(2)
    go_on.set()

    assert running.result(30) == 2
    deleting.result(30)
    with pytest.raises(AgentDeleted):
        waiting.result(30)
    assert Counter.of("a").get() is None
    assert Counter.of("a").add(7) == 7


def test_a_schedule_that_is_being_moved_is_deleted_too() -> None:
    Counter.of("a").add(1)
    Counter.of("a").schedule(at=clock.now()).add(1)

    with transaction() as mover:
        mover.execute(
            "WITH due AS (DELETE FROM agents_core_schedule RETURNING *) "
            "INSERT INTO agents_core_message (agent_id, id, method, args) "
            "SELECT agent_id, gen_random_uuid(), method, args FROM due"
        )
        deleting = started(lambda: operations.delete("counter:a", by=ANN))
        wait_for_waiters()
    deleting.result(30)

    assert mail("counter:a") == []


def test_one_that_never_was_cannot_be_deleted() -> None:
    with pytest.raises(NoSuchAgent):
        operations.delete("counter:nobody", by=ANN)


def test_mail_of_one_that_is_nobody_yet_can() -> None:
    Counter.of("a").trigger.add(1)

    operations.delete("counter:a", by=ANN)

    assert step() == 0
