"""Agents that notice what is lost, done twice or overtaken; and some that break things."""

from __future__ import annotations

import os
import signal
import uuid
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from agents_core import (
    Answer,
    DurableAgent,
    EffectPolicy,
    EphemeralAgent,
    Parameter,
    command,
    effect,
    query,
)
from tests.waiting import wait_for


class TallyState(BaseModel):
    """What was noted: how much, the newest number of each sender, and what came in wrong order."""

    total: int = 0
    newest: dict[str, int] = {}
    out_of_order: list[str] = []
    ticks: int = 0
    plain: int = 0


class Tally(DurableAgent):
    """Counts what reaches it and watches each sender's order. Parameters: its name."""

    name: Parameter[str]
    state: TallyState | None

    def counting(self) -> TallyState:
        """The document, made when first needed."""
        if self.state is None:
            self.state = TallyState()
        return self.state

    @query
    def get_total(self) -> int:
        """How many notes were counted."""
        return self.state.total if self.state else 0

    @command
    def note(self, sender: str, number: int) -> int:
        """Count the sender's note of that number; each is one more than the one before."""
        state = self.counting()
        expected = state.newest.get(sender, 0) + 1
        if number != expected:
            state.out_of_order.append(f"{sender}: {number} instead of {expected}")
        state.newest[sender] = number
        state.total += 1
        return state.total

    @command
    def tick(self) -> None:
        """Count something scheduled."""
        self.counting().ticks += 1

    @command
    def add_plain(self) -> None:
        """Count a call that has no idempotency key."""
        self.counting().plain += 1

    @command
    def fall(self, pids: str) -> None:
        """Kill the process that runs this, after leaving its number in a directory."""
        (Path(pids) / str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)

    @command
    def freeze_once(self, flag: str, number: int) -> None:
        """Stop the process that runs this in the middle of the turn, once for each flag."""
        self.note(f"freezer/{flag}", number)
        try:
            Path(flag).rename(f"{flag}.{os.getpid()}")
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGSTOP)


class BulkTally(Tally):
    """The same on the lane of the bulk worker. Parameters: its name."""

    lane = "bulk"


class RelayState(BaseModel):
    """How many notes went to each tally."""

    sent: dict[str, int] = {}


class Relay(DurableAgent):
    """Passes notes on in its own name, numbered by itself. Parameters: its name."""

    name: Parameter[str]
    state: RelayState | None

    def _next(self, target: str) -> int:
        if self.state is None:
            self.state = RelayState()
        self.state.sent[target] = self.state.sent.get(target, 0) + 1
        return self.state.sent[target]

    @command
    def pass_on(self, target: str) -> None:
        """Send a note."""
        tally_named(target).trigger.note(self.id, self._next(target))

    @command
    def carry(self, target: str) -> int:
        """Bring a note over in the same transaction."""
        return tally_named(target).note(self.id, self._next(target))

    @command
    def spread(self, targets: list[str]) -> None:
        """Send the same note to many, all of which hear of every note spread."""
        number = self._next("everybody")
        Tally.of_many(targets).trigger.note(self.id, number)

    @command
    def remind(self, target: str) -> None:
        """Have a tally tick in a moment."""
        soon = self.now() + timedelta(milliseconds=300)
        tally_named(target).schedule(at=soon, name=self.new_id()).tick()


def tally_named(name: str) -> Tally:
    """The tally of that name; names that end in `b` are drained by the bulk worker."""
    return BulkTally.of(name) if name.endswith("b") else Tally.of(name)


class Outside(EphemeralAgent):
    """The outside world: a directory in which each try leaves its mark. Parameters: none."""

    @effect(retry=EffectPolicy(attempts=20, delay=0.1, cap=0.5))
    def visit(self, place: str) -> str:
        """Come and stay until the place is opened."""
        return _visit(Path(place), self.idempotency_key)

    @effect(idempotent=False)
    def visit_once(self, place: str) -> str:
        """The same, which must not happen twice."""
        return _visit(Path(place), self.idempotency_key)


def _visit(place: Path, key: str) -> str:
    (place / f"{key}.{uuid.uuid4().hex}.{os.getpid()}").touch()
    wait_for((place / "open").exists, f"{place} to be opened", patience=600)
    return key


class Traveller(DurableAgent):
    """Sends somebody outside and counts who comes back. Parameters: its name."""

    name: Parameter[str]
    state: TallyState | None

    def _count(self, what: str) -> None:
        if self.state is None:
            self.state = TallyState()
        self.state.total += 1
        self.state.newest[what] = self.state.newest.get(what, 0) + 1

    @query
    def get_total(self) -> int:
        """How much was counted."""
        return self.state.total if self.state else 0

    @command
    def add(self) -> None:
        """Count something that has nothing to do with it."""
        self._count("added")

    @command
    def visit(self, place: str, times: int) -> None:
        """Ask for so many visits."""
        for _ in range(times):
            Outside.of().then(self.came_back).visit(place)

    @command
    def visit_once(self, place: str) -> None:
        """Ask for a visit that must not happen twice."""
        Outside.of().then(self.came_back).visit_once(place)

    @command
    def came_back(self, answer: Answer[str]) -> None:
        """Count who came back, and who refused."""
        self._count(answer.refusal["code"] if answer.refusal else answer.get())
