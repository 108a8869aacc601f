"""Entries of a long mailbox are sent to the database while its next messages run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from agents_core import delivery, store
from agents_core.testing import fault_at, step
from agents_core.wire import Connection
from tests.agents_core.counter import Counter
from tests.agents_core.racing import dead, mail, oplog, rows

Written = list[int]
"""How many entries were sent ahead, each time."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Every two entries, so that a few messages are a long mailbox."""
    monkeypatch.setattr(delivery, "AHEAD", 2)
    sent: Written = []
    real = store.write_ahead
    with mock.patch.object(
        store, "write_ahead", lambda to, entries: (sent.append(len(entries)), real(to, entries))
    ):
        yield sent


def indices(agent_id: str) -> list[int]:
    found = rows("SELECT index FROM agents_core_oplog WHERE agent_id = %s ORDER BY index", agent_id)
    return [index for (index,) in found]


def test_all_entries_are_there_whoever_wrote_them(written: Written) -> None:
    Counter.of("a").send("b", 1, 7)
    step()

    assert written == [2, 2, 2]
    assert Counter.of("b").get_seen() == [f"a{number}" for number in range(7)]
    assert [entry["args"]["label"] for _, entry in oplog("counter:b")] == Counter.of("b").get_seen()
    assert indices("counter:b") == list(range(1, 8))


def test_a_short_mailbox_is_written_with_the_commit() -> None:
    with mock.patch.object(store, "write_ahead") as ahead:
        Counter.of("a").send("b", 1, 7)
        step()

    assert not ahead.called
    assert indices("counter:b") == list(range(1, 8))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("size", [1, 70_000])
def test_what_was_written_is_taken_back_when_a_later_one_is_dropped(
    written: Written, known: bool, size: int
) -> None:
    if known:
        Counter.of("a").add(1)
    Counter.of("a").trigger.add(1, "x" * size)
    Counter.of("a").trigger.add(1)
    Counter.of("a").trigger.add(1)
    Counter.of("a").trigger.refuse_half_way(5)
    Counter.of("a").trigger.add(1)
    step()

    assert len(written) > 1
    expected = ["command"] * 3 + ["refusal"] + ["command"]
    assert [kind for kind, _ in oplog("counter:a")][known:] == expected
    assert indices("counter:a") == list(range(1, 6 + known))
    assert Counter.of("a").get() == 4 + known
    assert rows("SELECT count(*) FROM agents_core_largeentry") == [(int(size > 1),)]
    assert mail("counter:a") == dead("counter:a") == []


def test_a_fault_among_them_is_tried_again_and_takes_no_other_with_it(written: Written) -> None:
    Counter.of("a").send("b", 1, 4)
    Counter.of("b").trigger.fail()
    Counter.of("a").send("b", 1, 3)
    step()

    assert written
    assert Counter.of("b").get() == 7
    assert [method for method, *_ in dead("counter:b")] == ["fail"]
    assert indices("counter:b") == list(range(1, len(oplog("counter:b")) + 1))


def test_commands_behind_them_read_and_call_others(written: Written) -> None:
    Counter.of("other").add(5)
    for _ in range(3):
        Counter.of("a").trigger.add(1)
        Counter.of("a").trigger.remember("other")
        Counter.of("a").trigger.put_note("key", "note", 1)
        Counter.of("a").trigger.add_to("other", 1)
    step()

    assert len(written) > 3
    assert Counter.of("a").get() == 6
    assert Counter.of("other").get() == 8
    assert indices("counter:a") == list(range(1, 13))
    assert [entry["result"] for _, entry in oplog("counter:a")[1::4]] == [5, 6, 7]


@pytest.mark.parametrize("side", ["before", "after"])
def test_messages_run_once_whose_entries_were_lost_with_the_commit(
    written: Written, side: str
) -> None:
    Counter.of("a").send("b", 1, 7)
    with fault_at("turn", side) as faults:  # type: ignore[arg-type]
        step()

    assert written
    assert faults
    assert Counter.of("b").get() == 7
    assert indices("counter:b") == list(range(1, 8))


def test_messages_run_once_whose_entries_were_lost_on_the_way() -> None:
    lost: list[int] = []
    real = store.write_ahead

    def lose(to: Connection, entries: list[tuple[Any, ...]]) -> None:
        real(to, entries)
        if not lost:
            lost.append(to.info.backend_pid)
            rows("SELECT pg_terminate_backend(%s)", lost[0])

    Counter.of("a").send("b", 1, 7)
    with mock.patch.object(delivery, "AHEAD", 2), mock.patch.object(store, "write_ahead", lose):
        step()

    assert lost
    assert Counter.of("b").get() == 7
    assert indices("counter:b") == list(range(1, 8))
