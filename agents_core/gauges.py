"""What the database and the broker say of the moment, as Prometheus metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily

from agents_core import clock, database, hints, registry, store
from agents_core.errors import AgentError
from agents_core.lifecycle import Status

LANES = ("interactive", "bulk")
UNKNOWN = "unknown"
"""The lane of types that this process's code does not know."""


def of_database() -> list[GaugeMetricFamily]:
    """Backlog, dead letters, statuses and effects. Leaves no connection behind in its thread."""
    try:
        connection, now = database.connection("search"), clock.now()
        return [
            *_of_backlog(store.backlog(connection, now), now),
            GaugeMetricFamily(
                "agora_dead_letters",
                "Messages given up on that wait for an operator",
                value=store.dead_letters(connection),
            ),
            _of_statuses(store.not_idle(connection)),
            _of_effects(store.effect_states(connection, now)),
        ]
    finally:
        database.discard("search")


def _of_backlog(lines: list[store.BacklogLine], now: datetime) -> Iterator[GaugeMetricFamily]:
    waiting, oldest = dict.fromkeys((*LANES, UNKNOWN), 0), dict.fromkeys((*LANES, UNKNOWN), 0.0)
    for line in lines:
        lane = _lane(line.type)
        waiting[lane] += line.waiting
        oldest[lane] = max(oldest[lane], line.oldest_seconds(now))
    messages = GaugeMetricFamily(
        "agora_waiting_messages", "Messages in mailboxes, by their agents' lane", labels=["lane"]
    )
    seconds = GaugeMetricFamily(
        "agora_oldest_message_seconds",
        "How long the oldest message has waited that could be run, by its agent's lane",
        labels=["lane"],
    )
    for lane in waiting:
        messages.add_metric([lane], waiting[lane])
        seconds.add_metric([lane], oldest[lane])
    lag = max((store.age(line.oldest_to_many, now) for line in lines), default=0.0)
    yield messages
    yield seconds
    yield GaugeMetricFamily(
        "agora_fanout_lag_seconds",
        "How long the oldest message has waited that was sent to many",
        value=lag,
    )


def _lane(type_name: str) -> str:
    try:
        agent_class: Any = registry.find(type_name)
    except AgentError:
        return UNKNOWN
    return str(agent_class.lane)


def _of_statuses(counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "agora_agents", "Agents that are not idle, by stored status", labels=["status"]
    )
    for status in Status:
        if status not in (Status.IDLE, Status.RUNNING):
            family.add_metric([status], counts.get(status, 0))
    return family


def _of_effects(counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "agora_effects", "Effects that have not ended well yet, by state", labels=["state"]
    )
    for state in ("waiting", "running", "failed"):
        family.add_metric([state], counts.get(state, 0))
    return family


def of_broker() -> list[GaugeMetricFamily]:
    """How many hints wait for a worker."""
    family = GaugeMetricFamily(
        "agora_hints_waiting", "Hints that no worker has taken yet, by lane", labels=["lane"]
    )
    for lane in (*LANES, hints.EFFECTS):
        family.add_metric([lane], hints.queue_length(lane))
    return [family]
