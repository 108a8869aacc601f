"""Statuses through the operators' door: who is listed under which, and what may be done then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from agents_core import mailbox, operations
from agents_core.lifecycle import ALLOWED, Operation, Rule, Status
from tests.agents_core import counter
from tests.agents_core.racing import started
from tests.callers import Api, refusal
from tests.operators.patients import BRING_INTO, Nurse, Patient, admit, register_second_version

REFUSALS = {
    Status.INTERRUPTED: (503, "agent_interrupted"),
    Status.FAILED: (409, "agent_failed"),
    Status.EXITED: (409, "agent_exited"),
}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


@pytest.fixture(autouse=True)
def nobody_stalls() -> Iterator[None]:
    counter.stalling.clear()
    counter.go_on.clear()
    yield
    counter.go_on.set()


def listed(root: Api, filters: str = "") -> dict[str, str]:
    """Name and status of the patients in a list."""
    found = root.get(f"/?type=patient&{filters}").json()["items"]
    return {one["parameters"]["name"]: one["status"] for one in found}


def shown(root: Api, name: str) -> str:
    status: str = root.get(f"/patient:{name}").json()["status"]
    return status


# lists


def test_each_status_lists_those_that_have_it_and_no_others(root: Api) -> None:
    for status in Status:
        admit(status)
    for status, bring in BRING_INTO.items():
        bring(status)

    assert listed(root) == {status: status for status in Status}
    for status in Status:
        assert listed(root, f"status={status}") == {status: status}
        assert listed(root, f"query=status:{status}") == {status: status}
        assert shown(root, status) == status
    assert listed(root, "status=running&query=status:idle") == {}
    assert listed(root, "status=idle&query=status:idle") == {"idle": "idle"}


@pytest.mark.parametrize("before", [Status.IDLE, Status.SUSPENDED])
def test_who_has_mail_is_running_until_it_is_run(root: Api, before: Status) -> None:
    admit("a")
    BRING_INTO[before]("a")
    assert listed(root, f"status={before}") == {"a": before}
    assert listed(root, "status=running") == {}

    Patient.of("a").trigger.work("x")
    assert listed(root, f"status={before}") == {}
    assert listed(root, "status=running") == {"a": "running"}

    mailbox.drain(["patient:a"])
    assert listed(root, f"status={before}") == {"a": before}
    assert listed(root, "status=running") == {}


def test_it_is_running_while_its_mail_is_being_run(root: Api) -> None:
    admit("a")
    admit("b")
    Patient.of("a").trigger.work_long("x")
    worker = started(lambda: mailbox.drain(["patient:a"]))
    assert counter.stalling.wait(30)

    assert listed(root, "status=running") == {"a": "running"}
    assert shown(root, "a") == "running"
    assert listed(root, "status=idle") == {"b": "idle"}

    counter.go_on.set()
    worker.result(30)
    assert listed(root, "status=idle") == {"a": "idle", "b": "idle"}


@pytest.mark.parametrize("stopped", REFUSALS)
def test_who_is_stopped_is_not_running_whatever_waits(root: Api, stopped: Status) -> None:
    admit("a")
    BRING_INTO[stopped]("a")
    admit("b")
    for name in ("a", "b"):
        Nurse.of("n").send(name, "x")

    assert listed(root, "waiting=true") == {"a": stopped, "b": "running"}
    assert listed(root, "status=running") == {"b": "running"}
    assert listed(root, f"status={stopped}") == {"a": stopped}


def test_mail_that_is_put_off_does_not_make_it_running(root: Api) -> None:
    """It calls an interrupted agent, so it waits; other mail may be run meanwhile."""
    admit("a")
    operations.interrupt("patient:a", by="test")
    admit("b")
    Patient.of("b").trigger.call("a")
    mailbox.drain(["patient:b"])

    assert listed(root, "waiting=true") == {"b": "idle"}
    assert listed(root, "status=running") == {}

    Patient.of("b").trigger.work("x")
    assert listed(root, "status=running") == {"b": "running"}


# the table


class Case:
    """A patient in a status, and how an operation shows in what it does."""

    def __init__(self, root: Api, status: Status) -> None:
        self._root = root
        admit("a")
        BRING_INTO[status]("a")
        assert shown(root, "a") == status
        self.letter = self.keys("dead_letter")[0]

    def keys(self, kind: str) -> list[str]:
        found = self._root.get(f"/patient:a/messages?kind={kind}")
        return [one["message_id"] for one in found.json().get("items", [])]

    def oplog(self) -> list[str]:
        """Kinds of its entries, the newest first; of one that is deleted, none."""
        found = self._root.get("/patient:a/oplog")
        return [one["kind"] for one in found.json().get("items", [])]

    def works(self) -> list[str]:
        found: list[str] = self.post("/invoke/works").json()
        return found

    def did(self, what: str) -> bool:
        """Whether it did that work, after a worker was there."""
        mailbox.drain(["patient:a"])
        return what in self.works()

    def everything(self) -> Any:
        """What there is of it, mail and record of operations included."""
        answers = [self._root.get(f"/patient:a{path}").json() for path in ("", "/messages")]
        return answers, self.oplog()

    def post(self, path: str, body: Any = None) -> HttpResponse:
        return self._root.post(f"/patient:a{path}", body)

    def send(self) -> HttpResponse:
        """By another agent: who sends from outside is told at once that nobody will come."""
        body = {"args": {"patient": "a", "what": "told"}}
        return self._root.post("/nurse:n/invoke/send", body)

    def retry(self) -> HttpResponse:
        body = {"args": {"what": "mended", "falter": False}}
        return self.post(f"/messages/{self.letter}/retry", body)

    def revert(self) -> HttpResponse:
        """To what it was before its second work."""
        return self.post("/revert", {"to_revision": 1})

    def update(self) -> HttpResponse:
        register_second_version()
        return self.post("/update", {"version": 2, "mode": "manual"})

    def delete(self) -> HttpResponse:
        return self._root.delete("/patient:a")


ASK: dict[Operation, Callable[[Case], HttpResponse]] = {
    Operation.QUERY: lambda case: case.post("/invoke/works"),
    Operation.COMMAND: lambda case: case.post("/invoke/work", {"args": {"what": "asked"}}),
    Operation.MESSAGE: Case.send,
    Operation.INTERRUPT: lambda case: case.post("/interrupt"),
    Operation.RESUME: lambda case: case.post("/resume"),
    Operation.CANCEL: lambda case: case.post("/messages/later/cancel"),
    Operation.RETRY: Case.retry,
    Operation.DISCARD: lambda case: case.post(f"/messages/{case.letter}/discard"),
    Operation.REVERT: lambda case: case.post("/revert", {"to_revision": 1}),
    Operation.REVERT: Case.revert,
    Operation.UPDATE: Case.update,
    Operation.DELETE: Case.delete,
}
DONE: dict[Operation, Callable[[Case, HttpResponse], bool]] = {
    Operation.QUERY: lambda _, answer: answer.json()[:2] == ["first", "second"],
    Operation.COMMAND: lambda case, _: case.did("asked"),
    Operation.MESSAGE: lambda case, _: case.did("told"),
    Operation.INTERRUPT: lambda _, answer: answer.json()["status"] == "interrupted",
    Operation.RESUME: lambda case, _: case.oplog()[0] == "resume" and not _is_stopped(case),
    Operation.CANCEL: lambda case, answer: answer.json()["cancelled"] and not case.keys("schedule"),
    Operation.RETRY: lambda case, _: case.did("mended"),
    Operation.DISCARD: lambda case, _: not case.keys("dead_letter"),
    Operation.REVERT: lambda case, _: case.oplog()[0] == "revert",
    Operation.REVERT: lambda case, _: case.oplog()[0] == "revert" and case.works() == ["first"],
    Operation.UPDATE: lambda case, _: "update-asked" in case.oplog(),
    Operation.DELETE: lambda case, _: not case.oplog(),
}


def _is_stopped(case: Case) -> bool:
    return refusal_or_none(case.post("/invoke/work", {"args": {"what": "x"}})) is not None


def refusal_or_none(answer: HttpResponse) -> tuple[int, str] | None:
    return refusal(answer) if answer.status_code >= 400 else None


def test_every_operation_is_asked_for_below() -> None:
    assert ASK.keys() == DONE.keys() == set(Operation)


@pytest.mark.parametrize("operation", ASK)
@pytest.mark.parametrize("status", Status)
def test_the_table_is_what_happens(
    root: Api, definitions: None, status: Status, operation: Operation
) -> None:
    case = Case(root, status)
    before, waited, dead = case.everything(), case.keys("message"), case.keys("dead_letter")

    answer = ASK[operation](case)

    match ALLOWED[operation][status]:
        case Rule.DONE:
            assert refusal_or_none(answer) is None
            assert DONE[operation](case, answer)
        case Rule.NOTHING:
            assert refusal_or_none(answer) is None
            assert case.everything() == before
        case Rule.REFUSED:
            expected = REFUSALS[status]
            if operation is not Operation.COMMAND:
                expected = (409, "operation_not_allowed")
            assert refusal(answer) == expected
            assert case.everything() == before
        case Rule.WAITS:
            assert refusal_or_none(answer) is None
            mailbox.drain(["patient:a"])
            assert len(case.keys("message")) == len(waited) + 1
            assert not {"told", "mended"} & set(case.works())
        case Rule.PARKED:
            assert refusal_or_none(answer) is None
            mailbox.drain(["patient:a"])
            assert len(case.keys("dead_letter")) == len(dead) + 1
            assert case.keys("message") == waited


def test_who_sends_to_one_that_ended_is_told_at_once(root: Api) -> None:
    admit("a")
    Patient.of("a").end()

    answer = root.post("/patient:a/trigger/work", {"args": {"what": "x"}})

    assert refusal(answer) == REFUSALS[Status.EXITED]
    assert root.get("/patient:a/messages?kind=message").json()["items"] == []
