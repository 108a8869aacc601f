"""Faults at random moments, of random kinds, several at once; afterwards all is as it was."""

from __future__ import annotations

import heapq
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg

from tests.faults.world import World

LEASE_MS = 2_000
LOOK_EVERY = 0.02
PAUSE = 0.45
"""Seconds between two faults, on average."""
LONGEST_PAUSE = 2.0

Action = Callable[[], None]


class Storm:
    """Kills, stops and cuts off what runs in a world. Its choices and intervals follow from a seed.

    `processes` names what may be killed, and how each is started again.
    """

    def __init__(self, world: World, processes: dict[str, Action], seed: int) -> None:
        self.world, self.processes = world, processes
        self.log: list[str] = []
        self._chance = random.Random(f"{seed} storm")
        self._began = time.monotonic()
        self._coming: list[tuple[float, int, Action]] = []
        self._down: set[str] = set()
        """What is broken just now."""
        self._count = 0

    def blow(self, over: Callable[[], bool]) -> None:
        """Break things until `over`, then mend everything."""
        self._in(self._pause(), self._strike)
        while not over():
            if self._coming[0][0] <= time.monotonic():
                heapq.heappop(self._coming)[2]()
            else:
                time.sleep(LOOK_EVERY)
        for _, _, action in sorted(self._coming):
            if action != self._strike:
                action()
        self._coming.clear()
        self.world.start_servers()

    def _in(self, seconds: float, action: Action) -> None:
        self._count += 1
        heapq.heappush(self._coming, (time.monotonic() + seconds, self._count, action))

    def _pause(self) -> float:
        return min(self._chance.expovariate(1 / PAUSE), LONGEST_PAUSE)

    def _strike(self) -> None:
        faults = {
            self._kill: 8,
            self._freeze: 4,
            self._break_postgres: 1.5,
            self._cut_connections: 1,
            self._break_valkey: 1.5,
            self._flush_valkey: 0.5,
        }
        self._chance.choices(list(faults), list(faults.values()))[0]()
        self._in(self._pause(), self._strike)

    def _breaks(self, name: str, how: str, seconds: float, mend: Action) -> bool:
        """Note that something is broken for so long; False: it was already."""
        if name in self._down:
            return False
        self._say(f"{how} {name}, {seconds:.2f} s")
        self._down.add(name)

        def mended() -> None:
            self._down.discard(name)
            mend()

        self._in(seconds, mended)
        return True

    def _say(self, what: str) -> None:
        self.log.append(f"{time.monotonic() - self._began:6.2f} {what}")

    def _kill(self) -> None:
        name, seconds = self._any_process(), self._chance.uniform(0, 0.6)
        if name in self.world.processes and self._breaks(
            name, "kill", seconds, self.processes[name]
        ):
            self.world.kill(name)

    def _freeze(self) -> None:
        """For a moment, or for longer than a lease lasts."""
        name = self._any_process()
        seconds = self._chance.choice([0.2, 0.5, LEASE_MS / 1000 + 0.7])
        process = self.world.processes.get(name)
        if process is not None and self._breaks(
            name, "freeze", seconds, lambda: process.send(signal.SIGCONT)
        ):
            process.send(signal.SIGSTOP)

    def _any_process(self) -> str:
        return self._chance.choice(sorted(self.processes))

    def _break_postgres(self) -> None:
        """Killed, told to leave at once, or told to leave after rolling back what is open."""
        number = self._chance.choice([signal.SIGKILL, signal.SIGQUIT, signal.SIGINT])
        self._break_server("postgres", number, self._chance.choice([0.0, 0.3, 1.0]))

    def _break_valkey(self) -> None:
        number = self._chance.choice([signal.SIGKILL, signal.SIGTERM])
        self._break_server("valkey", number, self._chance.choice([0.0, 0.5, 2.0]))

    def _break_server(self, name: str, number: signal.Signals, seconds: float) -> None:
        if self._breaks(name, number.name, seconds, lambda: self.world.start_server(name)):
            self.world.end_server(name, number)

    def _cut_connections(self) -> None:
        """Half of all that are open, whatever they are in the middle of."""
        if "postgres" in self._down:
            return
        self._say("cut connections")
        url = self.world.servers["postgres"].url
        with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                "current_database() AND pid <> pg_backend_pid() AND random() < 0.5"
            )

    def _flush_valkey(self) -> None:
        if "valkey" not in self._down:
            self._say("flush valkey")
            self.world.flush_valkey()
