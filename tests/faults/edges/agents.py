"""Agents with something to lose at each edge."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, JsonValue

from agents_core import (
    Answer,
    DurableAgent,
    EffectPolicy,
    EphemeralAgent,
    Parameter,
    RetryPolicy,
    command,
    effect,
)
from tests.faults.edges import killing
from tests.waiting import wait_for


class PailState(BaseModel):
    """How many drops are in it."""

    drops: int = 0


class Tap(EphemeralAgent):
    """Gives drops. Parameters: none."""

    @effect()
    def run(self, flag: str) -> str:
        """At once."""
        return self.idempotency_key

    @effect(retry=EffectPolicy(delay=0.02))
    def drip(self, flag: str) -> str:
        """After a fault, the first time."""
        try:
            Path(f"{flag}.{self.idempotency_key}").open("x").close()
        except FileExistsError:
            return self.idempotency_key
        raise OSError("no pressure")

    @effect()
    def wait(self, flag: str) -> str:
        """Once the flag is there."""
        wait_for(Path(flag).exists, f"{flag} to be there", patience=600)
        return self.idempotency_key


class Pail(DurableAgent):
    """Counts drops. Parameters: its name."""

    name: Parameter[str]
    state: PailState | None
    retry = RetryPolicy(retries=9, delay=0.02, cap=0.2)

    def _add(self, drops: int) -> int:
        self.state = PailState(drops=(self.state.drops if self.state else 0) + drops)
        return self.state.drops

    @command
    def fill(self) -> int:
        """A drop more."""
        return self._add(1)

    @command
    def pour(self, other: str) -> None:
        """Put a drop of it into another, at once."""
        type(self).of(other).fill()
        self._add(-1)

    @command
    def hand_on(self, others: list[str]) -> None:
        """Send a drop of it to each of the others."""
        type(self).of(others[0]).trigger.fill()
        type(self).of_many(others[1:]).trigger.fill()
        self._add(-len(others))

    @command
    def plan(self) -> None:
        """A drop more in a moment."""
        type(self).of(self.name).schedule(at=self.now() + timedelta(milliseconds=200)).fill()

    @command
    def ask(self, method: str, flag: str) -> None:
        """Have the tap give a drop."""
        getattr(Tap.of().then(self.given), method)(flag)

    @command
    def given(self, answer: Answer[str]) -> None:
        """A drop from the tap."""
        assert answer.get()
        self._add(1)

    @command
    def label(self) -> None:
        """A drop more, and a file."""
        self.files.write("label", b"drops")
        self._add(1)

    @command
    def fall(self, flag: str) -> None:
        """Kill the process that runs this, the first time; then a drop more."""
        try:
            Path(flag).open("x").close()
        except FileExistsError:
            self._add(1)
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    @command
    def end(self) -> None:
        """The last drop."""
        self._add(1)
        self.exit()

    def load_snapshot(self, snapshot: JsonValue) -> None:
        """Become what the other version was; a process can be killed before and after."""
        with killing.step("load", self.id):
            super().load_snapshot(snapshot)


class NewPail(Pail):
    """The version that new pails have. Parameters: its name."""

    agent_type = "pail"
    version = 2


class Saucer(Pail):
    """One of many. Parameters: its name."""


class NewSaucer(Saucer):
    """The version that new saucers have. Parameters: its name."""

    agent_type = "saucer"
    version = 2


class Sieve(Pail):
    """What faults is given up on at once. Parameters: its name."""

    retry = RetryPolicy(retries=0)

    @command
    def fill_when(self, flag: str) -> None:
        """A drop more; a fault until the flag is there."""
        if not Path(flag).exists():
            raise RuntimeError("it leaks")
        self._add(1)
