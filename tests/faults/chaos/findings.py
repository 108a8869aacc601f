"""What is found when the storm is over, against what must be; and a report of where it differs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from tests.faults.chaos.plan import Plan
from tests.faults.chaos.programs import Expected, programs_of
from tests.faults.world import World

SHOWN = 50
"""Agents whose mail, schedules and oplog a report has."""
PARTS = {
    "mailbox": "SELECT id, sender, method, attempts, retry_at, last_error, left(args::text, 300) "
    "FROM agents_core_message WHERE agent_id = %s ORDER BY id LIMIT 20",
    "schedules": "SELECT name, due_at, sender, method, left(args::text, 300) "
    "FROM agents_core_schedule WHERE agent_id = %s ORDER BY due_at LIMIT 20",
    "effects": "SELECT id, target, method, attempts, due_at, lease_until, claim, last_error, "
    "failed_at, left(args::text, 300) FROM agents_core_effect WHERE agent_id = %s LIMIT 20",
    "dead letters": "SELECT id, sender, method, attempts, last_error, left(args::text, 300) "
    "FROM agents_core_deadletter WHERE agent_id = %s ORDER BY id LIMIT 20",
    "newest of the oplog": "SELECT index, kind, recorded_at, left(entry::text, 600) "
    "FROM agents_core_oplog WHERE agent_id = %s ORDER BY index DESC LIMIT 10",
}


class Difference(NamedTuple):
    """An agent, and what is wrong with it."""

    agent_id: str
    what: str


def expected_of(plan: Plan) -> Expected:
    """What must come of every program of every client."""
    expected = Expected()
    for client in plan.client_names:
        for sender in plan.senders(client):
            for agent, program in islice(programs_of(plan.graph, plan.seed, sender), plan.programs):
                expected.add(agent, program)
    return expected


def differences(world: World, plan: Plan) -> list[Difference]:
    """Compare every agent's counter and the programs it ran with what they must be."""
    expected = expected_of(plan)
    found = world.ask(
        "SELECT id, state, (SELECT coalesce(jsonb_object_agg(item_key, item), '{}') "
        "FROM agents_core_item WHERE agent_id = id AND name = 'labels') FROM agents_core_agent "
        "WHERE split_part(id, ':', 2) LIKE %s AND type LIKE '%%node'",
        f"{plan.name}-%",
    )
    rows = {agent_id.partition(":")[2]: (agent_id, state, ran) for agent_id, state, ran in found}
    differ = []
    for name in plan.graph.all_names:
        agent_id, state, ran = rows.get(name, (f"node:{name}", None, {}))
        state, labels = state or {"count": 0, "runs": 0}, expected.labels[name]
        wrong = []
        if state["count"] != expected.counts[name]:
            wrong.append(f"counted {state['count']} instead of {expected.counts[name]}")
        if state["runs"] != labels.total():
            wrong.append(f"ran {state['runs']} programs instead of {labels.total()}")
        if ran != labels:
            wrong += [
                f"ran {label} {ran.get(label, 0)} times instead of {labels[label]}"
                for label in sorted(ran.keys() | labels.keys())
                if ran.get(label, 0) != labels[label]
            ][:10]
        if wrong:
            differ.append(Difference(agent_id, "; ".join(wrong)))
    return differ


def agents_that_wait(world: World) -> list[Difference]:
    """Agents with mail, schedules, effects or dead letters."""
    return [
        Difference(agent_id, f"has {what}")
        for table, what in (
            ("message", "mail"),
            ("schedule", "schedules"),
            ("effect", "effects"),
            ("deadletter", "dead letters"),
        )
        for (agent_id,) in world.ask(
            f"SELECT DISTINCT agent_id FROM agents_core_{table} ORDER BY agent_id"
        )
    ]


def describe(world: World, differ: Iterable[Difference]) -> str:
    """What is wrong with which agents, and all there is to know about the first of them."""
    found = list(differ)
    lines = [f"{agent_id}: {what}" for agent_id, what in found]
    for agent_id in list(dict.fromkeys(agent_id for agent_id, _ in found))[:SHOWN]:
        lines.append(f"\n{agent_id}")
        for part, statement in PARTS.items():
            rows: list[tuple[Any, ...]] = world.ask(statement, agent_id)
            lines += [f"  {part}:", *(f"    {row}" for row in rows)] if rows else []
    return "\n".join(lines)
