"""Updates of running agents: whatever goes wrong, a version that works goes on."""

from __future__ import annotations

import logging
from typing import Any, Literal

import pytest

from agents_core import operations
from agents_core.errors import AgentInterrupted, MailboxFull, OperationNotAllowed, UpdateRefused
from agents_core.models import Agent
from agents_core.testing import fault_at, step
from tests.agents_core.jugs import Decilitres, Jug, calls_somebody, jug2, jug3
from tests.agents_core.racing import dead, mail, oplog

pytestmark = pytest.mark.usefixtures("definitions")
ANN = "ann"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


def kinds(agent_id: str = "jug:a") -> list[str]:
    return [kind for kind, _ in oplog(agent_id)]


def version(agent_id: str = "jug:a") -> int:
    return Agent.objects.get(id=agent_id).version


def update(to: int = 2) -> None:
    operations.update("jug:a", to, "manual", by=ANN)
    step()


def test_a_manual_update_hands_the_document_from_one_version_to_the_other() -> None:
    Jug.of("a").pour(3)
    newest = jug2()

    update()

    assert version() == 2
    assert newest.of("a").volume() == "30 dl"
    assert newest.of("a").who() == ["3 l"]
    assert newest.of("a").pour(1) == "40 dl"
    assert kinds() == ["command", "update-asked", "update", "command"]
    asked, done = (entry for _, entry in oplog("jug:a")[1:3])
    assert (asked["by"], asked["from"], asked["to"], asked["mode"]) == (ANN, 1, 2, "manual")
    assert (done["by"], done["from"], done["to"], done["mode"]) == (ANN, 1, 2, "manual")
    assert done["state"] == {"decilitres": 30}


def test_it_waits_its_turn_behind_mail_and_before_what_comes_later() -> None:
    Jug.of("a").pour(1)
    newest = jug2()
    for _ in range(150):  # more than a turn takes
        newest.of("a").trigger.pour(1)
    operations.update("jug:a", 2, by=ANN)
    newest.of("a").trigger.pour(1)
    step()

    assert newest.of("a").volume() == "1520 dl"
    results = [entry.get("result") for kind, entry in oplog("jug:a") if kind == "command"]
    assert results[-2:] == ["151 l", "1520 dl"]


def test_a_full_mailbox_does_not_keep_it_out(settings: Any) -> None:
    settings.AGENTS = {"HINTS": False, "MAILBOX_CAP": 2}
    Jug.of("a").pour(1)
    newest = jug2()
    newest.of("a").trigger.pour(1)
    newest.of("a").trigger.pour(1)
    with pytest.raises(MailboxFull):
        newest.of("a").trigger.pour(1)

    update()

    assert newest.of("a").volume() == "30 dl"


def test_the_collection_can_be_changed_with_it() -> None:
    Jug.of("a").pour(3)
    newest = jug3()

    update(3)

    assert newest.of("a").volume() == "2 times"
    assert Agent.objects.get().state is None


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ({"load_snapshot": lambda self, snapshot: 1 / 0}, "ZeroDivisionError"),
        ({"load_snapshot": lambda self, snapshot: setattr(self, "state", 5)}, "Decilitres"),
        (
            {"load_snapshot": lambda self, _: Decilitres.model_validate({"decilitres": "many"})},
            "decilitres: Input should be a valid integer",
        ),
        ({"load_snapshot": calls_somebody}, "a query cannot trigger add"),
        ({"search_fields": lambda self: 1 / 0}, "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_one_that_fails_leaves_the_old_version_working_and_says_why(
    override: dict[str, Any], reason: str
) -> None:
    Jug.of("a").pour(3)
    jug2(**override)

    update()

    assert version() == 1
    assert Jug.of("a").pour(1) == "4 l"
    assert Jug.of("a").who() == ["1 l", "3 l"]
    kind, entry = oplog("jug:a")[2]
    assert kind == "update-failed"
    assert reason in entry["reason"]
    assert dead("jug:a") == []
    assert step() == 0


def test_a_snapshot_that_cannot_be_saved_leaves_it_working_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Jug.of("a").pour(3)
    jug2()
    monkeypatch.setattr(Jug, "save_snapshot", lambda self: {1, 2})

    update()

    assert version() == 1
    assert Jug.of("a").pour(1) == "4 l"
    assert "TypeError" in oplog("jug:a")[2][1]["reason"]


def test_a_mended_version_can_be_tried_again() -> None:
    Jug.of("a").pour(3)
    newest = jug2(search_fields=lambda self: 1 / 0)
    update()
    del newest.search_fields

    update()

    assert newest.of("a").volume() == "30 dl"


def test_twice_in_a_row_and_back() -> None:
    Jug.of("a").pour(3)
    jug2()
    newest = jug3()
    update(2)
    update(3)
    assert newest.of("a").volume() == "2 times"

    update(2)
    update(1)

    assert version() == 1
    assert Jug.of("a").volume() == "0 l"
    assert operations.rebuild("jug:a") is False


def test_two_asked_for_at_once_are_done_one_after_the_other() -> None:
    Jug.of("a").pour(3)
    jug2()
    newest = jug3()
    operations.update("jug:a", 2, by=ANN)
    operations.update("jug:a", 3, by=ANN)
    step()

    assert newest.of("a").volume() == "2 times"
    assert [kind for kind in kinds() if kind == "update"] == ["update"] * 2


@pytest.mark.parametrize(
    ("to", "reason"),
    [(1, "it has that version"), (9, r"the code has the versions \[1, 2\]")],
)
def test_what_cannot_be_is_refused_at_once(to: int, reason: str) -> None:
    Jug.of("a").pour(3)
    jug2()

    with pytest.raises(UpdateRefused, match=reason):
        operations.update("jug:a", to, by=ANN)

    assert kinds() == ["command"]


def test_the_same_request_twice_is_refused_while_it_waits() -> None:
    Jug.of("a").pour(3)
    jug2()
    operations.update("jug:a", 2, by=ANN)

    with pytest.raises(UpdateRefused, match="waits already"):
        operations.update("jug:a", 2, by=ANN)

    step()
    assert kinds() == ["command", "update-asked", "update"]


def test_that_of_an_interrupted_agent_waits_until_it_is_resumed() -> None:
    Jug.of("a").pour(3)
    newest = jug2()
    operations.interrupt("jug:a", by=ANN)

    update()

    assert version() == 1
    with pytest.raises(AgentInterrupted):
        newest.of("a").pour(1)
    operations.resume("jug:a", by=ANN)
    step()
    assert newest.of("a").pour(1) == "40 dl"


def test_it_mends_a_failed_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jug, "on_poison", "fail_agent")
    Jug.of("a").pour(3)
    Jug.of("a").trigger.crack()
    Jug.of("a").trigger.pour(1)
    step()
    assert Agent.objects.get().status == "failed"
    newest = jug2()

    update()

    assert Agent.objects.get().status == "idle"
    assert newest.of("a").volume() == "40 dl"
    assert operations.rebuild("jug:a") is False


def test_where_it_does_not_mend_a_failed_agent_that_fails_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Jug, "on_poison", "fail_agent")
    Jug.of("a").pour(3)
    Jug.of("a").trigger.crack()
    step()
    jug2(load_snapshot=lambda self, snapshot: 1 / 0)

    update()

    assert Agent.objects.get().status == "failed"
    assert mail("jug:a") == [("crack", 4)]
    assert version() == 1


def test_one_that_ended_is_not_updated() -> None:
    Jug.of("a").pour(3)
    Agent.objects.update(status="exited")
    jug2()

    with pytest.raises(OperationNotAllowed):
        operations.update("jug:a", 2, by=ANN)


@pytest.mark.parametrize("side", ["before", "after"])
def test_it_happens_once_whenever_the_commit_is_lost(side: Literal["before", "after"]) -> None:
    Jug.of("a").pour(3)
    newest = jug2()
    operations.update("jug:a", 2, by=ANN)

    with fault_at("turn", side) as faults:
        step()
    step()

    assert faults
    assert newest.of("a").volume() == "30 dl"
    assert kinds() == ["command", "update-asked", "update"]


def test_another_agents_command_that_awaits_it_finds_it_updated() -> None:
    Jug.of("a").pour(3)
    newest = jug2()
    operations.update("jug:a", 2, by=ANN)

    assert newest.of("b").fill("a") == "40 dl"
