"""A query of one agent, without HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from bench.database import pgbench_reads
from bench.harness import Line, Scale, alternate
from bench.load import generators


def measure(scale: Scale) -> Iterator[Line]:
    """One thread reads whole documents of 1 KB through their agents' query."""
    with generators("queries", 1) as ask:

        def ours() -> float:
            (answer,) = ask(seconds=scale.seconds, rows=scale.rows)
            return answer["done"] / answer["seconds"]

        ours()
        runs = alternate(
            ours, lambda: pgbench_reads(scale.rows, scale.seconds), rounds=scale.rounds
        )
        yield Line.measured(
            runs,
            name="query",
            what="query of one agent, 1 thread",
            against="pgbench, 1 client: select of one row by key",
            unit="/s",
            must=0.2,
            aim=0.35,
            better="higher",
        )
