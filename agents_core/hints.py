"""Hints to workers: one Celery message names up to 100 agents that have mail.

They are published after the commit by a thread of their own, so that a caller pays nothing for
them and agents announced at the same time go together. A lost hint costs time: the sweeper finds
the mail.
"""

from __future__ import annotations

import heapq
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from celery import current_app
from kombu.exceptions import OperationalError

from agents_core import nearby, trace
from agents_core.config import options
from agents_core.drafts import Mailed

logger = logging.getLogger(__name__)

PER_MESSAGE = 100
CROWD = 500
"""How many agents a hint names where there are more than these: publishing one costs as much as
draining several, and a crowd keeps every worker busy even so."""
TASK = "agents.drain"
REQUESTS = "request_ids"
"""The header that says which request mailed each agent: one id for all, or a list."""
EFFECT_TASK = "agents.effect"
EFFECTS = "effects"
"""The queue of effects. A hint there names none: it lets one more that is due be run."""
PEOPLES = "interactive"
"""The lane of what somebody waits for."""


class Publisher:
    """Collects announcements and publishes them from a thread started when first needed."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: dict[str, dict[str, str | None]] = {}
        self._later: list[tuple[float, str, str, str]] = []
        self._thread: threading.Thread | None = None

    def add(self, mailed: Iterable[Mailed]) -> None:
        """Announce agents on their lanes, soon."""
        with self._wake:
            for agent_ids, lane, request_id in mailed:
                self._waiting.setdefault(lane, {}).update(dict.fromkeys(agent_ids, request_id))
            self._start()
            self._wake.notify()

    def add_later(self, agent_id: str, lane: str, at: float, request_id: str | None) -> None:
        """Announce an agent at that time (epoch seconds)."""
        with self._wake:
            heapq.heappush(self._later, (at, agent_id, lane, request_id or ""))
            self._start()
            self._wake.notify()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            for lane, agents in self._next().items():
                ids = list(agents)
                size = CROWD if len(ids) > CROWD else PER_MESSAGE
                for start in range(0, len(ids), size):
                    try:
                        publish(lane, {id_: agents[id_] for id_ in ids[start : start + size]})
                    except Exception:  # one odd answer of the broker must not end all hints
                        logger.exception("%d agents not announced", len(ids))

    def _next(self) -> dict[str, dict[str, str | None]]:
        with self._wake:
            while True:
                now = time.time()
                while self._later and self._later[0][0] <= now:
                    _, agent_id, lane, request_id = heapq.heappop(self._later)
                    self._waiting.setdefault(lane, {})[agent_id] = request_id or None
                if self._waiting:
                    waiting, self._waiting = self._waiting, {}
                    return waiting
                self._wake.wait(self._later[0][0] - now if self._later else None)


@dataclass
class Collected:
    """What was announced inside `collected`: for this thread, and crowds for all workers."""

    lane: str
    kept: dict[str, str | None] = field(default_factory=dict)
    crowds: list[Mailed] = field(default_factory=list)


class _Local(threading.local):
    collected: Collected | None = None


_local = _Local()
_publisher = Publisher()


def announce(mailed: Iterable[Mailed]) -> None:
    """Tell workers which agents have mail.

    A thread that drains collects few agents of its lane, and crowds, which it tells of later. Any
    other has a few run in its own process.
    """
    here = _local.collected
    elsewhere: list[Mailed] = []
    for agent_ids, lane, request_id in mailed:
        if not agent_ids:
            continue
        if here is not None and len(agent_ids) >= PER_MESSAGE:
            here.crowds.append((agent_ids, lane, request_id))
        elif here is not None and lane == here.lane:
            here.kept.update(dict.fromkeys(agent_ids, request_id))
        else:
            elsewhere.append((agent_ids, lane, request_id))
    if not elsewhere or not options().hints:
        return
    if here is None and all(lane == PEOPLES for _, lane, _ in elsewhere):
        few = {agent_id: sent_for for agent_ids, _, sent_for in elsewhere for agent_id in agent_ids}
        if nearby.take(few):
            return
    _publisher.add(elsewhere)


def announce_later(retry_at: Mapping[str, tuple[str, float]]) -> None:
    """Tell workers when a retry is due: agent id -> (lane, epoch seconds)."""
    if options().hints:
        for agent_id, (lane, at) in retry_at.items():
            _publisher.add_later(agent_id, lane, at, trace.request_of_mail(agent_id))


@contextmanager
def collected(lane: str) -> Iterator[Collected]:
    """Few agents announced on this lane inside, and crowds on any, are for the caller to see to."""
    before, _local.collected = _local.collected, Collected(lane)
    try:
        yield _local.collected
    finally:
        _local.collected = before


def packed(agents: trace.Agents) -> str | list[str | None] | None:
    """Which request mailed each agent, as short as it can be said."""
    requests = list(agents.values()) if isinstance(agents, Mapping) else []
    first = requests[0] if requests else None
    return first if requests.count(first) == len(requests) else requests


def unpacked(agent_ids: Sequence[str], requests: str | list[str | None] | None) -> trace.Agents:
    """The reverse of `packed`."""
    if isinstance(requests, list):
        return dict(zip(agent_ids, requests, strict=True))
    return dict.fromkeys(agent_ids, requests)


_broker_away = threading.Event()


def publish(lane: str, agents: trace.Agents) -> bool:
    """One hint at agents, or one for each effect; False: the broker is away, and the sweeper will
    find them."""
    try:
        if lane == EFFECTS:
            for _ in agents:
                current_app.send_task(EFFECT_TASK, queue=lane, retry=False)
        else:
            headers = {REQUESTS: packed(agents)}
            current_app.send_task(
                TASK, args=[list(agents), lane], queue=lane, retry=False, headers=headers
            )
    except (OperationalError, OSError) as error:
        if not _broker_away.is_set():  # once, not for every command until it is back
            _broker_away.set()
            logger.warning("mail is not announced, the broker is away: %s", error)
        return False
    if _broker_away.is_set():
        _broker_away.clear()
        logger.warning("the broker is back, mail is announced again")
    return True


def queue_length(lane: str) -> int:
    """How many hints wait in a lane's queue."""
    with current_app.connection_for_read() as connection:
        channel = connection.default_channel
        return int(channel.queue_declare(queue=lane).message_count)


def _after_fork() -> None:
    global _publisher
    _publisher = Publisher()


os.register_at_fork(after_in_child=_after_fork)
