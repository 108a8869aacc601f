"""A load generator: a process of its own that works when told and answers what it did.

Run as `python -m bench.load KIND`; reads one JSON order a line, writes one JSON answer a line.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

Answer = dict[str, float]
Ask = Callable[..., list[Answer]]


@contextmanager
def generators(kind: str, processes: int) -> Iterator[Ask]:
    """So many processes; call what this gives to have all of them work at the same time."""
    command = [sys.executable, "-m", "bench.load", kind]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]

    def read(child: subprocess.Popen[str]) -> Any:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise RuntimeError(f"The load generator {kind} ended with code {child.wait()}.")
        return json.loads(line)

    def ask(**order: Any) -> list[Answer]:
        for number, child in enumerate(children):
            assert child.stdin is not None
            orders = order | {"process": number, "processes": processes}
            child.stdin.write(json.dumps(orders) + "\n")
            child.stdin.flush()
        return [read(child) for child in children]

    try:
        for child in children:
            read(child)
        yield ask
    finally:
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        for child in children:
            child.wait(30)


def in_threads(threads: int, work: Callable[[int], int]) -> Answer:
    """Run the work in so many threads; what they did together, in how long, at what cost."""
    done = [0] * threads

    def run(number: int) -> None:
        done[number] = work(number)

    started, cpu = time.perf_counter(), time.process_time()
    runners = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    seconds = time.perf_counter() - started
    return {"done": sum(done), "seconds": seconds, "cpu": time.process_time() - cpu}


def commands(*, threads: int, seconds: float, rows: int, hot: bool = False, **_: Any) -> Answer:
    """Awaited commands, each thread one after the other."""
    from bench.agents import BenchCounter
    from bench.database import HOT

    until = time.perf_counter() + seconds

    def work(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            number = HOT if hot else random.randint(1, rows)
            BenchCounter.of(number).add(1)
            done += 1
        return done

    return in_threads(threads, work)


def queries(*, seconds: float, rows: int, threads: int = 1, **_: Any) -> Answer:
    """Queries of one agent each, one after the other."""
    from bench.agents import BenchCounter

    until = time.perf_counter() + seconds

    def work(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            BenchCounter.of(random.randint(1, rows)).get_counter()
            done += 1
        return done

    return in_threads(threads, work)


def drains(*, hints: list[list[str]], threads: int, process: int, processes: int) -> Answer:
    """Hints done as a worker does them; each process has its share."""
    from agents_core import mailbox

    share = iter(hints[process::processes])
    lock = threading.Lock()

    def work(_: int) -> int:
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


def main(kind: str) -> None:
    """Answer orders until there are none."""
    django.setup()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(KINDS[kind](**json.loads(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
