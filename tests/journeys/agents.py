"""What an operator has to do with: a type in two versions, some of whose mail faults."""

from __future__ import annotations

from pydantic import BaseModel

from agents_core import (
    Answer,
    Collection,
    DurableAgent,
    EphemeralAgent,
    Parameter,
    command,
    effect,
    query,
)


class Kettle(EphemeralAgent):
    """Boils water, outside."""

    @effect()
    def boil(self, litres: int) -> int:
        return litres


class TeapotState(BaseModel):
    cups: int = 0
    spilt: list[str] = []


class AnyTeapot(DurableAgent, abstract=True):
    """What both versions have."""

    environment = {"sugar": "none"}
    name: Parameter[str]
    state: TeapotState | None
    guests = Collection(str)

    @command
    def brew(self, cups: int) -> int:
        self.state = TeapotState(cups=(self.state.cups if self.state else 0) + cups)
        return self.state.cups

    @query
    def spilt(self) -> list[str]:
        return self.state.spilt if self.state else []

    @command
    def spill(self, where: str) -> None:
        if where.startswith("on "):
            raise RuntimeError(f"tea was spilt {where}")
        self.state = TeapotState(spilt=[*self.spilt(), where])

    @command
    def pour(self, guest: str) -> None:
        self.guests.put(self.new_id(), guest, sort=self.now())

    @command
    def heat(self, litres: int) -> None:
        Kettle.of().then(self.heated).boil(litres)

    @command
    def heated(self, answer: Answer[int]) -> None:
        self.files.write("kettle.txt", f"{answer.get()} l".encode(), "text/plain")


class Teapot(AnyTeapot):
    """Holds tea. Parameters: its name."""

    version = 2


class FirstTeapot(AnyTeapot):
    """What it was before."""

    agent_type = "teapot"
