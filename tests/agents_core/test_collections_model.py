"""A collection against a plain dict, whatever is done to it and in however many turns."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from agents_core import Collection, DurableAgent, Parameter, command, query
from agents_core.identity import join_key

KEYS = st.sampled_from("abcdefg")
SORTS = st.integers(0, 4)
BOUND = 4
WRITES = st.one_of(
    st.tuples(st.just("put"), KEYS, SORTS),
    st.tuples(st.just("remove"), KEYS),
    st.tuples(st.just("trim"), st.integers(0, 5)),
    st.tuples(st.just("clear")),
)
READS = st.one_of(
    st.tuples(st.just("page"), st.integers(1, 4), st.booleans()),
    st.tuples(st.just("walk"), st.sampled_from(["", "b", "e"]), st.integers(1, 5)),
    st.tuples(st.just("count")),
    st.tuples(st.just("get"), KEYS),
    st.tuples(st.just("get_many")),
)


def perform(collection: Any, steps: list[tuple[Any, ...]]) -> list[Any]:
    """Do these steps to a collection of agents or to the model of one; what the reads say."""
    seen: list[Any] = []
    for step in steps:
        match step:
            case ("put", key, sort):
                collection.put(key, f"{key}{sort}", sort=sort)
            case ("remove", key):
                collection.remove(key)
            case ("trim", newest):
                collection.trim(newest=newest)
            case ("clear",):
                collection.clear()
            case ("page", limit, oldest_first):
                seen.append(all_pages(collection, limit, oldest_first))
            case ("walk", after, limit):
                seen.append([entry.key for entry in collection.walk(after=after, limit=limit)])
            case ("count",):
                seen.append(collection.count())
            case ("get", key):
                seen.append(collection.get(key))
            case ("get_many",):
                seen.append(sorted(collection.get_many("abcdefg").items()))
    return seen


def all_pages(collection: Any, limit: int, oldest_first: bool) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = collection.page(limit=limit, cursor=cursor, oldest_first=oldest_first)
        pages.append([f"{entry.key}{entry.sort}{entry.item}" for entry in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return pages


class Shelf(DurableAgent):
    """Two collections, one of them bounded. Parameters: its name."""

    name: Parameter[str]
    free = Collection(str)
    bounded = Collection(str, newest=BOUND)

    @command
    def change(self, bounded: bool, steps: list[tuple[Any, ...]]) -> list[Any]:
        return perform(self.bounded if bounded else self.free, steps)

    @query
    def look(self, bounded: bool, steps: list[tuple[Any, ...]]) -> list[Any]:
        return perform(self.bounded if bounded else self.free, steps)


class Entry:
    def __init__(self, key: str, sort: int) -> None:
        self.key, self.sort, self.item = key, sort, f"{key}{sort}"


class Page:
    def __init__(self, items: list[Entry], next_cursor: int | None) -> None:
        self.items, self.next_cursor = items, next_cursor


class Model:
    """What a collection promises, the plain way."""

    def __init__(self, newest: int | None) -> None:
        self.newest = newest
        self.entries: dict[str, int] = {}

    def visible(self) -> list[Entry]:
        ordered = sorted(self.entries.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)
        return [Entry(*pair) for pair in ordered[: self.newest]]

    def put(self, key: str, item: str, *, sort: int) -> None:
        self.entries[key] = sort

    def remove(self, key: str) -> None:
        self.entries.pop(key, None)

    def clear(self) -> None:
        self.entries.clear()

    def trim(self, *, newest: int) -> None:
        self.entries = {entry.key: entry.sort for entry in self.visible()[:newest]}

    def page(self, *, limit: int, cursor: int | None, oldest_first: bool) -> Page:
        ordered = self.visible()[::-1] if oldest_first else self.visible()
        start = cursor or 0
        more = len(ordered) > start + limit
        return Page(ordered[start : start + limit], start + limit if more else None)

    def walk(self, *, after: str, limit: int) -> list[Entry]:
        by_key = sorted(self.visible(), key=lambda entry: entry.key)
        return [entry for entry in by_key if entry.key > after][:limit]

    def count(self) -> int:
        return len(self.visible())

    def get(self, key: str) -> str | None:
        return self.get_many([key]).get(key)

    def get_many(self, keys: Any) -> dict[str, str]:
        return {entry.key: entry.item for entry in self.visible() if entry.key in keys}


class Collections(RuleBasedStateMachine):
    number = 0

    @initialize(bounded=st.booleans())
    def begin(self, bounded: bool) -> None:
        Collections.number += 1
        self.bounded = bounded
        self.shelf = Shelf.of(join_key(["shelf", Collections.number]))
        self.model = Model(BOUND if bounded else None)

    @rule(steps=st.lists(WRITES | READS, min_size=1, max_size=8))
    def change(self, steps: list[tuple[Any, ...]]) -> None:
        assert self.shelf.change(self.bounded, steps) == plain(perform(self.model, steps))

    @rule(batches=st.lists(st.lists(WRITES | READS, min_size=1, max_size=4), max_size=4))
    def change_in_one_turn(self, batches: list[list[tuple[Any, ...]]]) -> None:
        for steps in batches:
            self.shelf.trigger.change(self.bounded, steps)
            perform(self.model, steps)
        assert self.shelf.fresh.look(self.bounded, [("count",)]) == [self.model.count()]

    @rule(steps=st.lists(READS, max_size=4))
    def look(self, steps: list[tuple[Any, ...]]) -> None:
        assert self.shelf.look(self.bounded, steps) == plain(perform(self.model, steps))


def plain(seen: list[Any]) -> list[Any]:
    """As it comes back through JSON."""
    return [
        [list(x) if isinstance(x, tuple) else x for x in s] if isinstance(s, list) else s
        for s in seen
    ]


def test_a_collection_is_like_a_plain_one_whatever_is_done_to_it() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Collections,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
