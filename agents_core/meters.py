"""What turns come to in this process: counted in memory, passed on by a thread.

A turn counts once, at its commit, whatever it ran. Writing each number into the file that the
processes of a site share for Prometheus would cost a short turn some percent; so that is done once
a second, and a row for the operators' overview is written every ten.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Histogram

from agents_core import oplog
from agents_core.samples import Sampler
from agents_core.tally import MAIL, SECONDS, CountedTurn, Tally

if TYPE_CHECKING:
    from agents_core.turn import Turn

logger = logging.getLogger(__name__)

DONE, REFUSED, FAULTED = "done", "refused", "faulted"
OUTCOMES = {oplog.COMMAND: DONE, oplog.REFUSAL: REFUSED, oplog.FAULT: FAULTED}
PAUSE = 1.0
"""Seconds between two times that numbers are passed on: they are so old at most."""


class _Histogram(Histogram):
    """One that takes what was counted elsewhere."""

    def add(self, counts: Sequence[int], total: float) -> None:
        self._sum.inc(total)
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)


class Published:
    """The metrics as Prometheus has them, on its default registry."""

    def __init__(self) -> None:
        self.invocations = Counter(
            "agora_invocations",
            "Commands run, nested ones included, by agent type and outcome: done, refused, faulted",
            ["type", "outcome"],
        )
        self.retries = Counter(
            "agora_retries", "Messages put back to be tried again, by agent type", ["type"]
        )
        self.parked = Counter(
            "agora_parked", "Messages given up on: new dead letters, by agent type", ["type"]
        )
        self.turns = _Histogram(
            "agora_turn_seconds",
            "Turns, from asking for their locks to their commit",
            buckets=SECONDS,
        )
        self.mail = _Histogram(
            "agora_turn_messages", "Messages done with in one turn", buckets=MAIL
        )
        self.abandoned = Counter(
            "agora_turns_abandoned", "Turns rolled back, to be run again or given up"
        )
        self.swept = Counter(
            "agora_sweep_found", "Agents whose mail the sweeper found: due, or its hint was lost"
        )

    def add(self, tally: Tally) -> None:
        for (type_name, outcome), count in tally.invocations.items():
            self.invocations.labels(type_name, outcome).inc(count)
        for type_name, count in tally.retries.items():
            self.retries.labels(type_name).inc(count)
        for type_name, count in tally.parked.items():
            self.parked.labels(type_name).inc(count)
        self.turns.add(tally.seconds, tally.seconds_sum)
        self.mail.add(tally.mail, tally.mail_sum)
        self.abandoned.inc(tally.abandoned)
        self.swept.inc(tally.swept)


@lru_cache(maxsize=1)
def published() -> Published:
    """Made when first needed: a process that counts nothing leaves no file behind."""
    return Published()


class Meters:
    """Counts for one process; a thread started when first needed passes the numbers on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passing = threading.Lock()
        self._turns: deque[CountedTurn] = deque()
        """Those of the last second: adding them up is left to the thread, turns have no time."""
        self._tally = Tally()
        self._counted = threading.Event()
        self._thread: threading.Thread | None = None
        self.sampler = Sampler()

    def count_turn(self, turn: Turn, seconds: float) -> None:
        """A turn committed, so many seconds after it was begun."""
        drafts = turn.drafts
        retried = _types(turn, drafts.retried) if drafts.retried else []
        parked = _types(turn, drafts.parked) if drafts.parked else []
        self._turns.append((seconds, len(drafts.done), _invocations(turn), retried, parked))
        if not self._counted.is_set():
            self._tell()

    def count_abandoned(self) -> None:
        """A turn was rolled back."""
        with self._lock:
            self._tally.abandoned += 1
        self._tell()

    def count_swept(self, agents: int) -> None:
        """The sweeper found so many."""
        with self._lock:
            self._tally.swept += agents
        self._tell()

    def _tell(self) -> None:
        self._counted.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="meters", daemon=True)
                self._thread.start()

    def pass_on(self) -> None:
        """Let Prometheus have the numbers now."""
        with self._passing:
            self._counted.clear()
            with self._lock:
                tally, self._tally = self._tally, Tally()
            while self._turns:
                tally.add_turn(*self._turns.popleft())
            if tally == Tally():
                return
            published().add(tally)
            self.sampler.add(tally)

    def _run(self) -> None:
        while True:
            self._counted.wait(self.sampler.due_in())
            time.sleep(PAUSE)
            try:
                if self._counted.is_set():
                    self.pass_on()
                self.sampler.write_if_due()
            except Exception:  # such as a full disk; what comes later may go
                logger.exception("what this process counted is lost")


def _types(turn: Turn, rows: Sequence[tuple[Any, ...]]) -> list[str]:
    return [turn.activations[row[0]].agent_class.agent_type for row in rows]


def _invocations(turn: Turn) -> list[tuple[tuple[str, str], int]]:
    """The commands of a turn by type and outcome; without a look at each where all are alike."""
    drafts, activations = turn.drafts, turn.activations
    if not drafts.mixed:
        classes = {activation.agent_class for activation in activations.values()}
        if len(classes) == 1:
            return [((classes.pop().agent_type, DONE), len(drafts.oplog))]
    found: dict[tuple[str, str], int] = {}
    named = [(activations[row[0]].agent_class.agent_type, row[2]) for row in drafts.oplog]
    for type_name, kind in (*named, *drafts.unrecorded):
        if kind in OUTCOMES:
            key = type_name, OUTCOMES[kind]
            found[key] = found.get(key, 0) + 1
    return list(found.items())


_meters = Meters()


def count_turn(turn: Turn, seconds: float) -> None:
    """A turn committed, so many seconds after it was begun."""
    _meters.count_turn(turn, seconds)


def count_abandoned() -> None:
    """A turn was rolled back."""
    _meters.count_abandoned()


def count_swept(agents: int) -> None:
    """The sweeper found so many."""
    _meters.count_swept(agents)


def pass_on() -> None:
    """Let Prometheus have what this process counted so far."""
    _meters.pass_on()


def write_sample() -> None:
    """Write a row of what this process counted since the last, without waiting for its time."""
    _meters.pass_on()
    _meters.sampler.write()


def _after_fork() -> None:
    global _meters
    _meters = Meters()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(pass_on)
