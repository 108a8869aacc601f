"""An agent that can be brought into every status, and who sends it things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pydantic import BaseModel

from agents_core import (
    Answer,
    DurableAgent,
    EphemeralAgent,
    Parameter,
    RetryPolicy,
    clock,
    command,
    effect,
    mailbox,
    operations,
    query,
)
from agents_core.lifecycle import Status
from agents_core.testing import step
from tests.agents_core import counter


class Done(BaseModel):
    """What was done so far, in order."""

    works: list[str] = []


class Surgery(EphemeralAgent):
    """The outside world. Parameters: none."""

    @effect()
    def operate(self) -> str:
        return "operated"


class Patient(DurableAgent):
    """Works as it is told, until it falters. Parameters: its name."""

    name: Parameter[str]
    on_poison = "fail_agent"
    retry = RetryPolicy(retries=2, delay=3600, cap=3600)
    state: Done | None

    @query
    def works(self) -> list[str]:
        return self.state.works if self.state else []

    @command
    def work(self, what: str, falter: bool = False) -> None:
        self.state = Done(works=[*self.works(), what])
        if falter:
            raise RuntimeError(f"{what} is too hard")

    @command
    def work_long(self, what: str) -> None:
        """Work until the test lets go."""
        self.work(what)
        counter.stalling.set()
        assert counter.go_on.wait(30)

    @command
    def call(self, other: str) -> None:
        """Have another one work, and wait for it."""
        Patient.of(other).work(f"for {self.name}")

    @command
    def ask(self) -> None:
        Surgery.of().then(self.hear).operate()

    @command
    def hear(self, answer: Answer[str]) -> None:
        self.work(answer.get())

    @command
    def end(self) -> None:
        self.exit()


def register_second_version() -> None:
    """The same code of a later day; call it under the fixture `definitions`."""
    type("Patient2", (Patient,), {"agent_type": "patient", "version": 2, "__module__": __name__})


class Nurse(DurableAgent):
    """Sends patients messages. Parameters: its name."""

    name: Parameter[str]

    @command
    def send(self, patient: str, what: str) -> None:
        Patient.of(patient).trigger.work(what)


def admit(name: str) -> None:
    """An idle patient, with one dead letter (`lost`) and one schedule (`later`)."""
    Patient.of(name).trigger.work("lost", falter=True)
    step()  # given up on, for there is nobody yet who could fail
    Patient.of(name).work("first")
    Patient.of(name).work("second")
    Patient.of(name).schedule(at=clock.now() + timedelta(days=1), name="later").work("planned")


def _running(name: str) -> None:
    Patient.of(name).trigger.work("waiting")


def _retrying(name: str) -> None:
    Patient.of(name).trigger.work("hard", falter=True)
    mailbox.drain([f"patient:{name}"])


def _failed(name: str) -> None:
    Patient.of(name).trigger.work("hard", falter=True)
    step()


BRING_INTO: dict[Status, Callable[[str], None]] = {
    Status.FAILED: _failed,
    Status.IDLE: lambda name: None,
    Status.RUNNING: _running,
    Status.SUSPENDED: lambda name: Patient.of(name).ask(),
    Status.RETRYING: _retrying,
    Status.INTERRUPTED: lambda name: operations.interrupt(f"patient:{name}", by="test"),
    Status.EXITED: lambda name: Patient.of(name).end(),
}
"""What makes an idle patient one of each status. Failing comes first: it runs everybody's mail."""
