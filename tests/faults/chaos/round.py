"""One round: clients at work in a storm; then peace, and everything must be as computed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.chaos.findings import Difference, agents_that_wait, describe, differences
from tests.faults.chaos.journal import Journal, histories
from tests.faults.chaos.linearizability import Operation, find_violation
from tests.faults.chaos.plan import Plan
from tests.faults.chaos.storm import LEASE_MS, Action, Storm
from tests.faults.world import World
from tests.waiting import LOOK_EVERY

FLEET = {
    "interactive": None,
    "interactive-2": "interactive",
    "bulk": None,
    "effects": None,
    "effects-2": "effects",
    "beat": None,
}
"""The workers, some of them alike, and which of `world.WORKERS` each is like if not itself."""
LEASES = {"FAULTS_LEASE_MS": str(LEASE_MS), "FAULTS_EFFECT_LEASE_MS": str(LEASE_MS)}
WAYS = (
    {"FAULTS_NEARBY": "20"},  # drains what it sends
    {"FAULTS_DELIVERIES": "2"},  # tells the workers, twice
)
"""What clients do about mail."""
LOOK_AT_PROGRESS_EVERY = 0.25
STUCK_AFTER = 60.0
"""Seconds without any change after which something is stuck. Far longer than a fault lasts."""
LONGEST = 900.0
"""Seconds the answers, and then the mail, may take at all, however much goes on meanwhile."""
SHOWN = 3_000
"""Characters of a report that a failure shows; the whole is in a file."""


class Wrong(AssertionError):
    """A round came out otherwise than it must."""


@dataclass(frozen=True)
class Summary:
    """What a round did."""

    faults: int
    programs: int
    operations: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.programs} programs and {self.operations} operations on registers in "
            f"{self.faults} faults and {self.seconds:.0f} s: all as computed"
        )


class Round:
    """A plan carried out in a world."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan = world, plan
        self.fleet: dict[str, Action] = {
            name: partial(world.start_worker, name, like=like, **LEASES)
            for name, like in FLEET.items()
        }
        self.clients: dict[str, Action] = {
            name: partial(self._start_client, name, WAYS[number % len(WAYS)])
            for number, name in enumerate(plan.client_names)
        }
        self.processes = self.fleet | self.clients
        self.storm = Storm(world, self.processes, plan.seed)
        self._began = time.monotonic()

    def run(self) -> Summary:
        """Carry it out; `Wrong` says what came out otherwise than computed."""
        (self.world.var / "marks").mkdir(exist_ok=True)  # see agents.py
        try:
            for start in self.processes.values():
                start()
            self.storm.blow(self._watched(self._all_answered, "programs to be answered"))
            self._end_clients()
            wait = self._watched(self._nothing_waits, "mail to be run")
            while not wait():
                time.sleep(LOOK_EVERY)
            if differ := [*differences(self.world, self.plan), *agents_that_wait(self.world)]:
                raise self._wrong(f"{len(differ)} agents are not as computed", differ)
            operations = self._check_registers()
        finally:
            self.world.kill(*self.processes.keys() & self.world.processes.keys())
        return Summary(
            faults=len(self.storm.log),
            programs=self.plan.programs_in_all,
            operations=operations,
            seconds=time.monotonic() - self._began,
        )

    # clients

    def _start_client(self, name: str, way: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "tests.faults.chaos.client", self.plan.to_json(), name]
        command.append(str(self._journal(name)))
        self.world.run(name, command, **LEASES, **way)

    def _journal(self, client: str) -> Path:
        return self.world.var / f"{client}.journal"

    def _end_clients(self) -> None:
        """Let every thread end what it is in, and go."""
        for name in self.clients:
            Journal(self._journal(name)).stop.touch()
        for name in self.clients:
            self.world.processes.pop(name).wait_for_end()
            self._expect_no_fault(name)

    def _expect_no_fault(self, client: str) -> None:
        log = self.world.log(client)
        if log.exists() and "Traceback" in (complaints := log.read_text()):
            raise self._wrong(f"{client} has a fault:\n{complaints[-2000:]}", [])

    # waiting

    def _all_answered(self) -> tuple[bool, object]:
        answered = 0
        for name in self.clients:
            self._expect_no_fault(name)
            journal = self._journal(name)
            answered += journal.read_bytes().count(b'"program":') if journal.exists() else 0
        return answered == self.plan.programs_in_all, answered

    def _nothing_waits(self) -> tuple[bool, object]:
        waiting = self.world.left_over()
        done = self.world.ask("SELECT count(*), sum(revision) FROM agents_core_agent")
        return not any(waiting.values()), (waiting, done)

    def _watched(self, look: Callable[[], tuple[bool, object]], what: str) -> Callable[[], bool]:
        """A condition that is looked at now and then, and fails where nothing has changed for long.

        `look` gives whether it holds, and what changes while there is progress.
        """
        last: object = None
        began = changed = looked = time.monotonic()

        def holds() -> bool:
            nonlocal last, changed, looked
            now = time.monotonic()
            if now < looked + LOOK_AT_PROGRESS_EVERY:
                return False
            looked = now
            result, state = look()
            if state != last:
                last, changed = state, now
            if not result and now > min(changed + STUCK_AFTER, began + LONGEST):
                waiting = agents_that_wait(self.world) if "postgres" in self.world.running else []
                since = f"{now - began:.0f} s, the last {now - changed:.0f} s without any change"
                raise self._wrong(f"waited in vain for {what} for {since}", waiting)
            return result

        return holds

    # checking

    def _check_registers(self) -> int:
        """Every answer must be explained by an order, with what is there in the end as the last
        answer; how many operations that were."""
        found = histories(Journal(self._journal(name)) for name in self.clients)
        now = time.monotonic_ns()
        for register in self.plan.registers:
            history = found.get(register, [])
            [[last]] = self.world.ask(
                "SELECT (SELECT state->>'value' FROM agents_core_agent WHERE id = %s)",
                f"register:{register}",
            )
            end = Operation("read", now, now + 1, last, who="what is there in the end")
            if violation := find_violation([*history, end]):
                register_id = f"register:{register}"
                raise self._wrong(
                    f"{register_id} was not one register: {violation}",
                    [Difference(register_id, "not linearizable")],
                )
        return sum(map(len, found.values()))

    def _end_of_log(self, name: str) -> str:
        log = self.world.log(name)
        return "\n".join(log.read_text().splitlines()[-20:]) if log.exists() else ""

    def _wrong(self, what: str, differ: list[Difference]) -> Wrong:
        """Write down everything there is to know; the message has the beginning."""
        report = "\n".join(
            [
                f"CHAOS_SEED={self.plan.seed}: {what}",
                describe(self.world, differ) if "postgres" in self.world.running else "",
                "\nwhat was broken (seconds, what, for how long):",
                *self.storm.log,
                *(f"\nlog of {name}:\n{self._end_of_log(name)}" for name in self.processes),
            ]
        )
        path = self.world.var / f"{self.plan.name}.report"
        path.write_text(report)
        return Wrong(f"{report[:SHOWN]}\n... all of it in {path}")
