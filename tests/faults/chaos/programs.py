"""Random programs of instructions for agents, and what must come of them.

A program is a tree: an instruction may give a program of its own to another agent. The whole tree
is made before anything runs, has at most `AT_MOST` instructions, and awaits calls from higher to
lower layers only, so what it must do is known without asking anybody.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

AT_MOST = 20
"""Instructions of a program, with those of the programs in it."""

Kind = Literal[
    "add", "call", "send", "spread", "plan", "replan", "revoke", "stumble", "ask", "dare", "tell"
]
WEIGHTS: dict[Kind, int] = {
    "add": 6,  # to one's own counter
    "call": 5,  # await a program of an agent of a lower layer
    "send": 4,  # trigger one of any agent, also of oneself
    "spread": 2,  # trigger one of several agents with one message
    "plan": 2,  # schedule one in a moment
    "replan": 1,  # schedule one for far too late, and have another agent replace it by one for soon
    "revoke": 1,  # schedule one for far too late, and have another agent cancel it
    "stumble": 2,  # fault the first so many times that this is run
    "ask": 2,  # ask for an effect that faults the first times; its answer has one run a program
    "dare": 1,  # the same with an effect that must not happen twice; any answer will do
    "tell": 1,  # ask for an effect that has another agent run one, and for no answer
}
WITHOUT_PROGRAM: tuple[Kind, ...] = ("add", "stumble")

Ending = Literal["done", "refused", "faulted"]
"""A program that ends in a refusal changes nothing, though all its instructions were run. So does
one that ends in a fault; as that would be tried again, only what is awaited and caught ends so."""


class Instruction(BaseModel):
    """One thing an agent does. `to`: which agents, by name. `program`: what they are to do.

    `number`: how often to stumble, or an effect is to fault; in how many milliseconds to run what
    is planned.
    """

    kind: Kind
    to: list[str] = []
    program: Program | None = None
    number: int = 0

    def runners(self, agent: str) -> list[str]:
        """Who runs the program in it, if the agent was given it."""
        if self.kind in ("ask", "dare"):
            return [agent]
        return [] if self.kind == "revoke" else self.to[:1] if self.kind == "replan" else self.to


class Program(BaseModel):
    """What one agent does in one command. The label says which program of which client it is, and
    where in it."""

    label: str
    instructions: list[Instruction]
    ending: Ending = "done"

    def walk(self) -> Iterator[Instruction]:
        """Every instruction in it, at any depth."""
        for instruction in self.instructions:
            yield instruction
            if instruction.program is not None:
                yield from instruction.program.walk()


@dataclass(frozen=True)
class Graph:
    """The agents: their names begin with `name`, so that no two runs share an agent."""

    name: str
    layers: tuple[int, ...] = (9, 6, 6)
    """How many agents each layer has."""

    def names(self, layer: int) -> list[str]:
        """The agents of a layer: two of three plain ones, of the others every other of the bulk
        lane (`b`) and with a brief oplog (`l`)."""
        kinds = ("b", "", "", "l", "", "")
        return [f"{self.name}-{layer}-{n}{kinds[n % 6]}" for n in range(self.layers[layer])]

    @property
    def all_names(self) -> list[str]:
        """Every agent."""
        return [name for layer in range(len(self.layers)) for name in self.names(layer)]


def layer_of(name: str) -> int:
    """The layer of an agent."""
    return int(name.split("-")[-2])


def is_plain(name: str) -> bool:
    """Whether it is of the type that one message to many goes to."""
    return name[-1].isdigit()


def programs_of(graph: Graph, seed: int, sender: str) -> Iterator[tuple[str, Program]]:
    """What a client sends, to whom, without end. It follows from the arguments alone."""
    chance = random.Random(f"{seed} {sender}")
    place = 0
    while True:
        agent = chance.choice(graph.all_names)
        maker = _Maker(chance, graph)
        yield agent, maker.make(f"{sender}.{place}", layer_of(agent), ("done", "refused"), most=6)
        place += 1


class _Maker:
    """Makes one program."""

    def __init__(self, chance: random.Random, graph: Graph) -> None:
        self.chance, self.graph = chance, graph
        self.left = AT_MOST

    def make(
        self, label: str, layer: int, endings: tuple[Ending, ...], *, most: int = 3
    ) -> Program:
        """A program for an agent of that layer, of the instructions that are left."""
        size = self.chance.randint(1, min(most, self.left))
        self.left -= size
        instructions = [self._instruction(f"{label}.{place}", layer) for place in range(size)]
        ending = self.chance.choice(endings) if self.chance.random() < 0.15 else "done"
        return Program(label=label, instructions=instructions, ending=ending)

    def _instruction(self, label: str, layer: int) -> Instruction:
        kinds = list(WEIGHTS) if self.left else list(WITHOUT_PROGRAM)
        if layer == len(self.graph.layers) - 1 and "call" in kinds:
            kinds.remove("call")
        kind = self.chance.choices(kinds, [WEIGHTS[kind] for kind in kinds])[0]
        if kind in WITHOUT_PROGRAM:
            number = self.chance.randint(1, 3) if kind == "stumble" else 0
            return Instruction(kind=kind, number=number)
        to = self._targets(kind, layer)
        runs_in = layer_of(to[0]) if to else layer
        endings: tuple[Ending, ...] = ("done", "refused", "faulted")
        program = self.make(label, runs_in, endings if kind == "call" else endings[:2])
        longest = 400 if kind in ("plan", "replan") else 3
        number = self.chance.randint(0, longest)
        return Instruction(kind=kind, to=to, program=program, number=number)

    def _targets(self, kind: Kind, layer: int) -> list[str]:
        names = self.graph.all_names
        if kind in ("ask", "dare"):
            return []
        if kind == "call":
            return [self.chance.choice([name for name in names if layer_of(name) > layer])]
        if kind == "spread":
            layer = self.chance.randrange(len(self.graph.layers))
            plain = [name for name in self.graph.names(layer) if is_plain(name)]
            return self.chance.sample(plain, self.chance.randint(2, len(plain)))
        return self.chance.sample(names, 2 if kind in ("replan", "revoke") else 1)


@dataclass
class Expected:
    """What agents must hold in the end, by name."""

    counts: Counter[str] = field(default_factory=Counter)
    """Their counters."""
    labels: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How often they ran which program to the end: more than once what one of many was given."""

    def add(self, agent: str, program: Program) -> None:
        """That program was given to that agent."""
        if program.ending != "done":
            return
        self.labels[agent][program.label] += 1
        for instruction in program.instructions:
            if instruction.kind == "add":
                self.counts[agent] += 1
            for runner in instruction.runners(agent):
                assert instruction.program is not None
                self.add(runner, instruction.program)
