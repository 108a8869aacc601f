"""An agent with a method for everything that commands and queries can do."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from agents_core import (
    Collection,
    DurableAgent,
    NotFound,
    Parameter,
    Rejected,
    SearchFields,
    command,
    query,
)


class TooMuch(Rejected):
    """{amount} is too much."""

    code = "too_much"


class CounterGone(NotFound):
    """There is no counter."""

    code = "counter_gone"


class CounterState(BaseModel):
    """A number, and who counted in which order."""

    count: int = 0
    seen: list[str] = []


class Counter(DurableAgent):
    """Counts. Parameters: its name."""

    name: Parameter[str]
    state: CounterState | None

    notes = Collection(str)
    newest = Collection(int, newest=5)

    def counting(self) -> CounterState:
        if self.state is None:
            self.state = CounterState()
        return self.state

    def search_fields(self) -> SearchFields | None:
        if self.state is None or not self.state.seen:
            return None
        return SearchFields(
            words=[self.name, *self.state.seen],
            private_words=["secret"],
            text={"seen": self.state.seen},
            ids={"name": self.name, "secret": f"s-{self.name}"},
        )

    @query
    def get(self) -> int | None:
        return self.state.count if self.state else None

    @query
    def get_state(self) -> CounterState | None:
        return self.state

    @query
    def get_seen(self) -> list[str]:
        return self.state.seen if self.state else []

    @query
    def cheat(self) -> None:
        self.state = CounterState(count=99)

    @query
    def cheat_by_note(self) -> None:
        self.notes.put("a", "b", sort=1)

    @query
    def cheat_in_place(self) -> None:
        if self.state is not None:
            self.state.count = 99

    @query
    def meddle(self, other: str, how: str) -> None:
        match how:
            case "command":
                Counter.of(other).add(1)
            case "trigger":
                Counter.of(other).trigger.add(1)
            case "many":
                Counter.of_many([other]).trigger.add(1)
            case "schedule":
                Counter.of(other).schedule(at=self.now()).add(1)
            case "unschedule":
                Counter.of(other).unschedule("x")
            case "fresh":
                Counter.of(other).fresh.get()

    @query
    def sum_of(self, names: list[str]) -> int:
        return sum(count or 0 for count in Counter.of_many(names).get())

    @command
    def add(self, amount: int = 1, label: str | None = None) -> int:
        state = self.counting()
        state.count += amount
        if label is not None:
            state.seen.append(label)
        if state.count > 1_000_000:
            raise TooMuch(amount=amount)
        return state.count

    @command
    def refuse_half_way(self, amount: int) -> None:
        self.counting().count += amount
        self.notes.put("half", "way", sort=1)
        Counter.of("other").trigger.add(1)
        raise TooMuch(amount=amount)

    @command
    def fail(self, message: str = "broken") -> None:
        self.counting().count += 1000
        raise RuntimeError(message)

    @command
    def add_to(self, other: str, amount: int) -> int:
        self.counting().count += amount
        return Counter.of(other).add(amount)

    @command
    def call_labelled(self, other: str, label: str) -> int:
        return Counter.of(other).add(1, label)

    @command
    def call_and_call_through(self, other: str, between: str) -> None:
        Counter.of(other).add(1, "direct")
        Counter.of(between).call_labelled(other, "through")

    @command
    def call_then_refuse(self, other: str) -> None:
        Counter.of(other).add(1, "refused")
        raise TooMuch(amount=1)

    @command
    def try_refused(self, other: str) -> str:
        self.counting().count += 1
        try:
            Counter.of(other).refuse_half_way(5)
        except TooMuch as refusal:
            return refusal.code
        return "not refused"

    @command
    def add_then_fail(self, other: str, amount: int) -> None:
        Counter.of(other).add(amount)
        raise RuntimeError("after the call")

    @command
    def send(self, other: str, amount: int, times: int = 1) -> None:
        for number in range(times):
            Counter.of(other).trigger.add(amount, f"{self.name}{number}")

    @command
    def send_then_fail(self, other: str) -> None:
        Counter.of(other).trigger.add(1)
        raise RuntimeError("after the send")

    @command
    def send_bad(self, other: str) -> None:
        Counter.of(other).trigger.fail()
        Counter.of(other).trigger.add(1, "after the bad one")

    @command
    def send_to_all(self, names: list[str], amount: int) -> None:
        Counter.of_many(names).trigger.add(amount, self.name)

    @command
    def remember(self, other: str) -> int | None:
        return Counter.of(other).get()

    @command
    def facts(self) -> dict[str, Any]:
        return {
            "now": self.now().isoformat(),
            "again": self.now().isoformat(),
            "id": self.new_id(),
            "other_id": self.new_id(),
            "chance": self.random.random(),
            "caller": self.caller,
        }

    @command
    def grow(self, size: int) -> None:
        self.counting().seen.append("x" * size)

    @command
    def forget(self) -> None:
        self.state = None

    @command
    def call_back(self, other: str) -> None:
        self.counting().count += 1
        Counter.of(other).add_to(self.name, 1)

    @command
    def put_note(self, key: str, note: str, sort: int) -> int:
        self.notes.put(key, note, sort=sort)
        return self.notes.count()

    @command
    def put_newest(self, numbers: list[int]) -> list[int]:
        for number in numbers:
            self.newest.put(str(number), number, sort=number)
        return [entry.item for entry in self.newest.page(limit=100).items]

    @command
    def edit_notes(self, put: dict[str, int], remove: list[str]) -> list[str]:
        for key, sort in put.items():
            self.notes.put(key, key.upper(), sort=sort)
        for key in remove:
            self.notes.remove(key)
        return [entry.key for entry in self.notes.page(limit=100).items]

    @command
    def trim_notes(self, newest: int) -> int:
        self.notes.trim(newest=newest)
        return self.notes.count()

    @command
    def clear_notes(self) -> int:
        self.notes.clear()
        return self.notes.count()

    @query
    def note(self, key: str) -> str | None:
        return self.notes.get(key)

    @query
    def some_notes(self, keys: list[str]) -> dict[str, str]:
        return self.notes.get_many(keys)

    @query
    def count_notes(self) -> int:
        return self.notes.count()

    @query
    def page_notes(
        self, limit: int, cursor: str | None = None, oldest_first: bool = False
    ) -> tuple[list[str], str | None]:
        page = self.notes.page(limit=limit, cursor=cursor, oldest_first=oldest_first)
        return [entry.key for entry in page.items], page.next_cursor

    @query
    def walk_notes(self, after: str, limit: int) -> list[str]:
        return [entry.key for entry in self.notes.walk(after=after, limit=limit)]

    @query
    def page_newest(self) -> list[int]:
        return [entry.item for entry in self.newest.page(limit=100).items]

    @command
    def later(self, other: str, at: datetime, name: str | None = None, amount: int = 1) -> None:
        Counter.of(other).schedule(at=at, name=name).add(amount)

    @command
    def cancel(self, other: str, name: str) -> bool:
        return Counter.of(other).unschedule(name)

    @command
    def later_then_fail(self, other: str, at: datetime) -> None:
        Counter.of(other).schedule(at=at).add(1)
        raise RuntimeError("after the schedule")

    @command
    def pass_on(self, others: list[str]) -> int:
        """Count, and let the others count, each awaiting the next; how many did."""
        self.counting().count += 1
        return 1 + (Counter.of(others[0]).pass_on(others[1:]) if others else 0)

    @command
    def pass_on_then_fail(self, others: list[str]) -> None:
        self.pass_on(others)
        raise RuntimeError("after all of them")

    @command
    def read_of(self, other: str) -> int | None:
        """What the other says while this command runs and before it calls."""
        self.counting().count += 1
        return Counter.of(other).read_back(self.name)

    @command
    def read_back(self, other: str) -> int | None:
        return Counter.of(other).get()

    @command
    def ask(self, other: str, query: str, *, first: int = 0) -> Any:
        """Ask another, which is in this turn if it is to count first."""
        if first:
            Counter.of(other).add(first)
        return getattr(Counter.of(other), query)()

    @command
    def send_then_await(self, other: str) -> None:
        Counter.of(other).trigger.add(1, "sent")
        Counter.of(other).add(1, "awaited")

    @command
    def add_and_sum(self, other: str, amount: int) -> int:
        Counter.of(other).add(amount)
        return sum(count or 0 for count in Counter.of_many([other]).get())

    @command
    def send_args(self, other: str, amount: int, label: str) -> None:
        Counter.of(other).trigger.add(amount, label)

    @command
    def refuse(self, amount: int) -> None:
        raise TooMuch(amount=amount)

    @command
    def swallow_fault(self, other: str) -> str:
        try:
            Counter.of(other).fail()
        except RuntimeError as fault:
            return f"caught {fault}"
        return "no fault"

    @command
    def echo(self) -> None:
        """Work that never ends."""
        Counter.of(f"{self.name}x"[:8]).trigger.echo()

    @command
    def end(self) -> int:
        self.exit()
        return self.add(1, "the last")

    @command
    def end_then_refuse(self) -> None:
        self.exit()
        raise TooMuch(amount=1)

    @query
    def cheat_by_exit(self) -> None:
        self.exit()

    @command
    def lie(self) -> int:
        self.counting().count += 1
        return "one"  # type: ignore[return-value]

    @command
    def keep_nul(self, where: str) -> str:
        """Try to keep what PostgreSQL cannot."""
        match where:
            case "state":
                self.counting().seen.append("a\0b")
            case "item":
                self.notes.put("a", "a\0b", sort=1)
            case "key":
                self.notes.put("a\0b", "x", sort=1)
            case "long key":
                self.notes.put("k" * 5000, "x", sort=1)
            case "sort":
                self.notes.put("a", "x", sort=2**70)
            case "refusal":
                raise TooMuch(amount="a\0b\ud800")
        return "a\0b" if where == "result" else ""

    @command
    def die(self) -> None:
        """Poison: take the process down."""
        os._exit(9)

    @command
    def stall(self) -> int:
        """Stand still, as a stopped process does, until the test lets go."""
        stalling.set()
        assert go_on.wait(30)
        return self.add(1, "stalled")


stalling = threading.Event()
go_on = threading.Event()
