"""Many agents' collections as one list."""

from __future__ import annotations

import random

from agents_core.collections import encode_cursor
from agents_core.merging import get_of_many, newest_of_many
from tests.agents_core.counter import Counter

END = encode_cursor(2**62, "")


def merged(names: list[str], limit: int, cursor: str = END) -> list[tuple[str, str, int]]:
    found = newest_of_many(Counter, Counter.notes, names, limit=limit, cursor=cursor)
    return [(name, entry.key, entry.sort) for name, entry in found]


def test_pages_of_many_collections_are_one_list() -> None:
    chance = random.Random(7)
    expected: list[tuple[str, str, int]] = []
    for name in ("a", "b", "c", "d"):
        notes = {f"{name}{number}": chance.randrange(12) for number in range(6)}
        Counter.of(name).edit_notes(notes, [])
        if name != "d":  # nobody asks for these
            expected += [(name, key, sort) for key, sort in notes.items()]
    expected.sort(key=lambda row: (row[2], row[1]), reverse=True)

    for limit in (1, 4, 18, 50):
        found, cursor = list[tuple[str, str, int]](), END
        while page := merged(["a", "b", "c"], limit, cursor):
            assert len(page) <= limit
            found += page
            cursor = encode_cursor(page[-1][2], page[-1][1])
        assert found == expected


def test_agents_that_are_not_there_have_nothing() -> None:
    Counter.of("a").put_note("k", "hello", 1)
    assert merged(["nobody", "a"], 5) == [("a", "k", 1)]
    assert merged([], 5) == []


def test_items_of_many_are_found_by_their_keys() -> None:
    Counter.of("a").edit_notes({"x": 1, "y": 2}, [])
    Counter.of("b").edit_notes({"y": 3}, [])
    Counter.of("c").edit_notes({"z": 4}, [])
    wanted = {name: Counter.of(name).some_notes(["x", "y"]) for name in ("a", "b")}

    assert get_of_many(Counter, Counter.notes, ["a", "b", "c", "nobody"], ["x", "y"]) == wanted
    assert get_of_many(Counter, Counter.notes, [], ["x"]) == {}
