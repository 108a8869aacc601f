"""The load and its oracle: what each sender does, step by step, and what must come of it.

A sender's steps follow from the seed and its name alone. So a driver that was killed goes on where
it was, and the test computes what every tally must hold without asking anybody.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Literal, NamedTuple, Self

import orjson

Kind = Literal["send", "await", "pass_on", "carry", "haul", "spread", "remind", "plain", "mail"]
WEIGHTS: dict[Kind, int] = {
    "send": 6,
    "await": 4,
    "pass_on": 3,
    "carry": 2,
    "haul": 2,
    "spread": 1,
    "remind": 1,
    "plain": 1,
    "mail": 1,
}


KEYLESS = ("plain", "mail")
"""Kinds of steps that are taken once and may end in doubt."""


class Step(NamedTuple):
    """One thing a sender does; `number` counts its own notes to that target."""

    kind: Kind
    target: str
    relay: str
    number: int


@dataclass(frozen=True)
class Load:
    """Who sends to whom. Names begin with `name`, so that loads never share an agent."""

    name: str
    seed: int
    tallies: int = 12
    relays: int = 4
    senders: int = 4
    """Threads of each driver."""

    def to_json(self) -> str:
        """For the driver's command line."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The load of a command line."""
        return cls(**orjson.loads(text))

    def sender(self, driver: str, thread: int) -> str:
        """The name a driver's thread calls under."""
        return f"{self.name}/{driver}.{thread}"

    @property
    def targets(self) -> list[str]:
        """Names of tallies, every third of them on the bulk lane."""
        return [f"{self.name}-{n}{'' if n % 3 else 'b'}" for n in range(self.tallies)]

    @property
    def everybody(self) -> list[str]:
        """Names of the tallies that hear of every note spread."""
        return [f"{self.name}-all-{n}" for n in range(10)]

    def steps(self, sender: str) -> Iterator[Step]:
        """What the sender does, without end."""
        chance = random.Random(f"{self.seed} {sender}")
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        numbers: Counter[str] = Counter()
        while True:
            kind = chance.choices(kinds, weights)[0]
            target = chance.choice(self.targets)
            relay = f"{self.name}-r{chance.randrange(self.relays)}"
            if kind in ("send", "await"):
                numbers[target] += 1
            yield Step(kind, target, relay, numbers[target])


@dataclass
class Expected:
    """What must be found in the end."""

    notes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By tally and sender, how many, which is also the newest number."""
    ticks: Counter[str] = field(default_factory=Counter)
    plain_done: Counter[str] = field(default_factory=Counter)
    plain_unknown: Counter[str] = field(default_factory=Counter)


class Done(NamedTuple):
    """What a driver's journal says: how many steps of each sender, and how plain calls ended."""

    steps: Counter[str]
    plain: Mapping[tuple[str, int], str]


def expect(load: Load, done: Done) -> Expected:
    """Compute what the tallies must hold after so many steps of each sender."""
    expected = Expected()
    for sender, count in done.steps.items():
        for place, step in enumerate(islice(load.steps(sender), count)):
            relay = f"relay:{step.relay}"
            if step.kind in ("send", "await"):
                expected.notes[step.target][sender] += 1
            elif step.kind in ("pass_on", "carry", "haul"):
                expected.notes[step.target][relay] += 1
            elif step.kind == "spread":
                for target in load.everybody:
                    expected.notes[target][relay] += 1
            elif step.kind == "remind":
                expected.ticks[step.target] += 1
            elif done.plain[sender, place] == "done":
                expected.plain_done[step.target] += 1
            elif done.plain[sender, place] == "unknown":
                expected.plain_unknown[step.target] += 1
    return expected


def read_journal(lines: list[str]) -> Done:
    """Read what drivers wrote: `sender place how`, a line for each step that was answered."""
    steps: Counter[str] = Counter()
    plain: dict[tuple[str, int], str] = {}
    for line in lines:
        sender, place, how = line.split()
        assert int(place) == steps[sender], f"{sender} skipped a step: {line}"
        steps[sender] += 1
        if how != "keyed":
            plain[sender, int(place)] = how
    return Done(steps, plain)
