"""Mail for a few agents is run by the process that sent it, as long as it keeps up.

The detour over the broker and a worker costs several milliseconds, and as much processor time as
running the mail. One thread does it, after the commit; while it is busy, workers are told as ever.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable

from agents_core.config import options
from agents_core.trace import Agents

logger = logging.getLogger(__name__)

Drain = Callable[[Agents], object]

PATIENCE = 5.0
"""Seconds the end of the process waits for mail under way: cut off, it would count as a try."""


class Nearby:
    """A thread that drains what it is given; started when first needed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._agents: Agents = ()
        self._busy = False
        self._over = False
        self._thread: threading.Thread | None = None

    def take(self, agents: Agents) -> bool:
        """Drain these soon; False: it is busy, or the process ends, and workers must be told."""
        with self._changed:
            if self._busy or self._over:
                return False
            self._busy, self._agents = True, agents
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nearby", daemon=True)
                self._thread.start()
            self._changed.notify_all()
            return True

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._agents)
                agents, self._agents = self._agents, ()
            try:
                _drain[0](agents)
            except Exception:  # the sweeper finds the mail; what is sent next must be run too
                logger.exception("the mail of %d agents was not run here", len(agents))
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def finish(self) -> None:
        """Take no more, and wait for what is under way."""
        with self._changed:
            self._over = True
            self._changed.wait_for(lambda: not self._busy, PATIENCE)


_drain: list[Drain] = []
_nearby = Nearby()


def install(drain: Drain) -> None:
    """Let this run the mail."""
    _drain[:] = [drain]


def take(agents: Agents) -> bool:
    """Have the mail of these few agents run here; False: workers must be told."""
    return 0 < len(agents) <= options().nearby_agents and _nearby.take(agents)


def _after_fork() -> None:
    global _nearby
    _nearby = Nearby()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(lambda: _nearby.finish())
