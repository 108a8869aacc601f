"""Mailboxes drained, of distinct agents and of one hot agent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from agents_core import clock
from bench.agents import BenchCounter
from bench.database import HOT, connect, pgbench_commands
from bench.harness import Line, Scale, alternate
from bench.load import generators

PROCESSES, THREADS, HINT = 2, 2, 100


def fill(rows: int, *, hot: bool) -> None:
    """A message to each counter, or as many to one: the rows that `trigger` writes, in bulk."""
    target = str(HOT) if hot else "n"
    first = clock.ordered_uuid(clock.stamp(), 0)
    with connect() as connection:
        connection.execute(
            "INSERT INTO agents_core_message (agent_id, id, sender, method, args) "
            f"SELECT %s || ':' || {target}, (%s || lpad(to_hex(n), 12, '0'))::uuid, 'bench', "
            "'add', '{\"amount\": 1}' FROM generate_series(1, %s) AS n",
            [BenchCounter.agent_type, str(first)[:24], rows],
        )
        connection.execute("VACUUM ANALYZE agents_core_message")


def measure(scale: Scale) -> Iterator[Line]:
    """Two processes drain hints of 100 agents, as workers do, with two threads each."""
    with generators("drains", PROCESSES) as ask:

        def ours(*, hot: bool) -> float:
            fill(scale.rows, hot=hot)
            ids = [f"{BenchCounter.agent_type}:{number}" for number in range(1, scale.rows + 1)]
            hints = [ids[start : start + HINT] for start in range(0, len(ids), HINT)]
            if hot:
                hints = [[f"{BenchCounter.agent_type}:{HOT}"]] * PROCESSES
            started = time.perf_counter()
            ask(hints=hints, threads=THREADS)
            seconds = time.perf_counter() - started
            with connect() as connection:
                left = connection.execute("SELECT count(*) FROM agents_core_message").fetchone()
            assert left == (0,), f"{left} messages are left"
            return scale.rows / seconds

        for hot in (False, True):
            ours(hot=hot)  # connections, plans
            runs = alternate(
                partial(ours, hot=hot),
                partial(pgbench_commands, scale.rows, scale.seconds, hot=hot),
                rounds=scale.rounds,
            )
            yield Line.measured(
                runs,
                name="mailbox_hot" if hot else "mailbox",
                what="mailbox drained, one hot agent"
                if hot
                else "mailbox drained, distinct agents, 2 processes",
                against="the hot pgbench script" if hot else "the distinct pgbench script",
                unit="/s",
                must=15 if hot else 1.2,
                aim=35 if hot else 3,
                better="higher",
            )
