"""What each step of the hot path costs: processor time here, and statements in the database."""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.conf import settings

from agents_core import database as agents_database
from agents_core import mailbox
from agents_core.calls import Call
from agents_core.context import Target
from agents_core.execution import run_batch
from bench.agents import BenchCounter
from bench.database import HOT, connect
from bench.harness import Scale, say
from bench.mailbox import HINT, fill

TOGETHER = 8
DURATION = re.compile(
    r"duration: ([\d.]+) ms  (bind|execute) \S+: (.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.DOTALL
)


class Step(NamedTuple):
    """One step and what it takes, in microseconds."""

    what: str
    microseconds: float
    of_which_planning: float | None = None


def measure(scale: Scale) -> list[Step]:
    """Single-threaded: costs, not throughput."""
    rows, count = scale.rows, scale.rows // 10
    ids = [f"{BenchCounter.agent_type}:{number}" for number in range(1, scale.rows + 1)]

    def some() -> str:
        return str(random.randint(1, rows))

    def alone() -> int:
        for _ in range(count):
            BenchCounter.of(some()).add(1)
        return count

    def together() -> int:
        spec = BenchCounter.methods["add"]
        for _ in range(count // TOGETHER):
            targets = [
                Target(BenchCounter, agent_id, spec, spec.encode((1,), {}))
                for agent_id in random.sample(ids, TOGETHER)
            ]
            run_batch([Call(target) for target in targets])
        return count // TOGETHER * TOGETHER

    def queries() -> int:
        for _ in range(count):
            BenchCounter.of(some()).get_counter()
        return count

    def drained() -> int:
        for start in range(0, count, HINT):
            mailbox.drain(ids[start : start + HINT])
        return count

    def drained_hot() -> int:
        mailbox.drain([ids[HOT - 1]])
        return count

    steps = [
        Step("query: processor time of Python", _cpu(queries)),
        Step("command alone in its turn: processor time of Python", _cpu(alone)),
        Step(f"command in a turn of {TOGETHER}: processor time of Python", _cpu(together)),
        Step(
            "message of a turn of 100 agents: processor time of Python",
            _cpu(drained, lambda: fill(count, hot=False)),
        ),
        Step(
            "message of a turn on one hot agent: processor time of Python",
            _cpu(drained_hot, lambda: fill(count, hot=True)),
        ),
        *_statements("query", queries),
        *_statements("command", alone),
    ]
    fill(count, hot=False)
    steps += _statements("turn of 100 messages", drained)
    for step in steps:
        say(f"  {step.what}: {step.microseconds:.0f} µs")
    return steps


def _cpu(work: Callable[[], int], before: Callable[[], None] = lambda: None) -> float:
    """Microseconds of this process's processor time for one, the least of three runs."""
    figures = []
    for _ in range(3):
        before()
        started = time.process_time()
        done = work()
        figures.append((time.process_time() - started) / done * 1e6)
    return min(figures)


def _statements(name: str, work: Callable[[], int]) -> Iterator[Step]:
    """Medians of what the server's own log says of each statement."""
    with _logged() as texts:
        work()
    times: dict[str, dict[str, list[float]]] = {}
    for milliseconds, phase, text in DURATION.findall(texts()):
        statement = " ".join(text.split()).partition(" DETAIL:")[0]
        phases = times.setdefault(statement, {"bind": [], "execute": []})
        phases[phase].append(float(milliseconds) * 1000)
    usual = max((len(phases["execute"]) for phases in times.values()), default=0)
    for statement, phases in times.items():
        if phases["bind"] and len(phases["execute"]) * 2 > usual:
            bind, execute = (statistics.median(phases[phase]) for phase in ("bind", "execute"))
            yield Step(f"{name}: {_short(statement)}", bind + execute, bind)


def _short(statement: str) -> str:
    words = re.sub(r"agents_core_|\"", "", statement)
    verb = words.split()[0]
    table = re.search(r"(?:FROM|INTO|UPDATE) (\w+)", words)
    lock = ", locking" if "FOR NO KEY UPDATE" in words else ""
    if table is None:
        return f"`{verb}`"
    return f"`{verb} {'message' if table[1] == 'unnest' else table[1]}`{lock}"


@contextmanager
def _logged() -> Iterator[Callable[[], str]]:
    """Have the server write down every statement of the runtime's next connections."""
    log = settings.VAR_DIR / "log" / "postgres.log"
    name = "log_min_duration_statement"
    with connect() as connection:
        database = connection.info.dbname
        connection.execute(f"ALTER DATABASE {database} SET {name} = 0")
        _reconnect()
        before = log.stat().st_size
        try:
            yield lambda: log.read_bytes()[before:].decode(errors="replace")
        finally:
            connection.execute(f"ALTER DATABASE {database} RESET {name}")
            _reconnect()
            time.sleep(0.2)  # the server writes its log from other processes


def _reconnect() -> None:
    agents_database.discard("turn")
    agents_database.discard("ledger")
