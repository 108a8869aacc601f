"""What load generators do; each function is one kind of work and says how much of it was done."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agents_core import mailbox
from bench.agents import BenchCounter
from bench.database import HOT

Answer = dict[str, float]


_pools: dict[int, ThreadPoolExecutor] = {}


def in_threads(threads: int, work: Callable[[], int]) -> Answer:
    """Run the work in so many threads; what they did together, in how long, at what cost.

    The threads stay from order to order, and with them their connections, as in a server.
    """
    pool = _pools.setdefault(threads, ThreadPoolExecutor(threads))
    started, cpu = time.perf_counter(), time.process_time()
    running = [pool.submit(work) for _ in range(threads)]
    done = sum(future.result() for future in running)
    seconds = time.perf_counter() - started
    return {"done": done, "seconds": seconds, "cpu": time.process_time() - cpu}


def commands(*, threads: int, seconds: float, rows: int, hot: bool = False, **_: Any) -> Answer:
    """Awaited commands, each thread one after the other."""
    until = time.perf_counter() + seconds

    def work() -> int:
        done = 0
        while time.perf_counter() < until:
            number = HOT if hot else random.randint(1, rows)
            BenchCounter.of(number).add(1)
            done += 1
        return done

    return in_threads(threads, work)


def queries(*, seconds: float, rows: int, threads: int = 1, **_: Any) -> Answer:
    """Queries of one agent each, one after the other."""
    until = time.perf_counter() + seconds

    def work() -> int:
        done = 0
        while time.perf_counter() < until:
            BenchCounter.of(random.randint(1, rows)).get_counter()
            done += 1
        return done

    return in_threads(threads, work)


def drains(*, hints: list[list[str]], threads: int, process: int, processes: int) -> Answer:
    """Hints done as a worker does them; each process has its share."""
    share = iter(hints[process::processes])
    lock = threading.Lock()

    def work() -> int:
        done = 0
        while True:
            with lock:
                hint = next(share, None)
            if hint is None:
                return done
            mailbox.drain(hint)
            done += len(hint)

    return in_threads(threads, work)


KINDS: dict[str, Callable[..., Answer]] = {
    "commands": commands,
    "queries": queries,
    "drains": drains,
}
