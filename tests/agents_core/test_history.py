"""Reverts: an agent as it was, whatever was done to it since."""

from __future__ import annotations

import logging
from unittest import mock

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from agents_core import (
    Collection,
    DurableAgent,
    Parameter,
    activation,
    command,
    live,
    operations,
    query,
    store,
)
from agents_core.drafts import Change
from agents_core.errors import AgentError, RevertRefused
from agents_core.overlay import ItemOverlay
from agents_core.testing import freeze
from tests.agents_core.histories import Histories, replayed, run_histories, seen_of, stored
from tests.agents_core.programs import NAMES, Robot
from tests.agents_core.racing import oplog, rows

ANN = "ann"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


class Reverts(Histories):
    """Robots that tell each other what to do, and an operator who often regrets it."""

    @rule(name=NAMES, where=st.floats(0, 1))
    def revert(self, name: str, where: float) -> None:
        """To any index, also within a turn, or of what was reverted before."""
        agent_id = f"robot:{name}"
        if agent_id not in self.seen:
            return
        seen = self.seen[agent_id]
        newest = max(seen)
        to = 1 + round(where * (newest - 1))
        expected = seen[to] if to in seen else seen_of(replayed(agent_id, to, since=0))

        assert operations.revert(agent_id, to_revision=to, by=ANN) == newest + 1

        assert stored(agent_id) == (newest + 1, expected)
        self.look()

    def teardown(self) -> None:
        for agent_id, by_revision in self.seen.items():
            for revision, seen in by_revision.items():
                assert seen_of(replayed(agent_id, revision)) == seen
                assert seen_of(replayed(agent_id, revision, since=0)) == seen
            assert operations.rebuild(agent_id) is False


def test_a_revert_gives_what_was_whatever_happened_since() -> None:
    with (
        freeze("2026-03-01T12:00:00Z") as time,
        mock.patch.object(activation, "TRIM_EVERY", 5),
        mock.patch.object(store.writes, "LARGE_ENTRY", 400),
    ):
        run_histories(Reverts, time)


def revert(name: str, **to: int) -> int:
    return operations.revert(f"robot:{name}", **to, by=ANN)


def count(name: str) -> int:
    return Robot.of(name).ask("")


def test_it_is_an_entry_that_names_who_and_what() -> None:
    for amount in (1, 2, 3):
        Robot.of("one").do([("add", amount)])

    assert revert("one", to_revision=2) == 4

    assert count("one") == 3
    kind, entry = oplog("robot:one")[3]
    assert kind == "revert"
    assert (entry["by"], entry["to"], entry["version"]) == (ANN, 2, 1)
    assert entry["state"]["count"] == 3


def test_the_last_commands_are_those_not_reverted_yet() -> None:
    for amount in (1, 10, 100, 1_000):
        Robot.of("one").do([("add", amount)])
    with pytest.raises(AgentError):
        Robot.of("one").do([("refuse", "it")])

    revert("one", last=1)
    assert count("one") == 111
    revert("one", last=1)
    assert count("one") == 11
    Robot.of("one").do([("add", 5)])
    revert("one", last=2)
    assert count("one") == 1


def test_a_revert_can_be_reverted() -> None:
    for amount in (1, 10):
        Robot.of("one").do([("add", amount)])
    revert("one", last=1)
    Robot.of("one").do([("add", 5)])

    revert("one", to_revision=2)
    assert count("one") == 11
    revert("one", to_revision=3)
    assert count("one") == 1
    revert("one", to_revision=4)
    assert count("one") == 6
    revert("one", last=1)
    assert count("one") == 1


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ({"to_revision": 0}, "before its creation it was nobody"),
        ({"to_revision": -1}, "before its creation it was nobody"),
        ({"to_revision": 4}, "its newest entry is 3"),
        ({"last": 3}, "2 commands can be, then comes its creation"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(to: dict[str, int], reason: str) -> None:
    for amount in (1, 10, 100):
        Robot.of("one").do([("add", amount)])

    with pytest.raises(RevertRefused, match=reason):
        revert("one", **to)

    assert count("one") == 111
    assert len(oplog("robot:one")) == 3
    assert revert("one", last=2) == 4


class Closet(DurableAgent):
    """Watched, and has many things. Parameters: its name."""

    name: Parameter[str]
    things = Collection(str, live=True)
    live = True

    @command
    def fill(self, number: int) -> None:
        for one in range(number):
            self.things.put(f"{one}", "thing", sort=one)

    @command
    def paint(self, key: str) -> None:
        self.things.put(key, "painted", sort=0)

    @command
    def clear(self) -> None:
        self.things.clear()

    @query
    def count(self) -> int:
        return self.things.count()


def test_who_watches_it_is_told_to_read_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[Change] = []
    monkeypatch.setattr(live, "announce", announced.extend)
    Closet.of("a").paint("1")
    Closet.of("a").paint("2")
    Closet.of("a").paint("3")

    operations.revert("closet:a", to_revision=2, by=ANN)

    assert [change.put is None for change in announced] == [False, False, False, True]
    assert announced[-1] == Change("closet:a", 3, 4, None)


def test_items_go_back_without_being_read_and_the_rest_is_not_touched() -> None:
    Closet.of("a").fill(1_000)
    Closet.of("b").fill(1_000)
    Closet.of("a").paint("7")
    Closet.of("b").clear()
    for name in ("a", "b"):  # so that there is nothing to run but what comes after
        operations.revert(f"closet:{name}", to_revision=2, by=ANN)
    before = rows("SELECT agent_id, item_key, xmin::text FROM agents_core_item")
    Closet.of("a").paint("8")
    Closet.of("b").fill(1_000)
    read = mock.Mock(side_effect=AssertionError)
    readings = ("get_items", "page_items", "walk_items", "count_items")

    with mock.patch.multiple(ItemOverlay, **dict.fromkeys(readings, read)):
        operations.revert("closet:a", last=1, by=ANN)
        operations.revert("closet:b", last=1, by=ANN)

    after = rows("SELECT agent_id, item_key, xmin::text FROM agents_core_item")
    assert [row[1] for row in set(before) - set(after)] == ["8"]
    assert (Closet.of("a").count(), Closet.of("b").count()) == (1_000, 0)
