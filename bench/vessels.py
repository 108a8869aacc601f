"""A type in two versions, for measuring updates."""

from __future__ import annotations

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query


class Level(BaseModel):
    """How full it is, with some ballast."""

    litres: int = 0
    label: str = "A vessel that carries what a small document usually carries. " * 8


class Vessel(DurableAgent):
    """Holds water. Parameters: its number."""

    agent_type = "bench-vessel"
    number: Parameter[int]
    state: Level | None

    @command
    def pour(self, litres: int) -> int:
        """Fill in so much; how much there is then."""
        if self.state is None:
            self.state = Level()
        self.state.litres += litres
        return self.state.litres


class NextVessel(Vessel):
    """The same, a day later."""

    agent_type = "bench-vessel"
    version = 2

    @query
    def litres(self) -> int:
        """How much there is."""
        return self.state.litres if self.state else 0
