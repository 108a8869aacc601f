"""Lines over the last hour as SVG paths: the server draws, the stylesheet paints.

A path lies in a box of `WIDTH` by `HEIGHT` that the page stretches to what room there is: what is
to be read (axes, figures) is text beside it, and keeps its size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agents_core.samples import Point

WIDTH, HEIGHT = 600, 120
Reading = Callable[[Point], float | None]


class Line(NamedTuple):
    """One line of a chart. `name` is what it shows, and its class in the stylesheet."""

    name: str
    path: str
    area: str
    """The same down to the axis; empty for a line that is only a line."""
    now: str
    """Its newest figure, as text."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What one figure of the page shows."""

    name: str
    title: str
    lines: list[Line]
    top: str
    """The figure at its upper edge; the lower one's is 0."""
    said: str
    """The same in words, for who does not see it."""


class Unit(NamedTuple):
    """How figures are written, and the smallest that fills a chart."""

    write: Callable[[float], str]
    least: float


def rate(value: float) -> str:
    """3.5/s."""
    return f"{value:.1f}/s" if value < 10 else f"{value:,.0f}/s"


def duration(seconds: float) -> str:
    """12 ms, 3.4 s, 15 min."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 120 else f"{seconds / 60:.3g} min"


def number(value: float) -> str:
    """1,234."""
    return f"{value:,.0f}"


RATE, DURATION, NUMBER = Unit(rate, 1.0), Unit(duration, 0.01), Unit(number, 10.0)


def chart(
    name: str, title: str, unit: Unit, points: Sequence[Point], filled: bool, **lines: Reading
) -> Chart:
    """Draw lines by name over the same time; what a reading leaves out is a gap."""
    read = {line: [reading(point) for point in points] for line, reading in lines.items()}
    known = [value for values in read.values() for value in values if value is not None]
    top = ceiling(max([unit.least, *known]))
    drawn = []
    for line, values in read.items():
        runs = _runs(values, top)
        last = next((value for value in reversed(values) if value is not None), None)
        path = " ".join(f"M{' L'.join(run)}" for run in runs)
        area = " ".join(_down(run) for run in runs) if filled else ""
        drawn.append(Line(line, path, area, "–" if last is None else unit.write(last)))
    most = f"at most {unit.write(max(known))}" if known else "nothing was measured"
    now = ", ".join(f"{line.name} {line.now}" for line in drawn)
    said = f"{title} over the last hour: {most}. Now: {now}."
    return Chart(name, title, drawn, unit.write(top), said)


def ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, 20… (or 0.5, 0.2…) that is not below it."""
    size = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= value * (1 - 1e-9))


def _runs(values: Sequence[float | None], top: float) -> list[list[str]]:
    """Coordinates, parted where there is nothing."""
    step = WIDTH / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{place * step:.1f} {HEIGHT * (1 - value / top):.1f}")
    # one by itself is a line of no length, which round ends make a dot
    return [run if len(run) > 1 else run * 2 for run in runs if run]


def _down(run: Sequence[str]) -> str:
    first, last = run[0].partition(" ")[0], run[-1].partition(" ")[0]
    return f"M{first} {HEIGHT} L{' L'.join(run)} L{last} {HEIGHT} Z"
