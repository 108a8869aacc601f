"""How many there are of everything an operator looks at first."""

from __future__ import annotations

from typing import NamedTuple

from agents_core import clock, store
from agents_core.lifecycle import Status
from agents_core.reading import look
from agents_core.wire import Connection

COUNTED = 100_000
"""Agents are counted up to this: counting millions takes longer than anybody looks."""


class Waiting(NamedTuple):
    """What waits in the mailboxes of agents of one type."""

    type: str
    messages: int
    oldest: float
    """Seconds that one has waited which could be run; 0 where there is none."""


class Overview(NamedTuple):
    """The site at a glance, as of the last commit."""

    agents: int
    """Or `at_least` so many."""
    at_least: bool
    statuses: dict[Status, int]
    """Agents that are not idle, by stored status: every one of them, 0 included."""
    waiting: list[Waiting]
    """The types for which mail waits, the most first."""
    dead_letters: int
    effects: dict[str, int]
    """By state: waiting, running, failed."""

    @property
    def messages(self) -> int:
        """All that wait."""
        return sum(line.messages for line in self.waiting)

    @property
    def oldest(self) -> float:
        """Seconds that the oldest has waited which could be run."""
        return max((line.oldest for line in self.waiting), default=0.0)


def overview() -> Overview:
    """Count what there is now, without any lock."""
    now = clock.now()

    def read(connection: Connection) -> Overview:
        agents, stored = store.count_agents(connection, COUNTED), store.not_idle(connection)
        effects = store.effect_states(connection, now)
        lines = [
            Waiting(line.type, line.waiting, line.oldest_seconds(now))
            for line in store.backlog(connection, now)
        ]
        return Overview(
            agents,
            agents == COUNTED,
            {one: stored.get(one, 0) for one in Status if one not in _NOT_STORED_OR_MANY},
            sorted(lines, key=lambda line: (-line.messages, line.type)),
            store.dead_letters(connection),
            {state: effects.get(state, 0) for state in ("waiting", "running", "failed")},
        )

    return look(read)


_NOT_STORED_OR_MANY = (Status.IDLE, Status.RUNNING)
