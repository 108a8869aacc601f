"""Collections: rows an agent owns, seen through what a command has not yet written."""

from __future__ import annotations

import pytest

from agents_core.collections import CursorNotValid, decode_cursor, encode_cursor
from agents_core.testing import step
from tests.agents_core.counter import Counter
from tests.agents_core.racing import rows


def fill(number: int) -> None:
    Counter.of("a").edit_notes({f"k{index:02}": index for index in range(number)}, [])


def test_it_keeps_what_is_put() -> None:
    Counter.of("a").put_note("k", "hello", 1)

    assert Counter.of("a").note("k") == "hello"
    assert Counter.of("a").note("nothing") is None


def test_putting_the_same_key_replaces_the_item_and_its_place() -> None:
    Counter.of("a").put_note("old", "x", 5)
    Counter.of("a").put_note("k", "first", 1)

    assert Counter.of("a").put_note("k", "second", 9) == 2
    assert Counter.of("a").page_notes(10) == (["k", "old"], None)


def test_it_gives_the_items_there_are_of_many_keys() -> None:
    fill(3)

    assert Counter.of("a").some_notes(["k00", "nothing", "k02"]) == {"k00": "K00", "k02": "K02"}
    assert Counter.of("a").some_notes([]) == {}


def test_removing_what_is_not_there_changes_nothing() -> None:
    fill(2)

    assert Counter.of("a").edit_notes({}, ["nothing", "k00"]) == ["k01"]


def test_a_command_sees_its_own_writes() -> None:
    fill(3)

    assert Counter.of("a").edit_notes({"k01": 9, "new": 5}, ["k00"]) == ["k01", "new", "k02"]


def test_pages_go_on_where_the_last_one_ended() -> None:
    fill(5)
    first, cursor = Counter.of("a").page_notes(2)
    second, cursor = Counter.of("a").page_notes(2, cursor)
    third, end = Counter.of("a").page_notes(2, cursor)

    assert [first, second, third] == [["k04", "k03"], ["k02", "k01"], ["k00"]]
    assert end is None


def test_a_page_that_ends_with_the_last_item_has_no_next() -> None:
    fill(2)

    assert Counter.of("a").page_notes(2) == (["k01", "k00"], None)


def test_pages_go_oldest_first_where_asked() -> None:
    fill(3)
    first, cursor = Counter.of("a").page_notes(2, None, True)

    assert first + Counter.of("a").page_notes(2, cursor, True)[0] == ["k00", "k01", "k02"]


def test_items_of_one_sort_key_are_paged_without_gap_or_double() -> None:
    Counter.of("a").edit_notes(dict.fromkeys("abcde", 7), [])
    first, cursor = Counter.of("a").page_notes(2)
    second, cursor = Counter.of("a").page_notes(2, cursor)

    assert first + second + Counter.of("a").page_notes(2, cursor)[0] == list("edcba")


def test_an_item_put_meanwhile_shifts_no_page() -> None:
    fill(4)
    _, cursor = Counter.of("a").page_notes(2)
    Counter.of("a").put_note("new", "x", 99)

    assert Counter.of("a").page_notes(2, cursor)[0] == ["k01", "k00"]


@pytest.mark.parametrize(
    "cursor", ["x", "!", "AAAA", encode_cursor(1, "a")[:-2], "é", "W10", "e30"]
)
def test_it_refuses_cursors_it_did_not_give(cursor: str) -> None:
    with pytest.raises(CursorNotValid):
        decode_cursor(cursor)


@pytest.mark.parametrize("key", ["", "a", 'ä"\\', "x" * 100])
def test_it_reads_the_cursors_it_gave(key: str) -> None:
    assert decode_cursor(encode_cursor(-5, key)) == (-5, key)


def test_it_walks_in_the_order_of_keys() -> None:
    Counter.of("a").edit_notes({"b": 1, "a": 2, "c": 0, "B": 5}, [])

    assert Counter.of("a").walk_notes("", 2) == ["B", "a"]
    assert Counter.of("a").walk_notes("a", 10) == ["b", "c"]


def test_it_trims_to_the_newest() -> None:
    fill(5)

    assert Counter.of("a").trim_notes(2) == 2
    assert Counter.of("a").page_notes(10) == (["k04", "k03"], None)
    assert rows("SELECT count(*) FROM agents_core_item") == [(2,)]


def test_trimming_to_none_empties_it() -> None:
    fill(3)

    assert Counter.of("a").trim_notes(0) == 0
    assert Counter.of("a").page_notes(10) == ([], None)


def test_it_clears() -> None:
    fill(3)

    assert Counter.of("a").clear_notes() == 0
    assert Counter.of("a").count_notes() == 0


def test_a_trim_takes_nothing_that_the_next_message_of_the_turn_puts() -> None:
    fill(3)
    Counter.of("a").trigger.trim_notes(1)
    for index in range(3):
        Counter.of("a").trigger.put_note(f"n{index}", "x", index)
    step()

    assert Counter.of("a").page_notes(10)[0] == ["n2", "k02", "n1", "n0"]


def test_a_bounded_collection_shows_its_newest() -> None:
    assert Counter.of("a").put_newest([1, 2, 3]) == [3, 2, 1]
    assert Counter.of("a").put_newest([9, 4, 5, 6, 0]) == [9, 6, 5, 4, 3]
    assert Counter.of("a").page_newest() == [9, 6, 5, 4, 3]


def test_a_bounded_collection_is_trimmed_in_time() -> None:
    for number in range(130):
        Counter.of("a").put_newest([number])

    assert rows("SELECT count(*) < 70 FROM agents_core_item") == [(True,)]
    assert Counter.of("a").page_newest() == [129, 128, 127, 126, 125]


def test_agents_and_collections_do_not_see_each_other() -> None:
    fill(2)
    Counter.of("a").put_newest([7])

    assert Counter.of("b").count_notes() == 0
    assert Counter.of("a").page_newest() == [7]
    assert Counter.of("a").count_notes() == 2


def test_keys_and_items_may_hold_any_text() -> None:
    key, note = "ключ/🦊:'\"%_\\", "日本\\u0000\n"
    Counter.of("a").put_note(key, note, 1)

    assert Counter.of("a").note(key) == note
    assert Counter.of("a").walk_notes("", 5) == [key]
