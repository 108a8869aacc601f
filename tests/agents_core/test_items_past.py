"""Collections as they were: at the end of every turn there ever was."""

from __future__ import annotations

from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from agents_core import Collection, DurableAgent, Parameter, activation, command, database, query
from agents_core.frames import ItemReader
from agents_core.identity import join_key
from tests.agents_core.racing import rows
from tests.agents_core.test_collections_model import WRITES, perform


class Cupboard(DurableAgent):
    """Two collections, one of them bounded. Parameters: its name."""

    name: Parameter[str]
    free = Collection(str)
    bounded = Collection(str, newest=4)

    @command
    def change(self, bounded: bool, steps: list[tuple[Any, ...]]) -> None:
        perform(self.bounded if bounded else self.free, steps)

    @query
    def nothing(self) -> None:
        return None


class Drawer(DurableAgent):
    """Forgets what it did. Parameters: its name."""

    name: Parameter[str]
    oplog = "brief"
    items = Collection(str)

    @command
    def put(self, key: str) -> None:
        self.items.put(key, key, sort=1)


def all_of(reader: ItemReader, name: str) -> tuple[Any, ...]:
    """Whatever can be read of a collection, in every way of reading."""
    keys = list("abcdefg")
    return (
        reader.page_items(name, after=None, limit=9, oldest_first=False, newest=None),
        reader.page_items(name, after=(2, "c"), limit=2, oldest_first=True, newest=3),
        reader.walk_items(name, after="b", limit=3, newest=4),
        sorted(reader.get_items(name, keys, newest=None)),
        sorted(reader.get_items(name, keys, newest=2)),
        reader.count_items(name),
    )


class History(RuleBasedStateMachine):
    number = 0

    @initialize()
    def begin(self) -> None:
        History.number += 1
        self.cupboard = Cupboard.of(join_key(["cupboard", History.number]))
        self.seen: dict[int, dict[str, Any]] = {0: self.read(0)}

    def read(self, as_of: int | None) -> dict[str, Any]:
        reader = ItemReader(database.connection(), self.cupboard.id, as_of)
        return {name: all_of(reader, name) for name in ("free", "bounded")}

    @rule(
        batches=st.lists(
            st.tuples(st.booleans(), st.lists(WRITES, min_size=1, max_size=4)),
            min_size=1,
            max_size=8,
        )
    )
    def turn(self, batches: list[tuple[bool, list[tuple[Any, ...]]]]) -> None:
        for bounded, steps in batches:
            self.cupboard.trigger.change(bounded, steps)
        self.cupboard.fresh.nothing()
        sql = "SELECT revision FROM agents_core_agent WHERE id = %s"
        [(revision,)] = rows(sql, self.cupboard.id)
        self.seen[revision] = self.read(None)

    def teardown(self) -> None:
        self.look_back()

    @rule()
    def look_back(self) -> None:
        for revision, seen in self.seen.items():
            assert self.read(revision) == seen


def test_items_as_of_the_end_of_any_turn_are_what_they_were() -> None:
    with mock.patch.object(activation, "TRIM_EVERY", 5):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            History,
            settings=settings(
                max_examples=25,
                stateful_step_count=10,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_a_brief_oplog_keeps_nothing_of_what_items_were() -> None:
    for _ in range(2):
        Drawer.of("d").put("a")
        Cupboard.of("c").change(False, [("put", "a", 1)])

    assert rows("SELECT agent_id, since, until FROM agents_core_itempast") == [("cupboard:c", 1, 2)]
