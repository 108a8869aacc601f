"""Pruning of what agents did: they go on, tell the same life, and go back to what is kept."""

from __future__ import annotations

import logging
from typing import Any
from unittest import mock

import pytest

from agents_core import (
    Collection,
    DurableAgent,
    Parameter,
    command,
    database,
    effects,
    operations,
    query,
    retention,
    store,
)
from agents_core.errors import DefinitionError, RevertRefused, UnknownAgentType
from agents_core.mailbox import drain
from agents_core.oplog_search import search_oplog
from agents_core.replay import earliest_start
from agents_core.retention import prune, prune_all
from agents_core.testing import Frozen, step
from tests.agents_core.agents import Brittle
from tests.agents_core.histories import replayed
from tests.agents_core.jugs import Jug, jug2
from tests.agents_core.outside import Asker, world
from tests.agents_core.racing import locked, oplog, rows, started, wait_for_waiters
from tests.agents_core.test_reverts import status

ANN = "ann"
DAY = 86_400.0


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


class Diary(DurableAgent):
    """Keeps a month. Parameters: its name."""

    name: Parameter[str]
    oplog_days = 30
    snapshot_every = 4
    pages = Collection(str)

    @command
    def write(self, key: str, text: str = "") -> int:
        self.pages.put(key, text, sort=0)
        return self.pages.count()

    @command
    def tear(self, key: str) -> None:
        self.pages.remove(key)

    @query
    def read(self) -> dict[str, str]:
        return {entry.key: entry.item for entry in self.pages.page(limit=100).items}


class Ledger(DurableAgent):
    """Keeps a week, in brief. Parameters: its name."""

    name: Parameter[str]
    oplog = "brief"
    oplog_days = 7
    things = Collection(str)

    @command
    def put(self, key: str) -> None:
        self.things.put(key, key, sort=0)

    @command
    def fail(self) -> None:
        raise RuntimeError("broken")


def indices(agent_id: str) -> list[int]:
    return [
        row[0]
        for row in rows(
            "SELECT index FROM agents_core_oplog WHERE agent_id = %s ORDER BY index", agent_id
        )
    ]


def past(agent_id: str) -> list[tuple[int, int]]:
    found = rows(
        "SELECT since, until FROM agents_core_itempast WHERE agent_id = %s ORDER BY since", agent_id
    )
    return [(row[0], row[1]) for row in found]


def written(time: Frozen, days: int) -> dict[int, dict[str, str]]:
    """A page a day and the same page again; what there was to read after each entry."""
    seen = {}
    for day in range(days):
        for text in ("draft", "fair"):
            Diary.of("a").write(f"{day}", text)
            [(revision,)] = rows("SELECT revision FROM agents_core_agent WHERE id = 'diary:a'")
            seen[revision] = Diary.of("a").read()
        time.tick(DAY)
    return seen


def test_it_works_and_goes_back_to_what_is_kept(time: Frozen) -> None:
    seen = written(time, 12)
    everything = indices("diary:a")
    kinds = [kind for kind, _ in oplog("diary:a")]
    points = [index for index, kind in zip(everything, kinds, strict=True) if kind == "snapshot"]
    assert points == [5, 9, 13, 17, 21, 25, 29]
    time.tick(25 * DAY)

    found = prune_all()  # what was written on the first seven days, to the entry 17

    assert indices("diary:a") == [1, *range(17, 32)]
    assert (found.agents, found.entries) == (1, 15)
    assert past("diary:a") == [row for row in past("diary:a") if row[1] > 17] != []
    assert status("diary:a") == "idle"
    assert Diary.of("a").write("new") == 13
    for revision in [revision for revision in seen if revision >= 17]:
        operations.revert("diary:a", to_revision=revision, by=ANN)
        assert Diary.of("a").read() == seen[revision]
    for to in ({"to_revision": 16}, {"to_revision": 1}, {"last": 30}):
        with pytest.raises(RevertRefused, match="what it did before 17 was pruned"):
            operations.revert("diary:a", **to, by=ANN)
    assert Diary.of("a").read() == seen[31]


def test_an_update_replays_what_is_kept(time: Frozen) -> None:
    written(time, 6)
    operations.revert("diary:a", to_revision=3, by=ANN)
    written(time, 6)
    time.tick(100 * DAY)
    prune_all()
    Diary.of("a").write("new")
    since = indices("diary:a")[2]
    [(revision,)] = rows("SELECT revision FROM agents_core_agent")
    assert [kind for kind, _ in oplog("diary:a")][1] == "revert"

    start = earliest_start(database.connection(), "diary:a", revision)

    assert start == since
    found = replayed("diary:a", revision, since=start)
    assert len(found.items.walk_items("pages", after="", limit=9, newest=None)) == 7


def test_what_is_young_is_kept_and_so_is_what_a_type_keeps_for_ever(time: Frozen) -> None:
    written(time, 12)
    for _ in range(200):
        Brittle.of("a").add()
    time.tick(10 * DAY)

    assert prune_all() == retention.Pruned()

    time.tick(1_000 * DAY)
    assert prune_all().agents == 1
    assert len(indices("brittle:a")) > 200


def test_again_it_finds_nothing_and_later_what_has_become_old(time: Frozen) -> None:
    written(time, 12)
    time.tick(25 * DAY)
    first = prune_all()

    assert first.entries > 0
    assert prune_all() == retention.Pruned()
    time.tick(3 * DAY)
    assert prune_all().entries > 0


def test_a_shorter_pruning_by_hand_is_not_undone(time: Frozen) -> None:
    written(time, 12)
    prune("diary", 1)
    before = oplog("diary:a")
    time.tick(25 * DAY)

    assert prune_all() == retention.Pruned()

    assert oplog("diary:a") == before


def test_what_is_left_half_done_is_done_the_next_time(time: Frozen) -> None:
    written(time, 12)
    time.tick(100 * DAY)
    everything = indices("diary:a")
    real = store.prune_histories

    def killed(*args: Any, **options: Any) -> Any:
        real(*args, **options | {"limit": 2})
        raise KeyboardInterrupt

    with (
        mock.patch.object(store, "prune_histories", killed),
        pytest.raises(KeyboardInterrupt),
    ):
        prune_all()
    assert indices("diary:a") == [1, *everything[3:]]
    with pytest.raises(RevertRefused, match="was pruned"):
        operations.revert("diary:a", to_revision=6, by=ANN)

    with mock.patch.object(retention, "BATCH", 3):
        prune_all()

    assert indices("diary:a") == [1, 29, 30, 31]
    assert past("diary:a") == [(30, 31)]


def test_a_brief_oplog_keeps_its_first_and_its_newest_entry(time: Frozen) -> None:
    for number in range(5):
        Ledger.of("a").put(f"{number}")
    operations.interrupt("ledger:a", by=ANN)
    operations.resume("ledger:a", by=ANN)
    Ledger.of("a").put("5")
    Ledger.of("a").put("6")
    time.tick(8 * DAY)

    assert prune_all().entries == 5

    assert [kind for kind, _ in oplog("ledger:a")] == ["command", "interrupt", "resume", "command"]
    assert status("ledger:a") == "idle"
    Ledger.of("a").put("7")
    assert indices("ledger:a") == [1, 6, 7, 9, 10]


def test_its_life_is_told_as_before(time: Frozen, definitions: None) -> None:
    """Retrying, suspended, updated, failed and reverted agents, all of their history old."""
    world.reset()
    Jug.of("a").pour(3)
    jug2()
    operations.update("jug:a", 2, by=ANN)
    step()
    for name in "ab":
        Brittle.of(name).add()
        Brittle.of(name).trigger.fail()
    step()
    assert status("brittle:a") == "failed"
    for name in "abc":
        Asker.of(name).note("first")
        Asker.of(name).ask_for_all(["x", "y" * 70_000])
    step()
    for name in "ab":
        Asker.of(name).ask("send", ["z"])
    effects.run_one()
    effects.run_one()
    Asker.of("d").ask_for_all(["unanswered", "y" * 70_000])
    Asker.of("d").note("last")
    operations.revert("brittle:b", to_revision=1, by=ANN)
    drain(["brittle:b"])
    assert status("brittle:b") == "retrying"
    Ledger.of("r").put("x")
    Ledger.of("r").trigger.fail()
    drain(["ledger:r"])
    Ledger.of("r").put("y")
    agents = [row[0] for row in rows("SELECT id FROM agents_core_agent ORDER BY id")]
    before = {agent_id: status(agent_id) for agent_id in agents}
    assert set(before.values()) == {"idle", "retrying", "failed", "suspended"}
    time.tick(100 * DAY)

    for type_ in ("jug", "brittle", "ledger", "asker"):
        with mock.patch.object(retention, "BATCH", 2):
            prune(type_, 1)

    assert {agent_id: status(agent_id) for agent_id in agents} == before
    step()
    assert "suspended" not in {status(agent_id) for agent_id in agents}


def test_large_entries_go_and_those_that_are_kept_stay_whole(time: Frozen) -> None:
    for number in range(9):
        Diary.of("a").write(f"{number}", "x" * 70_000)
        time.tick(DAY)
    count = "SELECT count(*) FROM agents_core_largeentry"
    assert rows(count) == [(9,)]
    time.tick(26 * DAY)

    prune_all()

    assert indices("diary:a") == [1, *range(5, 12)]
    assert rows(count) == [(1 + 5,)]
    operations.revert("diary:a", to_revision=11, by=ANN)
    assert len(Diary.of("a").read()) == 9


def test_it_can_be_searched_as_far_as_it_goes(time: Frozen) -> None:
    written(time, 12)
    time.tick(25 * DAY)
    prune_all()

    found = search_oplog("diary:a", "method:write", limit=200)

    assert [entry.index for entry in found.items][-1] == 1
    assert len(found.items) == len([kind for kind, _ in oplog("diary:a") if kind == "command"])


def test_who_is_locked_is_waited_for_and_the_others_are_not(time: Frozen) -> None:
    for name in "ab":
        for number in range(9):
            Diary.of(name).write(f"{number}")
    time.tick(100 * DAY)

    with locked("diary:a"):
        pruning = started(prune_all)
        wait_for_waiters()
        assert len(indices("diary:b")) < 9
        assert len(indices("diary:a")) > 9

    assert pruning.result(30).agents == 2
    assert indices("diary:a") == indices("diary:b")


def test_a_type_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownAgentType):
        prune("nothing", 1)


@pytest.mark.usefixtures("definitions")
def test_a_retention_of_no_day_is_refused() -> None:
    with pytest.raises(DefinitionError, match="oplog_days"):

        class Forgetful(DurableAgent):
            oplog_days = 0

            @command
            def write(self) -> None:
                """Nothing."""
