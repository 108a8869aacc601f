"""What one round of chaos does; everything in it follows from these few values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

import orjson

from tests.faults.chaos.programs import Graph


@dataclass(frozen=True)
class Plan:
    """How many clients send how much to which agents."""

    name: str
    """Names of agents and clients begin with it, so that no two rounds share any."""
    seed: int
    programs: int
    """How many each thread sends."""
    clients: int = 2
    program_threads: int = 4
    """Of each client."""
    register_threads: int = 3

    def to_json(self) -> str:
        """For the client's command line."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The plan of a command line."""
        return cls(**orjson.loads(text))

    @property
    def graph(self) -> Graph:
        """The agents that run programs."""
        return Graph(self.name)

    @property
    def registers(self) -> list[str]:
        """The registers: few, so that callers meet."""
        return [f"{self.name}-{number}" for number in range(4)]

    @property
    def client_names(self) -> list[str]:
        """The client processes."""
        return [f"{self.name}.c{number}" for number in range(self.clients)]

    @property
    def programs_in_all(self) -> int:
        """How many all threads of all clients send."""
        return self.programs * self.program_threads * self.clients

    def senders(self, client: str) -> list[str]:
        """A client's threads that send programs."""
        return [f"{client}.p{number}" for number in range(self.program_threads)]

    def callers(self, client: str) -> list[str]:
        """A client's threads that use registers."""
        return [f"{client}.r{number}" for number in range(self.register_threads)]
