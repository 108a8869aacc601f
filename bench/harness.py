"""What every measurement needs: alternating runs, medians, and one line of the table."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Run = Callable[[], float]
"""One run of one side; its figure (a rate, or a time)."""


@dataclass(frozen=True)
class Scale:
    """How long and how often; `--quick` is for a look, not for figures."""

    rounds: int = 5
    seconds: float = 2.0
    rows: int = 20_000
    audiences: tuple[tuple[int, int], ...] = ((1_000, 7), (10_000, 5), (100_000, 3))
    """(followers, rounds)"""
    posts: int = 150
    entries: int = 1_000_000
    """Of an oplog that is searched."""

    @classmethod
    def quick(cls) -> Scale:
        return cls(
            rounds=3,
            seconds=1.0,
            audiences=((1_000, 3), (10_000, 1), (100_000, 1)),
            posts=40,
            entries=100_000,
        )


@dataclass
class Line:
    """One line of the table. `better` says whether `must` is a floor or a ceiling of the ratio."""

    name: str
    what: str
    against: str
    unit: str
    ours: float
    theirs: float
    must: float | None
    aim: float | None
    better: Literal["higher", "lower"]
    runs: dict[str, list[float]] = field(default_factory=dict)
    remark: str = ""

    @classmethod
    def measured(cls, runs: dict[str, list[float]], **facts: Any) -> Line:
        """The line of these runs: each side's figure is its median."""
        middle: Any = medians(runs)
        return cls(runs=runs, **middle, **facts)

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    def reaches(self, target: float | None) -> bool | None:
        """Whether the ratio is at least (at most) that; None where nothing was asked."""
        if target is None:
            return None
        return self.ratio >= target if self.better == "higher" else self.ratio <= target


def alternate(ours: Run, theirs: Run, *, rounds: int) -> dict[str, list[float]]:
    """Run both sides by turns, so that what else the machine does falls on both."""
    runs: dict[str, list[float]] = {"ours": [], "theirs": []}
    for number in range(rounds):
        order = (("ours", ours), ("theirs", theirs))
        for side, run in order if number % 2 == 0 else reversed(order):
            runs[side].append(run())
    return runs


def medians(runs: dict[str, list[float]]) -> dict[str, float]:
    """The middle one of each side's runs."""
    return {side: statistics.median(figures) for side, figures in runs.items()}


def percentile(figures: list[float], percent: float) -> float:
    """The figure that so many percent do not exceed."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def say(text: str) -> None:
    """Tell the console what is going on."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def say_line(line: Line) -> None:
    """Tell the console a result."""
    say(
        f"  {line.what}: {line.ours:,.6g} / {line.theirs:,.6g} {line.unit} = {line.ratio:.2f} "
        f"(must {line.must}, aim {line.aim}); load {os.getloadavg()[0]:.1f}"
    )
