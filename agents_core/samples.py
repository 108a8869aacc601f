"""Figures of the last hour, for the operators' overview: who runs turns leaves a row every ten
seconds in which it ran any, and the sweeper one of the backlog. Losing some harms nothing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg

from agents_core import clock, database, store
from agents_core.config import options
from agents_core.tally import SECONDS, Tally

logger = logging.getLogger(__name__)

EVERY = 10.0
"""Seconds between two rows of one process."""
KEPT = timedelta(days=1)
HOUR = timedelta(hours=1)


class Point(NamedTuple):
    """What happened in one stretch of time, in all processes together."""

    at: datetime
    """Its begin."""
    throughput: float
    """Commands per second, whatever their outcome."""
    refusals: int
    faults: int
    retries: int
    p50: float | None
    """Seconds: half of the turns were quicker. None without turns."""
    p95: float | None
    slowest: float | None
    waiting: int | None
    """Messages in all mailboxes, the most there were; None where nobody looked."""
    oldest: float | None
    """Seconds the oldest message that could be run had waited, the most there were."""


class Sampler:
    """Turns one process's tallies into rows, on the connection of the thread that writes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tally = Tally()
        self._since: float | None = None
        """When the first of what is not written was counted."""

    def add(self, tally: Tally) -> None:
        """Count this as well."""
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
            self._tally.add(tally)

    def due_in(self) -> float | None:
        """Seconds until a row is to be written; None: there is nothing to write."""
        return None if self._since is None else max(0.0, self._since + EVERY - time.monotonic())

    def write_if_due(self) -> None:
        """Write a row, if it is time."""
        if self.due_in() == 0.0:
            self.write()

    def write(self) -> None:
        """Write what was counted since the last row. What cannot be written is forgotten."""
        with self._lock:
            tally, self._tally, self._since = self._tally, Tally(), None
        if not options().samples or tally == Tally():
            return
        row = store.SampleRow(
            clock.now(),
            f"{socket.gethostname()}:{os.getpid()}",
            sum(tally.invocations.values()),
            tally.of_outcome("refused"),
            tally.of_outcome("faulted"),
            sum(tally.retries.values()),
            tally.seconds,
            tally.seconds_sum,
            tally.slowest,
        )
        try:
            store.add_sample(database.connection("search"), row)
        except psycopg.Error as error:
            logger.info("figures of %g seconds are lost: %s", EVERY, error)
        finally:
            database.discard("search")


_backlog_seen = 0.0


def look_at_backlog() -> None:
    """Write how much mail waits, unless this process did so in the last ten seconds."""
    global _backlog_seen
    now = time.monotonic()
    if now - _backlog_seen < EVERY or not options().samples:
        return
    _backlog_seen = now
    connection, moment = database.connection("search"), clock.now()
    lines = store.backlog(connection, moment)
    waiting = sum(line.waiting for line in lines)
    oldest = max((line.oldest_seconds(moment) for line in lines), default=0.0)
    store.add_backlog(connection, moment, waiting, oldest)


def last_hour(bucket: timedelta = timedelta(seconds=30)) -> list[Point]:
    """The points of the last hour, the oldest first, the last one still going on. None is left out:
    where nothing ran, its throughput is 0."""
    now = clock.now()
    size = clock.to_micros(clock.EPOCH + bucket)
    first = clock.to_micros(now - HOUR) // size
    rows: dict[int, list[store.SampleRow]] = {}
    looks: dict[int, list[tuple[int, float]]] = {}
    connection = database.connection("search")
    for row in store.samples(connection, clock.to_datetime(first * size)):
        rows.setdefault(clock.to_micros(row.at) // size, []).append(row)
    for at, waiting, oldest in store.backlogs(connection, clock.to_datetime(first * size)):
        looks.setdefault(clock.to_micros(at) // size, []).append((waiting, oldest))
    return [
        _point(clock.to_datetime(number * size), bucket, rows.get(number, []), looks.get(number))
        for number in range(first, clock.to_micros(now) // size + 1)
    ]


def _point(
    at: datetime,
    bucket: timedelta,
    rows: Sequence[store.SampleRow],
    looks: Sequence[tuple[int, float]] | None,
) -> Point:
    counts = [sum(column) for column in zip(*(row.buckets for row in rows), strict=True)]
    slowest = max((row.slowest for row in rows), default=None)
    return Point(
        at,
        sum(row.invocations for row in rows) / bucket.total_seconds(),
        sum(row.refusals for row in rows),
        sum(row.faults for row in rows),
        sum(row.retries for row in rows),
        quantile(counts, 0.5, slowest),
        quantile(counts, 0.95, slowest),
        slowest,
        max(waiting for waiting, _ in looks) if looks else None,
        max(oldest for _, oldest in looks) if looks else None,
    )


def quantile(counts: Sequence[int], share: float, slowest: float | None) -> float | None:
    """The seconds within which that share of turns was through, evenly spread in their bucket."""
    wanted = share * sum(counts)
    if not wanted or slowest is None:
        return None
    passed, lower = 0, 0.0
    for count, upper in zip(counts, (*SECONDS, slowest), strict=True):
        if passed + count >= wanted:
            return min(slowest, lower + (upper - lower) * (wanted - passed) / count)
        passed, lower = passed + count, upper
    return slowest


def prune(batch: int = 1_000) -> int:
    """Delete rows older than a day, so many at a time; how many."""
    connection, before = database.connection("search"), clock.now() - KEPT
    total = 0
    while True:
        deleted = store.prune_samples(connection, before, batch)
        total += deleted
        if deleted < batch:
            return total
