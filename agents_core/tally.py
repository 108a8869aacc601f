"""What the turns of a process came to, in plain numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Iterable
from dataclasses import dataclass, field

SECONDS = (
    *(0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075),
    *(0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0),
)
"""Upper bounds of the buckets of turn times; a last bucket has what took longer."""
MAIL = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
"""The same of messages per turn."""

CountedTurn = tuple[float, int, list[tuple[tuple[str, str], int]], list[str], list[str]]
"""What `Tally.add_turn` takes."""


@dataclass(slots=True)
class Tally:
    """Numbers of some turns."""

    invocations: Counts[tuple[str, str]] = field(default_factory=Counts)
    """By type and outcome."""
    retries: Counts[str] = field(default_factory=Counts)
    parked: Counts[str] = field(default_factory=Counts)
    seconds: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    """Turns by bucket of `SECONDS`."""
    seconds_sum: float = 0.0
    slowest: float = 0.0
    mail: list[int] = field(default_factory=lambda: [0] * (len(MAIL) + 1))
    """Turns by bucket of `MAIL`."""
    mail_sum: int = 0
    abandoned: int = 0
    swept: int = 0

    def add_turn(
        self,
        seconds: float,
        mail: int,
        invocations: Iterable[tuple[tuple[str, str], int]],
        retried: Iterable[str],
        parked: Iterable[str],
    ) -> None:
        """Count a turn as well; what was retried and parked by type."""
        for named, count in invocations:
            self.invocations[named] += count
        self.retries.update(retried)
        self.parked.update(parked)
        self.seconds[bisect_left(SECONDS, seconds)] += 1
        self.seconds_sum += seconds
        if seconds > self.slowest:
            self.slowest = seconds
        self.mail[bisect_left(MAIL, mail)] += 1
        self.mail_sum += mail

    def add(self, other: Tally) -> None:
        """Count what the other counted as well."""
        self.invocations.update(other.invocations)
        self.retries.update(other.retries)
        self.parked.update(other.parked)
        self.seconds = [a + b for a, b in zip(self.seconds, other.seconds, strict=True)]
        self.seconds_sum += other.seconds_sum
        self.slowest = max(self.slowest, other.slowest)
        self.mail = [a + b for a, b in zip(self.mail, other.mail, strict=True)]
        self.mail_sum += other.mail_sum
        self.abandoned += other.abandoned
        self.swept += other.swept

    def of_outcome(self, outcome: str) -> int:
        """Invocations of all types that ended so."""
        return sum(count for (_, named), count in self.invocations.items() if named == outcome)
