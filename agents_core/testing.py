"""For tests of applications made of agents: step background work, freeze time, break commits.

step()                              # all mail, due schedules and what follows from them
with freeze("2026-03-01T12:00:00Z") as time: time.tick(60)
with fault_at("turn", "before"): ...  # the commit of the next turn never happens
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal
from unittest import mock

import psycopg

from agents_core import clock, database, effects, mailbox, store

Edge = Literal[
    "turn", "send", "attempt", "blame", "schedule", "blob", "effect-claim", "effect-result"
]
Side = Literal["before", "after"]

_COMMITS: dict[Edge, str] = {
    "turn": "commit",
    "send": "send",
    "attempt": "add_attempt",
    "blame": "count_attempt",
    "schedule": "move_due",
    "blob": "add_blob",
    "effect-claim": "claim_effect",
    "effect-result": "finish_effect",
}
"""Each edge is the one function of `store` whose commit it is."""


def step(*, limit: int = 10_000) -> int:
    """Run background work in this process until none is left; how many agents were visited.

    Messages are tried again without waiting for their delay; schedules and effects wait for their
    time. Work that never ends is an AssertionError.
    """
    visited = 0
    while True:
        connection = database.connection()  # anew: a fault may have cost the last one
        now = clock.now()
        moved = store.move_due(connection, now, clock.ordered_uuid(clock.stamp(), 0), limit=1_000)
        end = clock.message_bound(datetime(9000, 1, 1, tzinfo=now.tzinfo))
        waiting = store.agents_with_mail(
            connection, before=end, after="", now=now + timedelta(days=1), limit=1_000
        )
        if moved or waiting:
            store.forget_delays(connection)
            # on no lane: what it sends is found by the next round, so that endless work is noticed
            visited += mailbox.drain(waiting, lane="")
        elif effects.run_one():
            visited += 1
        else:
            return visited
        assert visited < limit, f"background work does not end; {waiting[:5]} still have mail"


class Frozen:
    """A clock that stands still until told."""

    def __init__(self, moment: datetime) -> None:
        self.micros = clock.to_micros(moment)

    def read(self) -> int:
        """The time, for `clock.source`."""
        return self.micros

    @property
    def now(self) -> datetime:
        """The moment it stands at."""
        return clock.to_datetime(self.micros)

    def tick(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self.micros += round(seconds * 1_000_000)


@contextmanager
def freeze(moment: datetime | str) -> Iterator[Frozen]:
    """The runtime's clock stands at this moment (ISO 8601, with a zone)."""
    frozen = Frozen(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)
    with (
        mock.patch.object(clock, "source", frozen.read),
        # else what is sent before, in or after the freeze would bear the latest of their times
        mock.patch.object(clock, "_last_stamp", 0),
    ):
        yield frozen


class Broken(psycopg.OperationalError):
    """The connection is lost, as a test wanted it."""


@contextmanager
def fault_at(edge: Edge, side: Side, *, times: int = 1) -> Iterator[list[str]]:
    """Lose the connection right before or right after that commit, the next so many times.

    Before: nothing was committed. After: it was, but its answer never came. Gives the list of
    faults so far.
    """
    real = getattr(store, _COMMITS[edge])
    faults: list[str] = []

    def broken(connection: Any, *args: Any, **kwargs: Any) -> Any:
        if len(faults) >= times:
            return real(connection, *args, **kwargs)
        faults.append(f"{side} {edge}")
        if side == "after":
            real(connection, *args, **kwargs)
        connection.close()
        raise Broken(f"lost {side} the commit of {edge}")

    with mock.patch.object(store, _COMMITS[edge], broken):
        yield faults
