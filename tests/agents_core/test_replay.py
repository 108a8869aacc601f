"""What the oplog has, run again: the same document and items, or a named difference."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from unittest import mock

import orjson
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from agents_core import activation, command, database, store
from agents_core.errors import AgentExists, DocumentTooLarge
from agents_core.replay import (
    CannotReplay,
    Diverged,
    earliest_start,
    load_history,
    replay,
)
from agents_core.testing import freeze, step
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter, TooMuch
from tests.agents_core.histories import (
    Histories,
    items_of,
    plain,
    replayed,
    run_histories,
    seen_of,
    stored,
)
from tests.agents_core.outside import Asker, world
from tests.agents_core.programs import Robot
from tests.agents_core.racing import oplog, rows


class Waiting(Histories):
    """Robots to whom also time passes."""

    @rule(minutes=st.integers(1, 3))
    def wait(self, minutes: int) -> None:
        self.time.tick(60 * minutes)
        step()
        self.look()

    def teardown(self) -> None:
        for agent_id, by_revision in self.seen.items():
            newest = max(by_revision)
            points = [
                point.index
                for point in store.state_points(database.connection(), agent_id, upto=newest)
            ]
            for revision, seen in by_revision.items():
                for since in (0, None, *[point for point in points if point <= revision]):
                    found = replayed(agent_id, revision, since=since)
                    assert (found.revision, seen_of(found)) == (revision, seen)
            for revision in range(1, newest):
                whole = replayed(agent_id, revision, since=0)
                assert seen_of(replayed(agent_id, revision)) == seen_of(whole)


@pytest.mark.slow
def test_a_replay_from_any_state_point_gives_what_is_stored() -> None:
    with freeze("2026-03-01T12:00:00Z") as time, mock.patch.object(activation, "TRIM_EVERY", 5):
        run_histories(Waiting, time)


def test_a_replay_reads_the_collections_as_they_were_where_it_starts() -> None:
    for number in range(7):
        Robot.of("one").do([("put", ("free", f"k{number}", number))])
    Robot.of("one").do([("remove", ("free", "k6"))])
    Robot.of("one").do([("page", "free")])
    Robot.of("one").do([("clear", "free")])

    [(answers,)] = rows("SELECT entry->'result'->0 FROM agents_core_oplog WHERE index = 10")
    assert orjson.loads(answers) == ["k55", "k44", "k33", "k22", "k11"]
    assert items_of(replayed("robot:one", 10).items)["free"][-1] == ("k5", "k55", 5)


def test_a_swallowed_fault_of_a_call_is_raised_again() -> None:
    Counter.of("a").swallow_fault("b")

    assert oplog("counter:a")[0][1]["calls"][0]["fault"] == {
        "class": "builtins.RuntimeError",
        "message": "broken",
    }
    assert replayed("counter:a", 1).revision == 1


def test_a_refusal_of_a_query_is_raised_again() -> None:
    Robot.of("two").do([("add", 1)])
    Robot.of("one").do([("look", ("two", "refuse")), ("look_at_all", "refuse")])

    assert plain(replayed("robot:one", 1).state) == stored("robot:one")[1][0]
    assert oplog("robot:one")[0][1]["result"] == ["not_today", "not_today"]


def test_it_replays_a_refusal_of_the_runtime(settings: Any) -> None:
    settings.AGENTS = settings.AGENTS | {"DOCUMENT_LIMIT": 200}
    Counter.of("a").add(1)
    with pytest.raises(DocumentTooLarge):
        Counter.of("a").grow(300)

    assert plain(replayed("counter:a", 2).state) == {"count": 1, "seen": []}


def test_it_replays_what_an_environment_decided() -> None:
    Counter.of("a").created_with({"currency": "EUR"})
    Counter.of("a").created_with({"currency": "EUR"})
    with pytest.raises(AgentExists):
        Counter.of("a").created_with({"currency": "USD"})

    assert replayed("counter:a", 3).revision == 3


class Changed(Counter, abstract=True):
    """A counter whose commands do something else, as a later version may have it."""

    @command
    def add(self, amount: int = 1, label: str | None = None) -> int:
        return super().add(amount + 1, label)

    @command
    def send(self, other: str, amount: int, times: int = 1) -> None:
        super().send(other, amount + 1, times)

    @command
    def add_to(self, other: str, amount: int) -> int:
        return Counter.of(f"{other}2").add(amount)

    @command
    def remember(self, other: str) -> int | None:
        return None

    @command
    def send_to_all(self, names: list[str], amount: int) -> None:
        return None

    @command
    def try_refused(self, other: str) -> str:
        with suppress(Exception):
            Counter.of("somebody else").add(1)
        return "too_much"

    @command
    def refuse(self, amount: int) -> None:
        raise TooMuch(amount=0)

    def forget(self) -> None:
        """No command any more."""


CHANGES: list[tuple[str, tuple[Any, ...], str, Any, Any]] = [
    ("add", (1,), "result", 1, 2),
    (
        "send",
        ("b", 1),
        "message",
        {"to": "counter:b", "method": "add", "args": {"amount": 1, "label": "a0"}},
        {"to": "counter:b", "method": "add", "args": {"amount": 2, "label": "a0"}},
    ),
    (
        "add_to",
        ("b", 1),
        "call",
        {"agent": "counter:b", "method": "add", "args": {"amount": 1, "label": None}},
        {"agent": "counter:b2", "method": "add", "args": {"amount": 1, "label": None}},
    ),
    (
        "remember",
        ("b",),
        "call",
        {"agent": "counter:b", "method": "get", "args": {}, "result": None},
        None,
    ),
    (
        "send_to_all",
        (["b", "c"], 1),
        "message",
        {"to": "2 agents", "method": "add", "args": {"amount": 1, "label": "a"}},
        None,
    ),
    (
        "try_refused",
        ("b",),
        "call",
        {"agent": "counter:b", "method": "refuse_half_way", "args": {"amount": 5}},
        {"agent": "counter:somebody%20else", "method": "add", "args": {"amount": 1, "label": None}},
    ),
    ("refuse", (1,), "refusal", {"amount": 1}, {"amount": 0}),
    ("forget", (), "method", "forget", None),
]


@pytest.mark.usefixtures("definitions")
@pytest.mark.parametrize(("method", "args", "what", "expected", "got"), CHANGES)
def test_what_a_changed_class_does_differently_is_named(
    method: str, args: tuple[Any, ...], what: str, expected: Any, got: Any
) -> None:
    Counter.of("a").created_with({})
    with suppress(TooMuch):
        getattr(Counter.of("a"), method)(*args)
    history = load_history(database.connection(), "counter:a", 2)
    assert replayed("counter:a", 2).revision == 2

    class Later(Changed):
        agent_type = "counter"
        version = 2

    with pytest.raises(Diverged) as caught:
        replay(Later, *history)

    found = caught.value
    if what == "refusal":
        found.expected, found.got = found.expected["facts"], found.got["facts"]  # type: ignore[index]
    if isinstance(found.expected, dict):
        found.expected.pop("id", None)
    assert (found.index, found.what, found.expected, found.got) == (2, what, expected, got)


def test_a_brief_oplog_cannot_be_replayed() -> None:
    Plumbing.of(1, "x").note("a")

    with pytest.raises(CannotReplay, match="the entry 1 is brief"):
        replayed("plumbing:1/x", 1)


def test_there_is_nothing_to_replay_of_nobody() -> None:
    with pytest.raises(CannotReplay, match="it has no history"):
        replayed("counter:nobody", 1)


def test_an_update_starts_as_early_as_its_limit_allows() -> None:
    for _ in range(250):
        Counter.of("a").trigger.add(1)
        if _ % 50 == 49:
            step()
    connection = database.connection()

    assert earliest_start(connection, "counter:a", 252) == 0
    assert earliest_start(connection, "counter:a", 252, limit=200) == 101
    assert earliest_start(connection, "counter:a", 252, limit=51) == 202


def test_it_replays_effects_asked_and_answered() -> None:
    world.reset()
    Asker.of("a").ask("send", ["x"])
    Asker.of("a").ask_without_interest("send", ["y"])
    Asker.of("a").post("nobody")
    step()
    Asker.of("a").ask_for_all(["p", "q"])
    step()

    [(revision, state)] = rows("SELECT revision, state::text FROM agents_core_agent")
    assert len(world.done) == 4
    assert plain(replayed("asker:a", revision).state) == plain(state)


@pytest.mark.usefixtures("definitions")
def test_an_effect_asked_otherwise_is_named() -> None:
    Asker.of("a").ask("send", ["x"])
    history = load_history(database.connection(), "asker:a", 1)

    class Later(Asker):
        agent_type = "asker"
        version = 2

        @command
        def ask(self, method: str, args: list[Any]) -> str:
            return self.ask_without_interest(method, args)

    with pytest.raises(Diverged) as caught:
        replay(Later, *history)

    asked = {"to": "post-office:a", "method": "send", "args": {"text": "x"}}
    then = {"then": {"method": "answered", "args": {"text": "send"}}}
    assert (caught.value.expected, caught.value.got) == (asked | then, asked)
