"""What an agent did, in enough detail to replay it."""

from __future__ import annotations

import random
import uuid
from datetime import datetime

import pytest

from agents_core import Caller, calling, database, store
from agents_core.testing import freeze, step
from tests.agents_core.agents import Fragile, Plumbing
from tests.agents_core.counter import Counter, TooMuch
from tests.agents_core.racing import oplog, rows


def test_it_records_method_arguments_result_caller_time_and_seed() -> None:
    with freeze("2026-03-01T12:00:00Z") as time, calling(Caller("alice")):
        Counter.of("a").add(2, "x")

    [(kind, entry)] = oplog("counter:a")
    assert kind == "command"
    assert entry.pop("seed") >= 0
    assert entry == {
        "method": "add",
        "args": {"amount": 2, "label": "x"},
        "result": 2,
        "caller": "alice",
        "time": time.micros,
    }


def test_it_records_refusals() -> None:
    Counter.of("a").add(1)
    with pytest.raises(TooMuch):
        Counter.of("a").refuse(7)

    kind, entry = oplog("counter:a")[1]
    assert kind == "refusal"
    assert entry["refusal"] == {"code": "too_much", "facts": {"amount": 7}}


def test_it_records_faults() -> None:
    Counter.of("a").add(1)
    with pytest.raises(RuntimeError):
        Counter.of("a").fail("no luck")

    assert oplog("counter:a")[1][0] == "fault"
    assert oplog("counter:a")[1][1]["fault"] == "RuntimeError: no luck"


def test_it_records_calls_with_their_answers() -> None:
    Counter.of("b").add(1)
    Counter.of("a").add_to("b", 2)
    Counter.of("a").remember("b")
    Counter.of("a").try_refused("b")

    calls = [entry["calls"][0] for _, entry in oplog("counter:a")]
    assert [(call["agent"], call["method"]) for call in calls] == [
        ("counter:b", "add"),
        ("counter:b", "get"),
        ("counter:b", "refuse_half_way"),
    ]
    assert [call.get("result") for call in calls] == [3, 3, None]
    assert calls[2]["refusal"] == {"code": "too_much", "facts": {"amount": 5}}


def test_it_records_what_was_sent_with_its_id() -> None:
    Counter.of("a").send("b", 2)

    [sent] = oplog("counter:a")[0][1]["sent"]
    assert (sent["to"], sent["method"]) == ("counter:b", "add")
    assert rows("SELECT id::text FROM agents_core_message") == [(sent["id"],)]


def test_its_indices_have_no_gaps() -> None:
    for _ in range(3):
        Counter.of("a").trigger.add(1)
    Counter.of("a").trigger.refuse(1)
    step()
    Counter.of("a").add(1)

    indices = rows("SELECT index FROM agents_core_oplog WHERE agent_id = 'counter:a' ORDER BY 1")
    assert [index for (index,) in indices] == [1, 2, 3, 4, 5]
    assert rows("SELECT revision FROM agents_core_agent") == [(5,)]


def test_plumbing_keeps_it_brief_but_for_faults() -> None:
    Plumbing.of(1, "x").note("secret")
    with pytest.raises(RuntimeError):
        Plumbing.of(1, "x").fail()

    brief, full = oplog("plumbing:1/x")
    assert brief == ("command", {"method": "note"})
    assert full[1]["fault"] == "RuntimeError: broken pipe"


def test_time_stands_still_in_a_command_and_rises_from_one_to_the_next() -> None:
    with freeze("2026-03-01T12:00:00Z"):
        facts = [Counter.of("a").facts() for _ in range(3)]

    assert all(fact["now"] == fact["again"] for fact in facts)
    assert len({fact["now"] for fact in facts}) == 3
    assert [fact["now"] for fact in facts] == sorted(fact["now"] for fact in facts)


def test_time_rises_even_when_the_clock_is_set_back() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        first = Counter.of("a").facts()["now"]
        time.tick(-3600)
        assert Counter.of("a").facts()["now"] > first


def test_time_rises_within_a_turn_too() -> None:
    with freeze("2026-03-01T12:00:00Z"):
        Counter.of("a").send("b", 1, 5)
        step()

    times = [entry["time"] for _, entry in oplog("counter:b")]
    assert times == sorted(set(times))


def test_new_ids_are_uuids_in_the_order_of_time() -> None:
    facts = [Counter.of("a").facts() for _ in range(20)]
    ids = [fact["id"] for fact in facts]

    assert {uuid.UUID(id_).version for id_ in ids} == {7}
    assert ids == sorted(ids)
    assert all(fact["id"] != fact["other_id"] for fact in facts)


def test_an_ephemeral_agent_has_its_time_and_chance_from_the_command_that_calls_it() -> None:
    with calling(Caller("alice")):
        fact = Fragile.of("a").facts_of_view()
    entry = oplog("fragile:a")[0][1]
    chance = random.Random(random.Random(entry["seed"]).getrandbits(53))

    assert datetime.fromisoformat(fact["now"]).timestamp() * 1e6 == pytest.approx(entry["time"])
    assert chance.random() == fact["chance"]
    assert fact["caller"] == "fragile:a"


def test_chance_follows_from_the_recorded_seed() -> None:
    fact = Counter.of("a").facts()
    entry = oplog("counter:a")[0][1]
    chance = random.Random(entry["seed"])
    chance.getrandbits(62), chance.getrandbits(62)

    assert chance.random() == fact["chance"]
    assert datetime.fromisoformat(fact["now"]).timestamp() * 1e6 == pytest.approx(entry["time"])


def test_it_keeps_the_document_after_every_so_many_entries() -> None:
    for _ in range(250):
        Counter.of("a").trigger.add(1)
    step()
    for _ in range(50):
        Counter.of("a").add(1)

    entries = oplog("counter:a")
    snapshots = [(n, entry) for n, (kind, entry) in enumerate(entries, 1) if kind == "snapshot"]
    assert snapshots == [
        (251, {"version": 1, "state": {"count": 250, "seen": []}}),  # crossed twice in one turn
        (301, {"version": 1, "state": {"count": 299, "seen": []}}),
    ]
    assert rows("SELECT revision FROM agents_core_agent") == [(302,)]


def test_a_brief_oplog_keeps_no_documents() -> None:
    for _ in range(101):
        Plumbing.of(1, "x").trigger.note("a")
    step()

    assert {kind for kind, _ in oplog("plumbing:1/x")} == {"command"}


def test_a_large_entry_is_kept_out_of_line() -> None:
    label = "ä" * 70_000
    Counter.of("a").add(1, "short")
    with calling(Caller("alice")):
        Counter.of("a").add(1, label)

    [_, abridged] = [entry for _, entry in oplog("counter:a")]
    assert abridged["method"] == "add"
    assert abridged["caller"] == "alice"
    assert abridged["large"] > 140_000
    assert "args" not in abridged

    [short, whole] = store.read_entries(
        database.connection(), "counter:a", after=0, upto=2, limit=10
    )
    assert short.entry["args"] == {"amount": 1, "label": "short"}
    assert whole.entry["args"] == {"amount": 1, "label": label}
