"""The results as a file, and their table and plot in docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl

from bench.harness import Line
from config.environment import BASE_DIR

mpl.use("svg")
from matplotlib import pyplot

RESULTS = BASE_DIR / "bench" / "results.json"
PAGE = BASE_DIR / "docs" / "benchmarks.md"
PLOT = BASE_DIR / "docs" / "benchmarks.svg"


def save(
    lines: list[Line],
    steps: list[tuple[str, float, float | None]],
    *,
    quick: bool,
    order: list[str],
) -> None:
    """Keep these figures, and those of earlier runs that were not measured again."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"lines": [], "steps": []}
    merged = {line["name"]: line for line in known["lines"]}
    measured = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC") + (" (quick)" if quick else "")
    for line in lines:
        merged[line.name] = asdict(line) | {"ratio": round(line.ratio, 4), "measured": measured}
    results: dict[str, Any] = {
        "machine": machine(),
        "python": platform.python_version(),
        "lines": sorted(merged.values(), key=lambda line: _place(line["name"], order)),
        "steps": [list(step) for step in steps] or known["steps"],
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def machine() -> str:
    """The processor and how many of its cores there are."""
    model = platform.processor() or "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{os.cpu_count()} cores of {model}"


def render() -> None:
    """Put the tables into the page, between their marks, and draw the plot."""
    results = json.loads(RESULTS.read_text())
    names = Line.__dataclass_fields__
    lines = [Line(**{name: line[name] for name in names}) for line in results["lines"]]
    latest = max(line["measured"] for line in results["lines"])
    text = PAGE.read_text()
    text = _between(
        text,
        "results",
        [
            f"Measured {latest} on {results['machine']}, Python {results['python']}.",
            "",
            "| what | ours | against | theirs | ratio | must | aim | |",
            "|---|---:|---|---:|---:|---:|---:|---|",
            *[_row(line) for line in lines],
        ],
    )
    text = _between(
        text,
        "steps",
        [
            "| step | µs | of which planning |",
            "|---|---:|---:|",
            *[_step(*step) for step in results["steps"]],
        ],
    )
    PAGE.write_text(text)
    draw(lines)


def _between(text: str, mark: str, rows: list[str]) -> str:
    before, begin, rest = text.partition(f"<!-- {mark} -->")
    _, end, after = rest.partition(f"<!-- /{mark} -->")
    return "\n".join([before + begin, *rows, end + after])


def _step(what: str, microseconds: float, planning: float | None) -> str:
    return f"| {what} | {microseconds:,.0f} | {'' if planning is None else f'{planning:,.0f}'} |"


def _row(line: Line) -> str:
    sign = "" if line.better == "higher" else "≤ "
    must = f"{sign}{line.must:g}" if line.must is not None else ""
    aim = f"{sign}{line.aim:g}" if line.aim is not None else ""
    what = f"{line.what}; {line.remark}" if line.remark else line.what
    return (
        f"| {what} | {figure(line.ours, line.unit)} | {line.against} "
        f"| {figure(line.theirs, line.unit)} | **{line.ratio:.2f}** | {must} | {aim} "
        f"| {verdict(line)} |"
    )


def verdict(line: Line) -> str:
    """In words, so that it reads the same in a terminal."""
    if line.reaches(line.aim):
        return "aim reached"
    if line.reaches(line.must):
        return "must reached"
    return "" if line.must is None else "**missed**"


def figure(value: float, unit: str) -> str:
    """Three digits that matter."""
    digits = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{digits}{unit}" if unit == "/s" else f"{digits} {unit}"


def draw(lines: list[Line]) -> None:
    """How far each line is from what it must reach, 1 being exactly that; more is better."""
    shown = [line for line in reversed(lines) if line.must is not None]
    shares = [_share(line, line.ratio) for line in shown]
    aims = [_share(line, line.aim) for line in shown]
    mpl.rcParams["svg.hashsalt"] = "agora"
    mpl.rcParams["svg.fonttype"] = "none"
    plot, axes = pyplot.subplots(figsize=(9, 0.42 * len(shown) + 1.2))
    colors = ["#2f7d5b" if share >= 1 else "#b3423a" for share in shares]
    places = range(len(shown))
    axes.barh(places, [share - 1 for share in shares], left=1, color=colors, height=0.6)
    axes.scatter(aims, places, marker="|", s=160, color="#222222", zorder=3, label="aim")
    axes.axvline(1, color="#222222", linewidth=1)
    axes.set_yticks(places, [line.what for line in shown], fontsize=8)
    axes.set_xscale("log")
    for axis in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        axis("{x:g}×")
    axes.set_xlabel("times better than required (1 = the requirement; mark = the aim)", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    plot.savefig(PLOT, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(plot)


def _share(line: Line, ratio: float | None) -> float:
    assert line.must is not None
    assert ratio is not None
    return ratio / line.must if line.better == "higher" else line.must / ratio
