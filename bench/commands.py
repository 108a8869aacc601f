"""Awaited commands, on distinct agents and on one hot agent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.database import pgbench_commands
from bench.harness import Line, Scale, alternate
from bench.load import generators

PROCESSES, THREADS = 2, 8


def measure(scale: Scale) -> Iterator[Line]:
    """Two processes of eight threads, each waiting for its command to be durable."""
    with generators("commands", PROCESSES) as ask:

        def ours(*, hot: bool) -> float:
            answers = ask(threads=THREADS, seconds=scale.seconds, rows=scale.rows, hot=hot)
            return sum(answer["done"] / answer["seconds"] for answer in answers)

        for hot in (False, True):
            ask(threads=THREADS, seconds=0.5, rows=scale.rows, hot=hot)  # connections, plans
            runs = alternate(
                partial(ours, hot=hot),
                partial(pgbench_commands, scale.rows, scale.seconds, hot=hot),
                rounds=scale.rounds,
            )
            yield Line.measured(
                runs,
                name="commands_hot" if hot else "commands",
                what="awaited commands on one hot agent"
                if hot
                else "awaited commands on distinct agents, 2 processes × 8 threads",
                against="pgbench, 16 clients, the same five statements on one row"
                if hot
                else "pgbench, 16 clients: begin, lock, update, insert, commit; distinct rows",
                unit="/s",
                must=0.8 if hot else 0.4,
                aim=2 if hot else 0.9,
                better="higher",
            )
