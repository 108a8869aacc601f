"""Statuses: what may be done in which, and that the oplog tells them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from agents_core import calling, mailbox, operations
from agents_core.errors import (
    AgentExited,
    AgentFailed,
    AgentInterrupted,
    NoSuchAgent,
    OperationNotAllowed,
    WriteInQuery,
)
from agents_core.lifecycle import ALLOWED, Operation, Status
from agents_core.models import Agent
from agents_core.models import Operation as OperationRow
from agents_core.testing import fault_at, step
from tests.agents_core.agents import Brittle, Plumbing
from tests.agents_core.counter import Counter, TooMuch
from tests.agents_core.racing import dead, mail, oplog, rows

ANN = "ann"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


def status(agent_id: str) -> str:
    return Agent.objects.get(id=agent_id).status


def kinds(agent_id: str) -> list[str]:
    return [kind for kind, _ in oplog(agent_id)]


def drained(agent_id: str) -> None:
    """As a worker does it, retries only when they are due."""
    mailbox.drain([agent_id])


# interrupt and resume


def test_an_interrupted_agent_refuses_commands_and_answers_queries() -> None:
    Counter.of("a").add(1)

    operations.interrupt("counter:a", by=ANN)

    with pytest.raises(AgentInterrupted) as refused:
        Counter.of("a").add(1)
    assert refused.value.status == 503
    assert Counter.of("a").get() == 1
    assert status("counter:a") == "interrupted"


def test_its_mail_waits_until_it_is_resumed() -> None:
    Counter.of("a").add(1)
    operations.interrupt("counter:a", by=ANN)
    Counter.of("a").trigger.add(2)
    Counter.of("b").send("a", 3)
    step()
    assert Counter.of("a").get() == 1
    assert len(mail("counter:a")) == 2

    operations.resume("counter:a", by=ANN)
    step()

    assert Counter.of("a").get() == 6
    assert status("counter:a") == "idle"


def test_the_sweeper_leaves_its_mail_alone() -> None:
    Counter.of("a").add(1)
    operations.interrupt("counter:a", by=ANN)
    Counter.of("a").trigger.add(1)

    assert step() == 0

    operations.resume("counter:a", by=ANN)
    assert step() == 1


def test_to_interrupt_twice_changes_nothing_the_second_time() -> None:
    Counter.of("a").add(1)
    operations.interrupt("counter:a", by=ANN)
    operations.interrupt("counter:a", by=ANN)

    assert kinds("counter:a") == ["command", "interrupt"]


def test_who_did_it_is_recorded() -> None:
    Counter.of("a").add(1)
    operations.interrupt("counter:a", by=ANN)
    operations.resume("counter:a", by="bob")

    assert [(row.operation, row.who) for row in OperationRow.objects.order_by("at")] == [
        ("interrupt", "ann"),
        ("resume", "bob"),
    ]
    assert oplog("counter:a")[1][1] == {"by": "ann"}


def test_nobody_can_be_interrupted_who_does_not_exist() -> None:
    with pytest.raises(NoSuchAgent):
        operations.interrupt("counter:nobody", by=ANN)

    assert not OperationRow.objects.exists()


def test_an_awaited_call_to_an_interrupted_agent_is_refused_whole() -> None:
    Counter.of("b").add(1)
    operations.interrupt("counter:b", by=ANN)

    with pytest.raises(AgentInterrupted):
        Counter.of("a").add_to("b", 1)

    assert Counter.of("a").get() is None
    assert Counter.of("b").get() == 1


def test_a_message_that_calls_an_interrupted_agent_is_put_off_and_not_given_up() -> None:
    Counter.of("b").add(1)
    operations.interrupt("counter:b", by=ANN)
    Counter.of("a").trigger.add_to("b", 1)
    for _ in range(10):  # more often than a fault would be tried
        rows("UPDATE agents_core_message SET retry_at = NULL")
        drained("counter:a")
    assert mail("counter:a") == [("add_to", 0)]

    operations.resume("counter:b", by=ANN)
    step()

    assert Counter.of("a").get() == 1
    assert Counter.of("b").get() == 2
    assert kinds("counter:a") == ["command"]


def test_a_call_refused_because_of_it_may_be_made_again_with_its_key() -> None:
    Counter.of("a").add(1)
    operations.interrupt("counter:a", by=ANN)
    with pytest.raises(AgentInterrupted), calling("eve", key="k"):
        Counter.of("a").add(1)
    operations.resume("counter:a", by=ANN)

    with calling("eve", key="k") as call:
        assert Counter.of("a").add(1) == 2

    assert not call.replayed


# retrying


def test_it_is_retrying_while_a_message_waits_for_its_next_try() -> None:
    Counter.of("a").add(1)
    Counter.of("a").trigger.fail()
    drained("counter:a")

    assert status("counter:a") == "retrying"
    assert Counter.of("a").add(1) == 2

    step()
    assert status("counter:a") == "idle"


def test_to_resume_it_tries_at_once() -> None:
    Counter.of("a").add(1)
    Counter.of("a").trigger.fail()
    drained("counter:a")
    drained("counter:a")
    assert mail("counter:a") == [("fail", 1)]

    operations.resume("counter:a", by=ANN)
    drained("counter:a")

    assert mail("counter:a") == [("fail", 2)]


def test_it_can_be_interrupted_and_deleted_during_the_delay() -> None:
    for name in ("a", "b"):
        Counter.of(name).add(1)
        Counter.of(name).trigger.fail()
        drained(f"counter:{name}")

    operations.interrupt("counter:a", by=ANN)
    operations.delete("counter:b", by=ANN)
    step()

    assert mail("counter:a") == [("fail", 1)]
    assert mail("counter:b") == []
    assert status("counter:a") == "interrupted"


# failed


def test_a_type_can_fail_with_its_message() -> None:
    Brittle.of("a").add()
    Brittle.of("a").trigger.fail()
    Brittle.of("a").trigger.add()
    step()

    assert status("brittle:a") == "failed"
    assert mail("brittle:a") == [("fail", 2), ("add", 0)]
    with pytest.raises(AgentFailed):
        Brittle.of("a").add()
    assert Brittle.of("a").get() == 1
    assert dead("brittle:a") == []


def test_it_does_not_fail_for_what_an_outsider_awaited() -> None:
    Brittle.of("a").add()
    with pytest.raises(RuntimeError):
        Brittle.of("a").fail()

    assert status("brittle:a") == "idle"


def test_a_message_to_one_that_is_nobody_yet_is_parked() -> None:
    Brittle.of("a").trigger.fail()
    step()

    assert [method for method, *_ in dead("brittle:a")] == ["fail"]


# exited


def test_it_ends_itself_with_a_command() -> None:
    assert Counter.of("a").end() == 1

    assert status("counter:a") == "exited"
    with pytest.raises(AgentExited):
        Counter.of("a").add(1)
    with pytest.raises(AgentExited):
        Counter.of("a").trigger.add(1)
    assert Counter.of("a").get() == 1


def test_a_refused_command_does_not_end_it() -> None:
    Counter.of("a").add(1)
    with pytest.raises(TooMuch):
        Counter.of("a").end_then_refuse()

    assert Counter.of("a").add(1) == 2


def test_a_query_cannot_end_it() -> None:
    with pytest.raises(WriteInQuery):
        Counter.of("a").cheat_by_exit()


def test_mail_to_one_that_ended_becomes_dead_letters() -> None:
    Counter.of("a").trigger.add(1)
    Counter.of("a").trigger.end()
    Counter.of("a").trigger.add(1, "behind")
    step()
    Counter.of("b").send("a", 1)
    step()

    assert Counter.of("a").get_seen() == ["the last"]
    assert [letter[::2] for letter in dead("counter:a")] == [("add", "its agent has exited")] * 2


# the table


def test_what_is_refused_says_the_way_out() -> None:
    Counter.of("a").end()

    with pytest.raises(OperationNotAllowed, match="delete it to begin anew") as refused:
        operations.interrupt("counter:a", by=ANN)

    assert refused.value.facts["status"] == "exited"


def test_the_table_covers_everything() -> None:
    assert ALLOWED.keys() == set(Operation)
    assert all(rules.keys() == set(Status) for rules in ALLOWED.values())


# rebuilding


def test_columns_that_were_lost_are_rebuilt_from_the_oplog() -> None:
    Counter.of("a").add(1)
    Counter.of("a").trigger.fail()
    drained("counter:a")
    Counter.of("i").add(1)
    operations.interrupt("counter:i", by=ANN)
    Counter.of("r").add(1)
    operations.interrupt("counter:r", by=ANN)
    operations.resume("counter:r", by=ANN)
    Counter.of("e").end()
    Brittle.of("f").add()
    Brittle.of("f").trigger.fail()
    while mail("brittle:f") != [("fail", 2)]:
        rows("UPDATE agents_core_message SET retry_at = 'epoch' WHERE agent_id = 'brittle:f'")
        drained("brittle:f")
    Plumbing.of(1, "p").note("n")
    Plumbing.of(1, "p").trigger.fail()
    drained(Plumbing.of(1, "p").id)
    columns = ("id", "version", "status", "revision")
    known = list(Agent.objects.order_by("id").values(*columns))
    assert {row["status"] for row in known} == {
        "retrying", "interrupted", "idle", "exited", "failed",
    }  # fmt: skip

    rows("UPDATE agents_core_agent SET status = 'idle', version = 9, revision = 0")
    assert operations.rebuild_all() == len(known)

    assert list(Agent.objects.order_by("id").values(*columns)) == known
    assert operations.rebuild_all() == 0


# exactly once


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_operation_is_done_once_whenever_its_commit_is_lost(side: Any) -> None:
    Counter.of("a").add(1)

    with fault_at("turn", side) as faults:
        operations.interrupt("counter:a", by=ANN)

    assert faults == [f"{side} turn"]
    assert kinds("counter:a") == ["command", "interrupt"]
    assert OperationRow.objects.count() == 1
