"""Queries: the last committed document, without a lock and without writing."""

import contextlib
from typing import Any

import pytest

from agents_core import store
from agents_core.errors import WriteInQuery
from agents_core.testing import step
from tests.agents_core.agents import View
from tests.agents_core.counter import Counter
from tests.agents_core.racing import locked, oplog, rows


def test_it_reads_while_another_holds_the_lock() -> None:
    Counter.of("a").add(1)
    with locked("counter:a") as held:
        held.execute("UPDATE agents_core_agent SET state = '{\"count\": 99}'")

        assert Counter.of("a").get() == 1
        assert Counter.of_many(["a"]).get() == [1]
        held.rollback()


def test_it_leaves_no_trace() -> None:
    Counter.of("a").get()

    assert rows("SELECT 1 FROM agents_core_agent") == []
    assert oplog("counter:a") == []


@pytest.mark.parametrize("method", ["cheat", "cheat_by_note"])
def test_it_cannot_write(method: str) -> None:
    with pytest.raises(WriteInQuery):
        getattr(Counter.of("a"), method)()

    assert Counter.of("a").get() is None


@pytest.mark.parametrize("method", ["cheat", "cheat_by_note"])
@pytest.mark.parametrize("first", [0, 1])
def test_it_cannot_write_in_a_turn_either(method: str, first: int) -> None:
    with pytest.raises(WriteInQuery):
        Counter.of("a").ask("b", method, first=first)

    assert Counter.of("a").ask("b", "count_notes", first=1) == 0


@pytest.mark.parametrize("how", ["command", "trigger", "many", "schedule", "unschedule", "fresh"])
def test_it_cannot_make_others_write(how: str) -> None:
    with pytest.raises(WriteInQuery):
        Counter.of("a").meddle("b", how)
    step()

    assert Counter.of("b").get() is None


def test_a_document_changed_in_place_is_caught_where_asked(settings: Any) -> None:
    settings.AGENTS = {"HINTS": False, "CHECK_QUERIES": True}
    Counter.of("a").add(1)

    with pytest.raises(WriteInQuery):
        Counter.of("a").cheat_in_place()


def test_a_document_changed_in_place_is_not_kept() -> None:
    Counter.of("a").add(1)
    with contextlib.suppress(WriteInQuery):
        Counter.of("a").cheat_in_place()

    assert Counter.of("a").get() == 1


def test_it_may_ask_others() -> None:
    Counter.of("a").add(1)
    Counter.of("b").add(2)

    assert Counter.of("c").sum_of(["a", "b", "nobody"]) == 3


def test_views_combine_what_others_say() -> None:
    Counter.of("a").add(1)
    Counter.of("b").add(2)

    assert View.of("v").total(["a", "b"]) == 3


def test_a_command_reads_the_last_committed_document_of_others() -> None:
    Counter.of("b").add(2)

    assert Counter.of("a").remember("b") == 2


def test_many_are_read_with_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"n{number}" for number in range(50)]
    Counter.of_many(names).trigger.add(1)
    step()
    read_many, calls = store.read_many, []

    def counted(connection: Any, agent_ids: Any) -> Any:
        calls.append(len(agent_ids))
        return read_many(connection, agent_ids)

    monkeypatch.setattr(store, "read_many", counted)
    Counter.of_many(names).get()

    assert calls == [50]
