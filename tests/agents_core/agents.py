"""Agents the runtime's tests talk to."""

from __future__ import annotations

from typing import Any

from agents_core import (
    DurableAgent,
    EphemeralAgent,
    Parameter,
    RetryPolicy,
    command,
    query,
)
from tests.agents_core.counter import Counter, CounterState, TooMuch


class Fragile(DurableAgent):
    """Gives up at the first fault. Parameters: its name."""

    name: Parameter[str]
    retry = RetryPolicy(retries=0)
    state: CounterState | None

    @query
    def get(self) -> int:
        return self.state.count if self.state else 0

    @command
    def add(self) -> int:
        self.state = CounterState(count=self.get() + 1)
        return self.state.count

    @command
    def fail(self) -> None:
        raise RuntimeError("broken")

    @command
    def fail_oddly(self, message: str) -> None:
        raise RuntimeError(bytes.fromhex(message).decode(errors="surrogatepass"))

    @command
    def facts_of_view(self) -> dict[str, Any]:
        return View.of("v").facts()


class Brittle(Fragile):
    """Fails as a whole when a message of its own faults. Parameters: its name."""

    on_poison = "fail_agent"
    retry = RetryPolicy(retries=1)


class Plumbing(DurableAgent):
    """Keeps its oplog brief, on the bulk lane, and is watched. Parameters: a number and a place."""

    number: Parameter[int]
    place: Parameter[str]
    oplog = "brief"
    lane = "bulk"
    live = True
    state: CounterState | None

    @query
    def where(self) -> tuple[int, str]:
        return self.number, self.place

    @command
    def note(self, text: str) -> None:
        self.state = CounterState(seen=[text])

    @command
    def fail(self) -> None:
        raise RuntimeError("broken pipe")


class View(EphemeralAgent):
    """Combines what others say. Parameters: its name."""

    name: Parameter[str]

    @query
    def total(self, names: list[str]) -> int:
        return sum(count or 0 for count in Counter.of_many(names).get())

    @query
    def facts(self) -> dict[str, Any]:
        return {
            "now": self.now().isoformat(),
            "chance": self.random.random(),
            "caller": self.caller,
            "key": self.key,
        }

    @command
    def count_in(self, name: str) -> int:
        return Counter.of(name).add()

    @query
    def refuse(self, amount: int) -> None:
        raise TooMuch(amount=amount)

    @staticmethod
    def meet() -> None:
        """Where a test lets two invocations wait for each other."""

    @query
    def chance_together(self) -> float:
        type(self).meet()
        return self.random.random()
