"""What a revert does to an agent and leaves alone, and what it refuses."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from agents_core import (
    ArgumentsNotValid,
    calling,
    clock,
    operations,
)
from agents_core.errors import (
    AgentFailed,
    AgentInterrupted,
    AgentVersionUnknown,
    NoSuchAgent,
    RevertRefused,
)
from agents_core.files import open_file, prune_blobs
from agents_core.models import Agent, Operation
from agents_core.testing import Frozen, fault_at, freeze, step
from tests.agents_core.agents import Brittle, Plumbing
from tests.agents_core.albums import Album, stored
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2
from tests.agents_core.outside import Asker, world
from tests.agents_core.racing import mail, oplog, rows
from tests.agents_core.test_search import Book, BookState, find

ANN = "ann"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


def status(agent_id: str = "counter:a") -> str:
    """What is stored, which must be what the oplog tells."""
    assert operations.rebuild(agent_id) is False
    return Agent.objects.get(id=agent_id).status


def revert(agent_id: str = "counter:a", **to: int) -> int:
    return operations.revert(agent_id, **to, by=ANN)


# what stays


def test_mail_and_schedules_stay() -> None:
    with freeze("2026-03-01T12:00:00Z") as frozen:
        Counter.of("a").add(1)
        Counter.of("a").add(10)
        Counter.of("a").trigger.add(100)
        Counter.of("a").schedule(at=clock.now() + timedelta(hours=1), name="later").add(1_000)

        revert(to_revision=1)

        assert mail("counter:a") == [("add", 0)]
        step()
        assert Counter.of("a").get() == 101
        frozen.tick(3600)
        step()
        assert Counter.of("a").get() == 1_101


def test_what_it_had_asked_for_is_answered_to_who_it_is_now() -> None:
    world.reset()
    Asker.of("a").note("before")
    Asker.of("a").ask("send", ["x"])
    Asker.of("a").note("after")

    revert("asker:a", to_revision=1)

    assert status("asker:a") == "suspended"
    step()
    assert Asker.of("a").heard() == ["before", "send: done x"]
    assert status("asker:a") == "idle"


def test_what_was_sent_stays_sent_and_is_not_sent_again() -> None:
    Counter.of("a").add(1)
    Counter.of("a").send("b", 5)

    revert(to_revision=1)
    revert(to_revision=2)
    step()

    assert Counter.of("b").get() == 5


def test_a_call_with_a_known_key_gets_the_answer_of_then() -> None:
    Counter.of("a").add(1)
    with calling("eve", key="k"):
        assert Counter.of("a").add(10) == 11
    revert(to_revision=1)

    with calling("eve", key="k") as call:
        assert Counter.of("a").add(10) == 11

    assert call.replayed
    assert Counter.of("a").get() == 1


# what comes with it


def test_it_goes_back_to_the_version_of_then_and_forward_again(definitions: None) -> None:
    Jug.of("a").pour(3)
    newest = jug2()
    operations.update("jug:a", 2, by=ANN)
    step()
    assert newest.of("a").pour(1) == "40 dl"

    revert("jug:a", to_revision=1)

    assert Agent.objects.get().version == 1
    assert Jug.of("a").pour(1) == "4 l"
    assert Jug.of("a").who() == ["1 l", "3 l"]
    assert status("jug:a") == "idle"
    revert("jug:a", to_revision=4)
    assert Agent.objects.get().version == 2
    assert newest.of("a").pour(1) == "50 dl"
    assert status("jug:a") == "idle"


def test_a_version_the_code_has_not_is_refused(definitions: None) -> None:
    Jug.of("a").pour(3)
    jug2()
    operations.update("jug:a", 2, by=ANN)
    step()
    rows("UPDATE agents_core_oplog SET entry = entry || '{\"version\": 7}' WHERE index = 1")

    with pytest.raises(AgentVersionUnknown):
        revert("jug:a", to_revision=1)

    assert revert("jug:a", to_revision=3) == 4


def test_it_is_found_by_what_it_says_again() -> None:
    Book.of("1").write(BookState(title="First", author="a", tags=[]))
    Book.of("1").write(BookState(title="Second", author="a", tags=[]))

    revert("book:1", last=1)

    assert (find("first"), find("second")) == (["book:1"], [])


def test_files_come_back(media: Path) -> None:
    Album.of("a").write("a.txt", "one")
    Album.of("a").write("a.txt", "two")
    Album.of("a").delete("a.txt")

    revert("album:a", to_revision=1)
    assert Album.of("a").read("a.txt") == "one"
    revert("album:a", to_revision=2)
    assert Album.of("a").read("a.txt") == "two"
    revert("album:a", to_revision=3)
    assert Album.of("a").names() == []


def size_of(name: str) -> int:
    file = Album.of("a").get(name)
    assert file is not None
    with open_file(file) as opened:
        return len(opened.read())


def test_a_file_that_was_never_seen_and_is_gone_cannot(media: Path, time: Frozen) -> None:
    for size in (1, 2):  # in one turn, so that nobody ever saw the first
        Album.of("a").trigger.write_zeros(size)
    step()
    assert revert("album:a", to_revision=1) == 3
    assert size_of("zeros") == 1
    revert("album:a", to_revision=2)
    rows("DELETE FROM agents_core_itempast")
    time.tick(3601)
    prune_blobs()
    assert stored(media) == ["\0\0"]

    with pytest.raises(RevertRefused, match="what its file zeros held is not stored any more"):
        revert("album:a", to_revision=1)

    assert size_of("zeros") == 2


# its life


def test_a_failed_agent_works_again_and_tries_anew() -> None:
    Brittle.of("a").add()
    Brittle.of("a").add()
    id_: Any = Brittle.of("a").trigger.fail()
    step()
    assert status("brittle:a") == "failed"
    with pytest.raises(AgentFailed):
        Brittle.of("a").add()

    revert("brittle:a", last=1)

    assert status("brittle:a") == "idle"
    assert mail("brittle:a") == [("fail", 0)]
    assert operations.cancel("brittle:a", id_, by=ANN)
    assert Brittle.of("a").add() == 2


def test_an_interrupted_agent_stays_so() -> None:
    Counter.of("a").add(1)
    Counter.of("a").add(10)
    operations.interrupt("counter:a", by=ANN)

    revert(to_revision=1)

    assert status() == "interrupted"
    with pytest.raises(AgentInterrupted):
        Counter.of("a").add(1)
    operations.resume("counter:a", by=ANN)
    assert Counter.of("a").add(1) == 2


def test_who_did_it_and_what_was_asked_is_recorded() -> None:
    for _ in range(3):
        Counter.of("a").add(1)

    revert(last=2)

    [row] = Operation.objects.all()
    assert (row.who, row.operation, row.details) == (ANN, "revert", {"last": 2, "to_revision": 1})


@pytest.mark.parametrize("side", ["before", "after"])
def test_it_happens_once_whenever_its_commit_is_lost(side: Literal["before", "after"]) -> None:
    Counter.of("a").add(1)
    Counter.of("a").add(10)

    with fault_at("turn", side) as faults:
        assert revert(last=1) == 3

    assert faults == [f"{side} turn"]
    assert Counter.of("a").get() == 1
    assert [kind for kind, _ in oplog("counter:a")] == ["command", "command", "revert"]
    assert Operation.objects.count() == 1


def test_with_a_key_it_happens_once() -> None:
    for _ in range(3):
        Counter.of("a").add(1)

    for _ in range(2):
        with calling("eve", key="k"):
            assert revert(last=1) == 4

    assert Counter.of("a").get() == 2


# what it refuses


def test_nobody_can_be_reverted_who_does_not_exist() -> None:
    with pytest.raises(NoSuchAgent):
        revert("counter:nobody", to_revision=1)


@pytest.mark.parametrize("to", [{}, {"to_revision": 1, "last": 1}, {"last": 0}])
def test_it_is_told_one_thing(to: dict[str, int]) -> None:
    Counter.of("a").add(1)

    with pytest.raises(ArgumentsNotValid):
        revert(**to)

    assert len(oplog("counter:a")) == 1


def test_a_brief_oplog_tells_too_little() -> None:
    Plumbing.of(1, "x").note("a")

    with pytest.raises(RevertRefused, match="its type keeps a brief oplog"):
        revert("plumbing:1/x", to_revision=1)


def test_where_the_code_does_something_else_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counter, "snapshot_every", 2)
    for _ in range(4):
        Counter.of("a").add(1)
    kinds = [kind for kind, _ in oplog("counter:a")]
    assert kinds == ["command", "command", *["snapshot", "command"] * 2, "snapshot"]
    spec = Counter.methods["add"]
    changed = replace(spec, function=lambda agent, **_: spec.function(agent, amount=7))

    with monkeypatch.context() as patch:
        patch.setitem(Counter.methods, "add", changed)
        with pytest.raises(RevertRefused, match=r"at 6 the code does .* to 5 it can be") as refused:
            revert(to_revision=6)
        assert revert(to_revision=5) == 8

    diff = refused.value.facts["diff"]
    assert (diff["index"], diff["what"], diff["expected"], diff["got"]) == (6, "result", 4, 10)
    assert Counter.of("a").get() == 3
    revert(to_revision=6)
    assert Counter.of("a").get() == 4


def test_a_document_the_code_cannot_read_any_more_is_refused(definitions: None) -> None:
    Jug.of("a").pour(3)
    operations.revert("jug:a", to_revision=1, by=ANN)
    rows("""UPDATE agents_core_oplog SET entry = entry || '{"state": {"litres": "many"}}'
         WHERE kind = 'revert'""")

    with pytest.raises(RevertRefused, match="at 2, is not valid any more"):
        revert("jug:a", to_revision=2)

    assert revert("jug:a", to_revision=1) == 3
