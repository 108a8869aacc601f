"""Updates by replay: what an agent did is run again on the new code, which must do the same."""

from __future__ import annotations

import logging
from typing import Any, Literal

import pytest

from agents_core import Caller, calling, operations, rollouts
from agents_core.errors import OperationNotAllowed, UpdateRefused
from agents_core.models import Agent, Operation
from agents_core.testing import fault_at, step
from agents_core.updates import Outcome
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2, jug_with_meter
from tests.agents_core.racing import mail, oplog

pytestmark = pytest.mark.usefixtures("definitions")
ANN = "ann"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


def kinds(agent_id: str = "jug:a") -> list[str]:
    return [kind for kind, _ in oplog(agent_id)]


def update(to: int = 2) -> Outcome:
    return operations.update("jug:a", to, "automatic", by=ANN)


def version() -> int:
    return Agent.objects.get(id="jug:a").version


def test_the_new_code_has_what_it_would_have_had_from_the_start() -> None:
    for litres in (1, 2, 3):
        Jug.of("a").pour(litres)
    newest: Any = jug_with_meter()

    assert update().what == "updated"

    assert version() == 2
    assert newest.of("a").volume() == "6 l"
    assert newest.of("a").poured() == 3
    assert newest.of("a").who() == ["3 l", "2 l", "1 l"]
    assert newest.of("a").pour(1) == "7 l"
    assert kinds() == ["command"] * 3 + ["update", "command"]
    _, entry = oplog("jug:a")[3]
    assert (entry["by"], entry["from"], entry["to"], entry["mode"]) == (ANN, 1, 2, "automatic")
    assert (entry["version"], entry["state"]) == (2, {"litres": 6, "pours": 3})
    assert operations.rebuild("jug:a") is False


def sends(self: Any, litres: int) -> None:
    Counter.of("b").trigger.add(litres)


def asks(self: Any, litres: int) -> None:
    Counter.of("b").get()


def breaks(self: Any, litres: int) -> None:
    raise ZeroDivisionError


ADDED = {"to": "counter:b", "method": "add", "args": {"amount": 1, "label": None}}


@pytest.mark.parametrize(
    ("then", "what", "expected", "got"),
    [
        (lambda self, litres: f"{litres} pints", "result", "1 l", "1 pints"),
        (breaks, "result", {"result": "1 l"}, "ZeroDivisionError()"),
        (sends, "message", None, ADDED),
        (asks, "call", None, {"agent": "counter:b", "method": "get", "args": {}}),
    ],
)  # fmt: skip
def test_where_the_new_code_does_something_else_the_old_goes_on_and_the_oplog_says_what(
    then: Any, what: str, expected: object, got: object
) -> None:
    Jug.of("a").pour(1)
    jug_with_meter(then=then)

    outcome = update()

    diff = {"index": 1, "what": what, "expected": expected, "got": got}
    assert (outcome.what, outcome.diff) == ("failed", diff)
    assert version() == 1
    assert Jug.of("a").pour(1) == "2 l"
    assert kinds() == ["command", "update-failed", "command"]
    entry = oplog("jug:a")[1][1]
    assert (entry["diff"], entry["reason"]) == (diff, outcome.reason)
    assert outcome.reason.startswith(f"entry 1: {what}: expected")
    assert Operation.objects.get().details["failed"] == outcome.reason


def test_a_code_that_cannot_read_its_own_result_is_refused_too() -> None:
    Jug.of("a").pour(1)
    newest: Any = jug_with_meter()
    newest.search_fields = lambda self: 1 / 0

    outcome = update()

    assert (outcome.what, outcome.reason) == ("failed", "ZeroDivisionError: division by zero")
    assert Jug.of("a").pour(1) == "2 l"
    assert Jug.of("a").who() == ["1 l", "1 l"]


def test_a_fault_of_the_past_is_not_repeated() -> None:
    Jug.of("a").pour(1)
    with pytest.raises(RuntimeError):
        Jug.of("a").crack()
    newest: Any = jug_with_meter()

    assert update().what == "updated"
    assert newest.of("a").poured() == 1


def test_what_other_agents_answered_is_taken_from_the_record() -> None:
    Jug.of("a").fill("b")
    newest: Any = jug_with_meter()

    assert update().what == "updated"

    assert newest.of("b").volume() == "1 l"
    assert kinds("jug:b") == ["command"]


def test_twice_in_a_row_and_back_again() -> None:
    Jug.of("a").pour(3)
    newer: Any = jug_with_meter(2)
    newest: Any = jug_with_meter(3)

    assert [update(2).what, update(3).what] == ["updated"] * 2
    assert newest.of("a").poured() == 1
    newest.of("a").pour(1)
    assert update(2).what == "updated"
    assert newer.of("a").poured() == 2
    assert update(1).what == "updated"
    assert Jug.of("a").volume() == "4 l"
    assert operations.rebuild("jug:a") is False


def test_after_a_manual_update_only_what_came_later_is_replayed() -> None:
    Jug.of("a").pour(3)
    jug2()
    operations.update("jug:a", 2, "manual", by=ANN)
    step()
    operations.update("jug:a", 1, "manual", by=ANN)
    step()
    Jug.of("a").pour(2)
    newest: Any = jug_with_meter(3)

    assert update(3).what == "updated"

    assert newest.of("a").volume() == "5 l"
    assert newest.of("a").poured() == 1
    assert newest.of("a").who() == ["2 l", "3 l"]


def test_no_document_is_taken_over_that_the_new_code_would_lose_something_of() -> None:
    Jug.of("a").pour(3)
    newer = jug2()
    operations.update("jug:a", 2, "manual", by=ANN)
    step()
    jug_with_meter(3)

    outcome = update(3)

    assert outcome.what == "failed"
    assert outcome.diff == {
        "index": 3, "what": "document",
        "expected": {"decilitres": 30}, "got": {"litres": 0, "pours": 0},
    }  # fmt: skip
    assert newer.of("a").volume() == "30 dl"


def test_an_interrupted_agent_stays_so() -> None:
    Jug.of("a").pour(1)
    newest: Any = jug_with_meter()
    operations.interrupt("jug:a", by=ANN)

    assert update().what == "updated"

    assert Agent.objects.get().status == "interrupted"
    operations.resume("jug:a", by=ANN)
    assert newest.of("a").pour(1) == "2 l"
    assert operations.rebuild("jug:a") is False


def test_a_failed_agent_tries_anew_what_it_failed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jug, "on_poison", "fail_agent")
    Jug.of("a").pour(3)
    Jug.of("a").trigger.crack()
    Jug.of("a").trigger.pour(1)
    step()
    assert Agent.objects.get().status == "failed"
    newest: Any = jug_with_meter()

    assert update().what == "updated"
    step()

    assert mail("jug:a") == []
    assert Agent.objects.get().status == "idle"
    assert newest.of("a").volume() == "4 l"
    assert operations.rebuild("jug:a") is False


def test_a_failed_agent_that_cannot_be_updated_stays_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Jug, "on_poison", "fail_agent")
    Jug.of("a").pour(3)
    Jug.of("a").trigger.crack()
    step()
    jug_with_meter(then=lambda self, litres: "else")

    assert update().what == "failed"

    assert Agent.objects.get().status == "failed"
    assert operations.rebuild("jug:a") is False


def test_waiting_mail_waits_for_no_automatic_update_and_runs_on_the_new_code() -> None:
    Jug.of("a").pour(1)
    Jug.of("a").trigger.pour(2)
    newest: Any = jug_with_meter()

    assert update().what == "updated"
    step()

    assert newest.of("a").poured() == 2


def test_one_that_ended_is_not_updated() -> None:
    Jug.of("a").pour(3)
    Agent.objects.update(status="exited")
    jug_with_meter()

    with pytest.raises(OperationNotAllowed):
        update()


def test_to_the_version_it_has_it_is_refused() -> None:
    Jug.of("a").pour(3)
    jug_with_meter()
    update()

    with pytest.raises(UpdateRefused, match="it has that version"):
        update()


def test_the_same_request_again_has_the_same_answer() -> None:
    Jug.of("a").pour(1)
    jug_with_meter(then=lambda self, litres: "else")

    with calling(Caller(ANN), key="k"):
        first = update()
    with calling(Caller(ANN), key="k"):
        again = update()

    assert first.what == "failed"
    assert again == first
    assert kinds() == ["command", "update-failed"]
    assert Operation.objects.count() == 1


def test_a_type_with_a_brief_oplog_cannot_be_updated_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jug, "oplog", "brief")
    Jug.of("a").pour(1)
    jug_with_meter()

    outcome = update()

    assert outcome.what == "failed"
    assert "brief" in outcome.reason
    assert Jug.of("a").pour(1) == "2 l"


@pytest.mark.parametrize("side", ["before", "after"])
def test_it_happens_once_whenever_the_commit_is_lost(side: Literal["before", "after"]) -> None:
    Jug.of("a").pour(3)
    newest: Any = jug_with_meter()

    with fault_at("turn", side) as faults:
        assert update().what == "updated"

    assert faults
    assert newest.of("a").poured() == 1
    assert kinds() == ["command", "update"]


def test_a_rollout_updates_all_that_do_the_same() -> None:
    for name in "abcdefgh":
        Jug.of(name).pour(1)
    Jug.of("b").pour(13)
    newest: Any = jug_with_meter(then=lambda self, litres: "unlucky" if litres == 13 else None)

    *_, last = rollouts.follow(
        rollouts.start("jug", 2, "automatic", by=ANN, canary=0, max_failures=0.5)
    )

    assert (last.status, last.updated, last.failed) == ("done", 7, 1)
    assert last.last_error.startswith("jug:b: entry 2: result: expected '14 l', got 'unlucky'")
    assert newest.of("a").poured() == 1
    assert Jug.of("b").volume() == "14 l"
