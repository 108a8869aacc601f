"""The first page of an operator's day: what there is now, and how the last hour went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from agents_core.lifecycle import Status
from agents_core.overview import Overview
from agents_core.overview import overview as look_around
from agents_core.samples import Point, last_hour
from operators.console import charts
from operators.console.pages import address, render

TICK = timedelta(minutes=10)


class Tile(NamedTuple):
    """One count, where it leads, and whether somebody should look."""

    name: str
    label: str
    number: int
    address: str
    more: str = ""
    """What is said below it."""
    at_least: bool = False
    cares: bool = False


def overview(request: HttpRequest) -> HttpResponse:
    """Counts, and throughput, latency and backlog of the last hour."""
    found, points = look_around(), last_hour()
    past = points[:-1]  # the last is still going on: it would always seem to fall
    return render(
        request,
        "overview",
        "Overview",
        tiles=_tiles(found),
        waiting=found.waiting[:10],
        charts=_charts(past),
        ticks=_ticks(past),
        points=list(reversed(points)),
    )


def _tiles(found: Overview) -> list[Tile]:
    agents, letters = address("agent_changelist"), address("letters")
    waiting = f"{agents}?waiting=on"
    suspended = f"{agents}?status={Status.SUSPENDED}"
    oldest = f"oldest {charts.duration(found.oldest)}" if found.oldest else ""
    on_their_way = found.effects["waiting"] + found.effects["running"]
    running = f"{found.effects['running']:,} running"
    failed = found.effects["failed"]
    return [
        Tile("agents", "Agents", found.agents, agents, at_least=found.at_least),
        Tile("messages", "Messages waiting", found.messages, waiting, oldest),
        Tile("effects", "Effects on their way", on_their_way, suspended, running),
        Tile("letters", "Dead letters", found.dead_letters, letters, cares=True),
        Tile("failed-effects", "Failed effects", failed, letters, cares=True),
        *(
            Tile(
                status.value,
                status.value.capitalize(),
                count,
                f"{agents}?status={status}",
                cares=status in (Status.FAILED, Status.RETRYING),
            )
            for status, count in found.statuses.items()
        ),
    ]


def _charts(points: Sequence[Point]) -> list[charts.Chart]:
    return [
        charts.chart(
            "throughput",
            "Commands",
            charts.RATE,
            points,
            True,
            all=lambda point: point.throughput,
        ),
        charts.chart(
            "latency",
            "Time of a turn",
            charts.DURATION,
            points,
            False,
            half=lambda point: point.p50,
            most=lambda point: point.p95,
        ),
        charts.chart(
            "backlog",
            "Messages waiting",
            charts.NUMBER,
            points,
            True,
            waiting=lambda point: point.waiting,
        ),
    ]


def _ticks(points: Sequence[Point]) -> list[datetime]:
    """Times to write below, evenly from the first point to the last."""
    begin, end = points[0].at, points[-1].at
    parts = round((end - begin) / TICK)
    return [begin + (end - begin) * part / parts for part in range(parts + 1)]
