"""What a full oplog is good for, and what it costs: replays, and turns against a brief one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from agents_core import clock, database, mailbox
from agents_core.replay import load_history, replay
from bench.agents import BenchCounter
from bench.database import connect, settle
from bench.harness import Line, Scale, alternate
from bench.recorders import BenchBrief, BenchFull

ENTRIES, AGENTS, COMMANDS, HINT = 10_000, 2_000, 500, 100
REPLAYED, HOT = 1, 2


def measure(scale: Scale) -> Iterator[Line]:
    """One process, one thread, nothing else that runs."""
    try:
        yield replays(scale)
        yield from oplogs(scale)
    finally:
        empty()


def replays(scale: Scale) -> Line:
    """Entries run again in memory, against the same commands run from a mailbox."""
    drained(BenchFull, [REPLAYED] * ENTRIES)
    drained(BenchFull, [HOT])
    return Line.measured(
        alternate(replayed, lambda: drained(BenchFull, [HOT] * ENTRIES), rounds=scale.rounds),
        name="replay",
        what=f"{ENTRIES:,} oplog entries replayed",
        against="the same commands, run from the mailbox of one agent",
        unit="/s",
        must=None,
        aim=1,
        better="higher",
    )


def oplogs(scale: Scale) -> Iterator[Line]:
    """Turns of many messages, where an entry's cost shows most, and of one command."""
    many = list(range(10, 10 + AGENTS))
    for name, what, run in (
        ("oplog_full_mailbox", "messages of distinct agents, a full oplog", drained),
        ("oplog_full_commands", "awaited commands one by one, a full oplog", awaited),
    ):
        for agent_class in (BenchFull, BenchBrief):
            run(agent_class, many)
        runs = alternate(
            partial(run, BenchFull, many), partial(run, BenchBrief, many), rounds=scale.rounds
        )
        yield Line.measured(
            runs,
            name=name,
            what=what,
            against="the same with a brief one",
            unit="/s",
            must=None,
            aim=None,
            better="higher",
        )


def replayed() -> float:
    """Entries a second, from the creation on."""
    agent_id = BenchFull.id_of(REPLAYED)
    started = time.perf_counter()
    with connect() as connection:
        row = connection.execute(
            "SELECT revision, (state->>'count')::int FROM agents_core_agent WHERE id = %s",
            [agent_id],
        ).fetchone()
    assert row is not None
    past = load_history(database.connection(), agent_id, row[0], since=0)
    found = replay(BenchFull, *past)
    seconds = time.perf_counter() - started
    assert f'"count":{row[1]},'.encode() in found.state
    return float(row[0] / seconds)


def drained(agent_class: type[BenchCounter], numbers: list[int]) -> float:
    """Messages a second, as a worker runs them."""
    ids = [agent_class.id_of(number) for number in numbers]
    send(ids)
    hints = sorted(set(ids))
    started = time.perf_counter()
    for first in range(0, len(hints), HINT):
        mailbox.drain(hints[first : first + HINT])
    return len(ids) / (time.perf_counter() - started)


def send(agent_ids: list[str]) -> None:
    """The rows that `trigger` writes, in bulk."""
    first = str(clock.ordered_uuid(clock.stamp(), 0))[:24]
    with connect() as connection:
        connection.execute(
            "INSERT INTO agents_core_message (agent_id, id, sender, method, args) "
            "SELECT id, (%s || lpad(to_hex(n), 12, '0'))::uuid, 'bench', 'add', '{\"amount\": 1}' "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS t (id, n)",
            [first, agent_ids],
        )
        settle(connection, "agents_core_message")


def awaited(agent_class: type[BenchCounter], numbers: list[int]) -> float:
    """Commands a second, each in a turn of its own."""
    started = time.perf_counter()
    for number in numbers[:COMMANDS]:
        agent_class.of(number).add(1)
    return COMMANDS / (time.perf_counter() - started)


def empty() -> None:
    """Give the room back: what is measured after it must not carry it."""
    types = [BenchFull.agent_type, BenchBrief.agent_type]
    with connect() as connection:
        connection.execute("DELETE FROM agents_core_agent WHERE type = ANY(%s)", [types])
        connection.execute("DELETE FROM agents_core_oplog WHERE agent_id ~ '^bench-(full|brief):'")
        settle(connection, "agents_core_agent", "agents_core_oplog")
