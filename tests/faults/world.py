"""A world of real processes that a test may kill: PostgreSQL, Valkey, workers, beat, drivers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import psutil
import psycopg
import redis

from config import programs
from config.embedded import EmbeddedServer, PostgresServer, ValkeyServer
from config.embedded.keeper import launch, stop
from config.environment import BASE_DIR
from config.launch import EFFECTS_AT_ONCE
from config.supervisor import MARK
from tests.faults.load import Done, Load, expect, read_journal
from tests.waiting import wait_for

# What would make these processes use the servers of the test session.
FOREIGN = {"DATABASE_URL", "REDIS_URL", "AGORA_VAR", "DJANGO_SETTINGS_MODULE", MARK}
# Generous: on a busy machine everything takes its time, and nobody waits for it when all is well.
PATIENCE = 120.0
KNOBS = {
    "FAULTS_LEASE_MS": "15000",
    "FAULTS_EFFECT_LEASE_MS": "30000",
    "FAULTS_DELIVERIES": "1",
    "FAULTS_NEARBY": "0",
    "FAULTS_ROLLOUT_CLAIM_MS": "30000",
    "FAULTS_EDGES": "",
}
"""What `tests.faults.settings` reads, as it is unless a test says otherwise."""
WORKERS = {
    # As `manage.py up` starts them.
    "interactive": programs.worker("interactive", ["interactive", "upkeep"], threads=4),
    "bulk": programs.worker("bulk", ["bulk"], threads=2),
    "effects": programs.worker("effects", ["effects"], threads=EFFECTS_AT_ONCE),
}


class Process:
    """A process that the nursery forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._process: psutil.Process | None = psutil.Process(pid)
        except psutil.NoSuchProcess:  # it was quick, and has ended already
            self._process = None

    def runs(self) -> bool:
        """Whether it has not ended."""
        return (
            self._process is not None
            and self._process.is_running()
            and self.status() != psutil.STATUS_ZOMBIE
        )

    def status(self) -> str:
        """As the kernel tells it; a process that ended is a zombie."""
        try:
            return str(self._process.status() if self._process else psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return str(psutil.STATUS_ZOMBIE)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with suppress(psutil.NoSuchProcess):
            if self._process is not None:
                self._process.send_signal(number)

    def wait_for_end(self) -> None:
        """Return once it has ended."""
        wait_for(lambda: not self.runs(), f"the end of process {self.pid}", patience=PATIENCE)


class World:
    """The servers and processes below one directory."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.servers: dict[str, EmbeddedServer] = {
            "postgres": PostgresServer(var),
            "valkey": ValkeyServer(var),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        """The servers that run."""
        self.processes: dict[str, Process] = {}
        """Everything else that runs."""
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._nursery: subprocess.Popen[bytes] | None = None

    # starting and ending

    def start(self) -> None:
        """Start the servers and make the tables."""
        self.start_servers()
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=BASE_DIR, env=self.environment(), check=True, timeout=PATIENCE)

    def start_servers(self) -> None:
        """Have the servers run."""
        for name in self.servers:
            if name not in self.running or self.running[name].poll() is not None:
                self.start_server(name)

    def start_server(self, name: str) -> None:
        """Start a server that does not run; after a kill it recovers by itself."""
        self.running[name] = launch(self.servers[name])

    def stop_server(self, name: str) -> None:
        """Stop a server as its administrator would (PostgreSQL: "fast")."""
        stop(self.servers[name], self.running.pop(name))

    def end_server(self, name: str, number: signal.Signals) -> None:
        """Send a server a signal that ends it, and wait for that."""
        server = self.running.pop(name)
        server.send_signal(number)
        server.wait()

    def flush_valkey(self) -> None:
        """Drop every hint that is under way, and Celery's own notes of its queues."""
        with redis.Redis.from_url(self.servers["valkey"].url) as valkey:
            valkey.flushall()

    def start_fleet(self, **environment: str) -> None:
        """Have the workers and beat run."""
        for name in (*WORKERS, "beat"):
            if name not in self.processes or not self.processes[name].runs():
                self.start_worker(name, **environment)

    def start_worker(self, name: str, *, like: str | None = None, **environment: str) -> None:
        """Start a worker or beat; `like` names the worker it is a second one of."""
        command = programs.beat(self.var) if name == "beat" else WORKERS[like or name]
        self.run(name, command, niceness=10 if name == "bulk" else 0, **environment)

    def restart_worker(self, name: str) -> None:
        """kill -9 a worker, and start another in its place."""
        self.kill(name)
        self.start_worker(name)

    def run(self, name: str, command: list[str], *, niceness: int = 0, **environment: str) -> None:
        """Start a process of the world; its output goes to the log of its name."""
        nursery = self._have_nursery()
        order = {
            "command": command,
            "log": str(self.log(name)),
            "environment": KNOBS | environment,
            "niceness": niceness,
        }
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        nursery.stdin.write(orjson.dumps(order) + b"\n")
        nursery.stdin.flush()
        self.processes[name] = Process(int(nursery.stdout.readline()))

    def _have_nursery(self) -> subprocess.Popen[bytes]:
        if self._nursery is None:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self.environment(),
                cwd=BASE_DIR,
            )
        return self._nursery

    def log(self, name: str) -> Path:
        """Where a process writes to."""
        return self.var / "log" / f"{name}.log"

    def environment(self, **more: str) -> dict[str, str]:
        """What makes a process part of this world."""
        inherited = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        own = {"AGORA_VAR": str(self.var), "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
        return inherited | own | {"LOG_LEVEL": "WARNING", "PYTHONUNBUFFERED": "1"} | more

    def kill(self, *names: str) -> None:
        """kill -9, now."""
        for name in names:
            self.processes[name].send(signal.SIGKILL)
        for name in names:
            self.processes.pop(name).wait_for_end()

    def end_fleet(self) -> None:
        """End whatever is not a server."""
        self.kill(*self.processes)

    def end(self) -> None:
        """End everything."""
        self.end_fleet()
        if self._nursery is not None:
            with self._nursery:
                pass  # the end of its input ends it
        if self._connection is not None:
            self._connection.close()
        for name in list(self.running):
            self.stop_server(name)

    # looking

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database; waits for one that restarts."""

        def answer() -> list[list[tuple[Any, ...]]]:
            with suppress(psycopg.OperationalError):
                if self._connection is None or self._connection.closed:
                    url = self.servers["postgres"].url
                    self._connection = psycopg.connect(url, autocommit=True)
                return [self._connection.execute(statement, values).fetchall()]
            if self._connection is not None:
                self._connection.close()
            return []

        return wait_for(answer, "PostgreSQL to answer")[0]

    def number(self, statement: str, *values: object) -> int:
        """The one number a statement reads."""
        return int(self.ask(statement, *values)[0][0] or 0)

    def total(self, tally: str) -> int:
        """How many notes a tally counted so far."""
        return self.number(
            "SELECT max((state->>'total')::int) FROM agents_core_agent WHERE id = %s",
            f"tally:{tally}",
        )

    def left_over(self) -> dict[str, int]:
        """What waits: messages, schedules, attempts and effects under way. All zero: nothing is
        stuck."""
        found = self.ask(
            "SELECT (SELECT count(*) FROM agents_core_message), "
            "(SELECT count(*) FROM agents_core_schedule), "
            "(SELECT count(*) FROM agents_core_attempt), "
            "(SELECT count(*) FROM agents_core_effect WHERE failed_at IS NULL)"
        )[0]
        return dict(zip(("messages", "schedules", "attempts", "effects"), found, strict=True))

    def settle(self, patience: float = PATIENCE) -> None:
        """Return once nothing waits any more, anywhere."""
        try:
            wait_for(lambda: not any(self.left_over().values()), "all mail", patience=patience)
        except AssertionError as late:
            raise AssertionError(f"{late} Stuck: {self.left_over()}\n{self.stuck()}") from None

    def stuck(self) -> str:
        """The oldest of what waits, for the report of a failure."""
        messages = self.ask(
            "SELECT agent_id, id, sender, method, attempts, retry_at, last_error "
            "FROM agents_core_message ORDER BY id LIMIT 10"
        )
        attempts = self.ask("SELECT * FROM agents_core_attempt LIMIT 5")
        locks = self.ask(
            "SELECT pid, state, wait_event, now() - xact_start, left(query, 80) "
            "FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return "\n".join(map(str, (*messages, *attempts, *locks)))

    def take_dead_letters(self) -> list[tuple[Any, ...]]:
        """Remove every message given up on: agent, method, attempts, error."""
        return self.ask(
            "DELETE FROM agents_core_deadletter RETURNING agent_id, method, attempts, last_error"
        )

    def forget_mail(self) -> None:
        """Leave nothing that waits: one test's failure must not become the next one's."""
        self.ask("DELETE FROM agents_core_message RETURNING 1")
        self.ask("DELETE FROM agents_core_schedule RETURNING 1")
        self.ask("DELETE FROM agents_core_attempt RETURNING 1")
        self.ask("DELETE FROM agents_core_effect RETURNING 1")

    # load

    def call(self, *calls: tuple[str, str, list[Any]]) -> None:
        """Make calls from a client process: agent id, method (or `trigger.method`), arguments."""
        self.run("once", [sys.executable, "-m", "tests.faults.once", orjson.dumps(calls).decode()])
        self.processes["once"].wait_for_end()
        complaints = self.log("once").read_text()
        assert "Traceback" not in complaints, complaints

    @contextmanager
    def under(self, load: Load, *, drivers: int = 2, **environment: str) -> Iterator[Drivers]:
        """Have drivers work on a load inside; afterwards they end in peace, and all is checked."""
        driving = Drivers(self, load, [f"d{n}" for n in range(drivers)], environment)
        driving.start()
        try:
            yield driving
            driving.finish()
        finally:
            driving.end()
        self.settle()
        self.check(load, driving.done())

    def check(self, load: Load, done: Done) -> None:
        """Compare what the tallies hold with what they must hold."""
        expected = expect(load, done)
        rows = self.ask(
            "SELECT split_part(id, ':', 2), state FROM agents_core_agent "
            "WHERE type IN ('tally', 'bulk-tally') AND split_part(id, ':', 2) LIKE %s",
            f"{load.name}-%",
        )
        found = dict(rows)
        wrong = [f"{name}: {text}" for name, s in rows for text in s["out_of_order"]]
        assert not wrong, f"{len(wrong)} notes out of order: {wrong[:10]}"
        for name, notes in expected.notes.items():
            assert found[name]["newest"] == notes, name
            assert found[name]["total"] == notes.total(), name
        for name, state in found.items():
            assert state["ticks"] == expected.ticks[name], f"ticks of {name}"
            sure, unsure = expected.plain_done[name], expected.plain_unknown[name]
            assert sure <= state["plain"] <= sure + unsure, f"plain calls of {name}"


class Drivers:
    """The driver processes of one load."""

    def __init__(
        self, world: World, load: Load, names: list[str], environment: dict[str, str]
    ) -> None:
        self.world, self.load, self.names = world, load, names
        self._environment = environment

    def start(self) -> None:
        """Start all."""
        for name in self.names:
            self.start_one(name)

    def start_one(self, name: str) -> None:
        """Start a driver, or start it again: it goes on where it was."""
        command = [sys.executable, "-m", "tests.faults.driver", self.load.to_json(), name]
        command.append(str(self._journal(name)))
        self.world.run(self._process(name), command, **self._environment)

    def kill_one(self, name: str) -> None:
        """kill -9 a driver in the middle of whatever it does."""
        self.world.kill(self._process(name))

    def finish(self) -> None:
        """Let every thread end the step it is in, however long that takes, and go."""
        for name in self.names:
            Path(f"{self._journal(name)}.stop").touch()
        for name in self.names:
            self.world.processes[self._process(name)].wait_for_end()
            del self.world.processes[self._process(name)]
            complaints = self.world.log(self._process(name)).read_text()
            assert "Traceback" not in complaints, complaints[-3000:]

    def end(self) -> None:
        """Leave no process behind."""
        for name in self.names:
            if self._process(name) in self.world.processes:
                self.kill_one(name)

    def steps(self) -> int:
        """How many steps were taken so far."""
        return sum(self._read(name).count("\n") for name in self.names)

    def advance(self, steps: int) -> None:
        """Return once the drivers took so many steps more."""
        goal = self.steps() + steps
        wait_for(
            lambda: self.steps() >= goal or self._broken(), f"{steps} steps", patience=PATIENCE
        )

    def done(self) -> Done:
        """What the journals say."""
        return read_journal([line for name in self.names for line in self._read(name).splitlines()])

    def _broken(self) -> bool:
        for name in self.names:
            broken = not self.world.processes[self._process(name)].runs()
            assert not broken, self.world.log(self._process(name)).read_text()[-3000:]
        return False

    def _read(self, name: str) -> str:
        journal = self._journal(name)
        return journal.read_text() if journal.exists() else ""

    def _journal(self, name: str) -> Path:
        return self.world.var / f"{self.load.name}.{name}"

    def _process(self, name: str) -> str:
        return f"{self.load.name}.{name}"
