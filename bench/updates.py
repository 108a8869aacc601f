"""Updates of many agents to another version of their code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle

from agents_core import rollouts
from agents_core.updates import Mode
from bench.database import connect, pgbench_commands, settle
from bench.harness import Line, Scale, alternate
from bench.vessels import Vessel

AGENTS, COMMANDS = 200, 20
MODES: tuple[Mode, ...] = ("manual", "automatic")


def fill() -> None:
    """Agents of the newest version, each with so many commands behind it."""
    for number in range(AGENTS):
        for _ in range(COMMANDS):
            Vessel.of(number).pour(1)


def empty() -> None:
    """Give the room back: what is measured after it must not carry it."""
    with connect() as connection:
        connection.execute("DELETE FROM agents_core_agent WHERE type = 'bench-vessel'")
        connection.execute("DELETE FROM agents_core_oplog WHERE agent_id ~ '^bench-vessel:'")
        settle(connection, "agents_core_agent", "agents_core_oplog")


def measure(scale: Scale) -> Iterator[Line]:
    """One process takes a rollout through all agents, there and back by turns."""
    for mode in MODES:
        fill()
        runs = alternate(
            partial(ours, mode, cycle((1, 2))),
            partial(pgbench_commands, scale.rows, scale.seconds),
            rounds=scale.rounds,
        )
        empty()
        yield Line.measured(
            runs,
            name=f"updates_{mode}",
            what=f"{mode} updates of {AGENTS} agents with {COMMANDS} entries each, 1 process",
            against="pgbench, 16 clients: begin, lock, update, insert, commit; distinct rows",
            unit="/s",
            must=None,
            aim=None,
            better="higher",
        )


def ours(mode: Mode, versions: Iterator[int]) -> float:
    """Agents a second, all to the next of the versions."""
    started = time.perf_counter()
    id_ = rollouts.start(Vessel.agent_type, next(versions), mode, by="bench", canary=0)
    *_, last = rollouts.follow(id_)
    seconds = time.perf_counter() - started
    assert last.updated == AGENTS, f"not all were updated: {last}"
    return AGENTS / seconds
