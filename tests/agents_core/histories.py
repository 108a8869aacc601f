"""Agents with a long past, made at random, and what they were at each step of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from agents_core import database, registry
from agents_core.errors import AgentError
from agents_core.frames import ItemReader
from agents_core.identity import split_id
from agents_core.replay import Replayed, load_history, replay
from agents_core.testing import Frozen, step
from tests.agents_core.programs import NAMES, PROGRAMS, Robot
from tests.agents_core.racing import rows

TABLES = ("agent", "item", "itempast", "oplog", "largeentry", "message", "schedule", "deadletter")
Seen = tuple[Any, dict[str, list[Any]]]
"""A document and the items of each collection."""


def stored(agent_id: str) -> tuple[int, Seen]:
    """Revision, document and items of an agent as the database has them."""
    [(revision, state)] = rows(
        "SELECT revision, state::text FROM agents_core_agent WHERE id = %s", agent_id
    )
    reader = ItemReader(database.connection(), agent_id)
    return revision, (plain(state), items_of(reader))


def plain(state: str | bytes) -> Any:
    return orjson.loads(state)


def items_of(reader: ItemReader) -> dict[str, list[Any]]:
    return {
        name: [
            (key, plain(item), sort)
            for key, item, sort in reader.walk_items(name, after="", limit=99, newest=None)
        ]
        for name in ("free", "bounded")
    }


def replayed(agent_id: str, to: int, *, since: int | None = None) -> Replayed:
    """An agent at that index, by replay on the class of its newest version."""
    agent_class: Any = registry.find(split_id(agent_id)[0])
    return replay(agent_class, *load_history(database.connection(), agent_id, to, since=since))


def seen_of(found: Replayed) -> Seen:
    return plain(found.state), items_of(found.items)


class Histories(RuleBasedStateMachine):
    """Three robots that tell each other what to do."""

    time: Frozen

    @initialize()
    def begin(self) -> None:
        self.time.tick(3600)
        for table in TABLES:
            rows(f"DELETE FROM agents_core_{table}")
        self.seen: dict[str, dict[int, Seen]] = {}

    def look(self) -> None:
        for (agent_id,) in rows("SELECT id FROM agents_core_agent"):
            revision, seen = stored(agent_id)
            self.seen.setdefault(agent_id, {})[revision] = seen

    @rule(name=NAMES, program=PROGRAMS)
    def call(self, name: str, program: list[Any]) -> None:
        with suppress(AgentError, RuntimeError):
            Robot.of(name).do(program)
        self.look()

    @rule(name=NAMES, programs=st.lists(PROGRAMS, min_size=4, max_size=12))
    def send(self, name: str, programs: list[list[Any]]) -> None:
        for program in programs:
            Robot.of(name).trigger.do(program)
        step()
        self.look()


def run_histories(machine: type[Histories], time: Frozen) -> None:
    """Run it a dozen times, always the same, in that time."""
    machine.time = time
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
