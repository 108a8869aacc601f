"""One agent type in several versions, as its code was on several days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, JsonValue

from agents_core import Collection, DurableAgent, Parameter, command, query
from tests.agents_core.counter import Counter


class Litres(BaseModel):
    litres: int = 0


class Decilitres(BaseModel):
    decilitres: int = 0


class Jug(DurableAgent):
    """Holds water, in litres. Parameters: its name."""

    name: Parameter[str]
    state: Litres | None
    pourers = Collection(str)

    @query
    def volume(self) -> str:
        return f"{self.state.litres if self.state else 0} l"

    @query
    def who(self) -> list[str]:
        return [entry.item for entry in self.pourers.page(limit=100).items]

    @query
    def old_only(self) -> str:
        return "old"

    @command
    def pour(self, litres: int = 1) -> str:
        self.state = Litres(litres=(self.state.litres if self.state else 0) + litres)
        self.pourers.put(self.new_id(), f"{litres} l", sort=self.now())
        return self.volume()

    @command
    def fill(self, other: str) -> str:
        return Jug.of(other).pour()

    @command
    def look(self, others: list[str]) -> list[str]:
        return [Jug.of(others[0]).volume(), *Jug.of_many(others).volume()]

    @command
    def crack(self) -> None:
        raise RuntimeError("cracked")


def jug2(**overrides: Any) -> type[Jug]:
    """The code of a later day: the same type, with decilitres. Overrides replace its methods."""

    class Jug2(DurableAgent):
        agent_type = "jug"
        version = 2
        name: Parameter[str]
        state: Decilitres | None
        pourers = Collection(str)

        @query
        def volume(self) -> str:
            return f"{self.state.decilitres if self.state else 0} dl"

        @query
        def who(self) -> list[str]:
            return [entry.item for entry in self.pourers.page(limit=100).items]

        @query
        def new_only(self) -> str:
            return "new"

        @command
        def pour(self, litres: int = 1) -> str:
            before = self.state.decilitres if self.state else 0
            self.state = Decilitres(decilitres=before + 10 * litres)
            self.pourers.put(self.new_id(), f"{litres} l", sort=self.now())
            return self.volume()

        @command
        def fill(self, other: str) -> str:
            return Jug2.of(other).pour()

        @command
        def look(self, others: list[str]) -> list[str]:
            return [Jug2.of(others[0]).volume(), *Jug2.of_many(others).volume()]

        @command
        def crack(self) -> None:
            """It does not any more."""

        def load_snapshot(self, snapshot: JsonValue) -> None:
            match snapshot:
                case {"litres": int(litres)}:
                    self.state = Decilitres(decilitres=10 * litres)
                case _:
                    super().load_snapshot(snapshot)

        def save_snapshot(self) -> JsonValue:
            return {"litres": self.state.decilitres // 10} if self.state else None

    for name, value in overrides.items():
        setattr(Jug2, name, value)
    return Jug2  # type: ignore[return-value]


def jug3() -> type[Jug]:
    """A third version, which keeps no document and moves what it had into its collection."""

    class Jug3(DurableAgent):
        agent_type = "jug"
        version = 3
        name: Parameter[str]
        pourers = Collection(str)

        @query
        def volume(self) -> str:
            return f"{self.pourers.count()} times"

        @command
        def pour(self, litres: int = 1) -> str:
            self.pourers.put(self.new_id(), f"{litres} l", sort=self.now())
            return self.volume()

        def load_snapshot(self, snapshot: JsonValue) -> None:
            self.pourers.put("before", str(snapshot), sort=self.now())

    return Jug3  # type: ignore[return-value]


class Metered(BaseModel):
    litres: int = 0
    pours: int = 0


def jug_with_meter(
    number: int = 2, then: Callable[[Any, int], str | None] | None = None
) -> type[Jug]:
    """Code that answers as the first version does, and counts besides. What `then` does comes after
    pouring; what it returns, if anything, is answered instead."""

    class MeteredJug(DurableAgent):
        agent_type = "jug"
        version = number
        name: Parameter[str]
        state: Metered | None
        pourers = Collection(str)

        @query
        def volume(self) -> str:
            return f"{self.state.litres if self.state else 0} l"

        @query
        def who(self) -> list[str]:
            return [entry.item for entry in self.pourers.page(limit=100).items]

        @query
        def poured(self) -> int:
            return self.state.pours if self.state else 0

        @command
        def pour(self, litres: int = 1) -> str:
            self.state = self.state or Metered()
            self.state.litres += litres
            self.state.pours += 1
            self.pourers.put(self.new_id(), f"{litres} l", sort=self.now())
            return (then and then(self, litres)) or self.volume()

        @command
        def fill(self, other: str) -> str:
            return Jug.of(other).pour()

        @command
        def crack(self) -> None:
            """It does not any more."""

    return MeteredJug  # type: ignore[return-value]


def calls_somebody(self: Any, snapshot: JsonValue) -> None:
    Counter.of("b").trigger.add(1)
