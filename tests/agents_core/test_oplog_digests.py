"""Digests of old entries: written when a search would read them, and hiding nothing."""

from __future__ import annotations

import pytest

from agents_core import operations
from agents_core.oplog_search import search_oplog
from tests.agents_core.racing import rows
from tests.agents_core.searched import AGENT, found, indices, store, store_at


def digests() -> list[int]:
    return [
        chapter for (chapter,) in rows("SELECT chapter FROM agents_core_oplogdigest ORDER BY 1")
    ]


@pytest.mark.usefixtures("small_chapters")
def test_only_complete_chapters_that_a_search_would_read_get_a_digest() -> None:
    store(*(("command", {"method": method}) for method in "abcdefghi"))

    assert found("i") == [9]
    assert digests() == []  # this one says nothing about kinds, methods, callers and messages
    assert found("method:a") == [1]
    assert digests() == [0, 1, 2, 3, 4]

    store_at(10, "x")
    assert found("method:x") == [10]
    assert digests() == [0, 1, 2, 3, 4]  # chapter 5 has one entry yet
    store_at(11, "y")
    store_at(12, "z")
    assert found("method:x") == [10]
    assert digests() == [0, 1, 2, 3, 4, 5]


@pytest.mark.usefixtures("small_chapters")
def test_a_search_that_finds_enough_in_the_newest_entries_writes_no_digest() -> None:
    store(*(("command", {"method": "a"}) for _ in range(9)))

    assert indices(search_oplog(AGENT, "method:a", limit=1)) == [9]
    assert digests() == []
    assert len(search_oplog(AGENT, "method:a", limit=2).items) == 2
    assert digests() == [0, 1, 2, 3, 4]


@pytest.mark.usefixtures("small_chapters")
def test_a_digest_of_a_deleted_agent_hides_nothing_of_the_next_of_its_name() -> None:
    store(*(("command", {"method": "a"}) for _ in range(9)))
    assert found("method:b") == []
    rows("UPDATE agents_core_agent SET incarnation = incarnation + 1")  # deleted, and made anew
    rows('UPDATE agents_core_oplog SET entry = \'{"method": "b"}\'')

    assert found("method:b") == list(range(9, 0, -1))
    assert found("method:a") == []


def test_the_digests_of_a_deleted_agent_go_with_it(small_chapters: None) -> None:
    store(*(("command", {"method": "a"}) for _ in range(9)))
    assert found("method:b") == []
    operations.delete(AGENT, by="an operator")

    assert digests() == found("") == []


@pytest.mark.usefixtures("small_chapters")
def test_what_was_pruned_is_passed_over() -> None:
    store(*(("command", {"method": "a" if index % 3 else "b"}) for index in range(1, 41)))
    rows("DELETE FROM agents_core_oplog WHERE index BETWEEN 2 AND 21")

    assert found("method:b") == [39, 36, 33, 30, 27, 24]
    assert found("method:a NOT method:b")[-2:] == [22, 1]
