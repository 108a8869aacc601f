"""docs/load.md and bench/visitors/results.json."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from typing import Any

from bench.report import machine
from bench.visitors.watch import OTHERS
from config.environment import BASE_DIR

RESULTS = BASE_DIR / "bench" / "visitors" / "results.json"
PAGE = BASE_DIR / "docs" / "load.md"

TIMES_BETTER = 10
GROWTH_MOST = 2.0
BUSY = 0.25
"""Of the machine, for other programs."""
GROWTH_ASKED = ("social",)
ORIGINALS = {
    "social": {
        "search users: a name": 4_174,
        "search users: a family": 4_174,
        "read timeline": 544,
        "send message": 350,
        "like message": 302,
        "create chat": 247,
        "create post": 177,
        "comment": 103,
        "read user": 17,
    },
    "shop": {
        "search by brand": 40_374,
        "add item": 491,
        "read cart": 404,
        "check out": 216,
        "read order": 57,
        "read product": 43,
        "read pricing": 40,
    },
}
"""Medians in milliseconds, from the report the originals published."""
ORIGINAL_THROUGHPUT = 4.2
"""Requests a second, of the shop."""
THINGS = {"social": "people", "shop": "products"}

Run = dict[str, Any]


def save(runs: list[Run], held: dict[str, Any] | None) -> None:
    """Keep what was measured, in place of earlier runs of the same kind."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"runs": [], "sockets": None}
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    merged = {_key(run): run for run in known["runs"]}
    merged |= {_key(run): run | {"measured": now} for run in runs}
    results = {
        "machine": machine(),
        "python": platform.python_version(),
        "runs": sorted(merged.values(), key=_key),
        "sockets": held | {"measured": now} if held else known["sockets"],
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def _key(run: Run) -> tuple[str, int, int]:
    return run["subject"], run["visitors"], run["size"]


def render() -> None:
    """Put the tables into the page, between their marks."""
    results = json.loads(RESULTS.read_text())
    text = PAGE.read_text()
    for subject in ORIGINALS:
        runs = [run for run in results["runs"] if run["subject"] == subject]
        text = between(text, subject, _subject(subject, runs, results))
    text = between(text, "sockets", _sockets(results["sockets"]))
    PAGE.write_text(text)


def between(text: str, mark: str, lines: list[str]) -> str:
    """The page with these lines between the marks of that name."""
    before, begin, rest = text.partition(f"<!-- {mark} -->")
    _, end, after = rest.partition(f"<!-- /{mark} -->")
    return "\n".join([before + begin, *lines, end + after])


def _subject(subject: str, runs: list[Run], results: dict[str, Any]) -> list[str]:
    many = sorted((run for run in runs if run["visitors"] > 1), key=lambda run: run["size"])
    alone = {run["size"]: run for run in runs if run["visitors"] == 1}
    if not many:
        return ["Not measured yet."]
    lines = [
        f"Measured {max(run['measured'] for run in runs)} on {results['machine']}, "
        f"Python {results['python']}."
    ]
    for run in many:
        lines += ["", *_run(subject, run, alone.get(run["size"]))]
    if len(many) > 1:
        lines += ["", *_growth(subject, many)]
    return lines


def _run(subject: str, run: Run, alone: Run | None) -> list[str]:
    rate = run["requests"] / run["seconds"]
    head = (
        f"**{run['size']:,} {THINGS[subject]}**, {run['visitors']} visitors: {rate:,.0f} requests/s"
        f" over {run['seconds']:.0f} s, {run['failures']:,} failures; the visitors' own process "
        f"took {run['client']:.0%} of a core. {_shares(run)}"
    )
    if subject == "shop":
        head += f" The originals: {ORIGINAL_THROUGHPUT}/s, so {rate / ORIGINAL_THROUGHPUT:,.0f} ×."
    return [
        head,
        "",
        "| route | requests/s | p50 | p95 | p99 | failures | alone, p50 | originals, p50 | ratio "
        "| ten times |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
        *[
            _route(name, route, alone, ORIGINALS[subject].get(name), busy=is_busy(run))
            for name, route in run["routes"].items()
        ],
    ]


def _shares(run: Run) -> str:
    """Where the processor time went; a machine with much else to do gives worse figures."""
    shares = {part: share for part, share in run["shares"].items() if part != OTHERS}
    told = ", ".join(f"{part} {share:.0%}" for part, share in shares.items() if share >= 0.005)
    return f"Of the machine's processor time: {told}; other programs {run['shares'][OTHERS]:.0%}."


def _route(name: str, route: Run, alone: Run | None, original: float | None, *, busy: bool) -> str:
    single = alone["routes"].get(name, {}).get("p50") if alone else None
    ratio, verdict = "", ""
    if original is not None and route["p50"]:
        better = original / route["p50"]
        ratio = f"{better:,.1f} ×"
        verdict = verdict_of(better, single and original / single, busy=busy)
    cells = [
        name,
        f"{route['per_second']:,.1f}",
        *[milliseconds(route[f"p{percent}"]) for percent in (50, 95, 99)],
        f"{route['failures']:,}",
        milliseconds(single),
        milliseconds(original),
        ratio,
        verdict,
    ]
    return f"| {' | '.join(cells)} |"


def verdict_of(better: float, alone: float | None, *, busy: bool) -> str:
    """Whether ten times better was reached: with all visitors, or only by one alone.

    A machine that was busy with something else cannot show that it was not; sizes between the
    least and the most are not asked of one visitor alone.
    """
    if better >= TIMES_BETTER:
        return "reached"
    if alone and alone >= TIMES_BETTER:
        return "reached alone"
    if busy:
        return "machine busy"
    return "not asked alone" if alone is None else "**missed**"


def milliseconds(value: float | None) -> str:
    """Three digits that matter; nothing for nothing."""
    if value is None:
        return ""
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.3g} ms"


def _growth(subject: str, runs: list[Run]) -> list[str]:
    sizes = [run["size"] for run in runs]
    busy = any(is_busy(run) for run in runs)
    lines = [
        f"**Growth**: medians by the number of {THINGS[subject]}.",
        "",
        f"| route | {' | '.join(f'{size:,}' for size in sizes)} | largest to smallest | |",
        f"|---|{'---:|' * len(sizes)}---:|---|",
    ]
    for name in runs[0]["routes"]:
        found = [run["routes"].get(name, {}).get("p50") for run in runs]
        grown = found[-1] / found[0] if found[-1] and found[0] else None
        lines.append(
            f"| {name} | {' | '.join(milliseconds(one) for one in found)} "
            f"| {'' if grown is None else f'{grown:.2f} ×'} "
            f"| {grown_verdict(grown, busy=busy) if subject in GROWTH_ASKED else ''} |"
        )
    return lines


def grown_verdict(grown: float | None, *, busy: bool) -> str:
    """Whether a median at most doubled, which a machine with other work cannot show either way."""
    if grown is None:
        return ""
    if busy:
        return "machine busy"
    return "reached" if grown <= GROWTH_MOST else "**missed**"


def is_busy(run: Run) -> bool:
    """Whether the machine had so much else to do that the figures say little."""
    return bool(run["shares"][OTHERS] > BUSY)


def _sockets(held: dict[str, Any] | None) -> list[str]:
    if held is None:
        return ["Not measured yet."]
    missed = "machine busy" if is_busy(held) else "**missed**"
    verdict = "reached" if held["p95"] < 1_000 and not held["missing"] else missed
    return [
        f"Measured {held['measured']}. {_shares(held)}",
        "",
        "| what | |",
        "|---|---:|",
        f"| sockets held by one `live` process | {held['sockets']:,} |",
        f"| opened | {held['opened_per_second']:,}/s |",
        f"| frames awaited, of {held['posts']} posts | {held['sockets'] * held['posts']:,} |",
        f"| frames that did not come | {held['missing']:,} |",
        f"| from sending the post to its frame, p50 | {milliseconds(held['p50'])} |",
        f"| p95 (to reach: under 1 s; {verdict}) | {milliseconds(held['p95'])} |",
        f"| p99 | {milliseconds(held['p99'])} |",
        f"| the slowest | {milliseconds(held['slowest'])} |",
        f"| memory of `live` without sockets | {held['live_before_mb']:,} MB |",
        f"| memory per socket | {held['kb_per_socket']:,} KB |",
        f"| processor time of `live` per post | {held['live_seconds_per_post']} s |",
    ]
