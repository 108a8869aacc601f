"""Figures of the last hour: written beside the turns, read as one, forgotten after a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from agents_core import clock, database, meters, samples, store, tasks
from agents_core.models import Sample
from agents_core.samples import Point, last_hour, quantile
from agents_core.tally import SECONDS
from agents_core.testing import freeze
from tests.agents_core.counter import Counter, TooMuch
from tests.waiting import wait_for

NOON = "2026-03-01T12:00:00Z"


@pytest.fixture
def kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Samples are written; what was counted before is forgotten."""
    meters.write_sample()
    settings.AGENTS = {"HINTS": False, "LIVE": False, "SAMPLES": True}
    monkeypatch.setattr(samples, "_backlog_seen", float("-inf"))
    yield
    settings.AGENTS = {"HINTS": False}


def busy(points: list[Point]) -> list[Point]:
    return [point for point in points if point.throughput]


def add_row(process: str, seconds_ago: float, buckets: dict[float, int]) -> None:
    """What another process wrote."""
    counts = [buckets.get(upper, 0) for upper in (*SECONDS, float("inf"))]
    at = clock.now() - timedelta(seconds=seconds_ago)
    row = store.SampleRow(at, process, sum(counts), 1, 2, 3, counts, 1.0, max(buckets))
    store.add_sample(database.connection("search"), row)


def test_a_process_writes_what_it_did(kept: None) -> None:
    with freeze(NOON):
        Counter.of("a").add(1)
        Counter.of("a").add_to("b", 1)
        with pytest.raises(TooMuch):
            Counter.of("a").refuse_half_way(1)
        with pytest.raises(RuntimeError):
            Counter.of("a").fail()
        meters.write_sample()
        (point,) = busy(last_hour())

    assert (point.throughput, point.refusals, point.faults) == (5 / 30, 1, 1)
    assert point.p50 is not None
    assert point.p95 is not None
    assert point.slowest is not None
    assert 0 < point.p50 <= point.p95 <= point.slowest


def test_it_does_so_by_itself(kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "PAUSE", 0.01)
    monkeypatch.setattr(samples, "EVERY", 0.01)
    monkeypatch.setattr(meters, "_meters", meters.Meters())
    Counter.of("a").add(1)

    wait_for(lambda: Sample.objects.filter(invocations=1).exists(), "a row")


def test_it_goes_on_after_numbers_that_cannot_be_passed_on(
    kept: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(meters, "PAUSE", 0.01)
    monkeypatch.setattr(samples, "EVERY", 0.01)
    monkeypatch.setattr(meters, "_meters", meters.Meters())
    with monkeypatch.context() as patched:
        patched.setattr(meters, "published", full)
        Counter.of("a").add(1)
        wait_for(lambda: "no space left" in caplog.text, "a record of what was lost")
    Counter.of("a").add(1)

    wait_for(lambda: Sample.objects.filter(invocations=1).exists(), "a row")


def test_who_does_nothing_writes_nothing(kept: None) -> None:
    meters.write_sample()

    assert not Sample.objects.exists()


def test_they_can_be_left_out(kept: None, settings: Any) -> None:
    settings.AGENTS = {"HINTS": False, "SAMPLES": False}
    Counter.of("a").add(1)
    meters.write_sample()
    samples.look_at_backlog()

    assert not Sample.objects.exists()


def test_the_last_hour_has_what_all_processes_did(kept: None) -> None:
    with freeze(NOON):
        add_row("web", 10, {0.01: 90})
        add_row("worker", 12, {1.0: 10})
        add_row("web", 100, {0.01: 30})
        add_row("web", 4000, {0.01: 1000})
        points = last_hour()

    assert [point.throughput for point in busy(points)] == [1.0, 100 / 30]
    late = busy(points)[1]
    assert (late.refusals, late.faults, late.retries, late.slowest) == (2, 4, 6, 1.0)
    assert late.p50 == pytest.approx(0.0075 + 0.0025 * 50 / 90)
    assert late.p95 == pytest.approx(0.75 + 0.25 * 5 / 10)


def test_no_stretch_of_the_hour_is_left_out(kept: None) -> None:
    with freeze("2026-03-01T12:00:10Z") as time:
        points = last_hour(timedelta(minutes=5))

        assert len(points) == 13
        assert [b.at - a.at for a, b in pairwise(points)] == [timedelta(minutes=5)] * 12
        assert points[-1].at <= time.now < points[-1].at + timedelta(minutes=5)
    empty = Point(points[0].at, 0.0, 0, 0, 0, None, None, None, None, None)
    assert points[0] == empty


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ({}, 0.5, None),
        ({0.001: 4}, 0.5, 0.0005),
        ({0.01: 1, 10.0: 1}, 0.5, 0.01),
        ({float("inf"): 4}, 0.5, 20.0),
        ({0.01: 99, float("inf"): 1}, 0.95, 0.0075 + 0.0025 * 95 / 99),
    ],
)
def test_a_quantile_is_spread_evenly_in_its_bucket(
    buckets: dict[float, int], share: float, expected: float | None
) -> None:
    counts = [buckets.get(upper, 0) for upper in (*SECONDS, float("inf"))]

    assert quantile(counts, share, 30.0 if buckets else None) == pytest.approx(expected)


def test_the_sweeper_notes_what_waits_every_ten_seconds(kept: None) -> None:
    with freeze(NOON) as time:
        Counter.of("a").trigger.add(1)
        Counter.of("b").trigger.add(1)
        time.tick(20)
        samples.look_at_backlog()
        samples.look_at_backlog()
        (point,) = [point for point in last_hour() if point.waiting is not None]

    assert (point.waiting, point.oldest) == (2, pytest.approx(20, abs=0.01))
    assert Sample.objects.count() == 1


def test_a_sweep_looks(kept: None) -> None:
    tasks.sweep()

    assert Sample.objects.get().waiting == 0


def test_a_row_that_cannot_be_written_is_forgotten(
    kept: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object) -> None:
        raise psycopg.OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr(store, "add_sample", away)
        Counter.of("a").add(1)
        meters.write_sample()
    Counter.of("a").add(1)
    meters.write_sample()

    assert [row.invocations for row in Sample.objects.all()] == [1]


def test_they_are_kept_for_a_day(kept: None) -> None:
    with freeze(NOON) as time:
        add_row("web", 0, {0.01: 1})
        time.tick(23 * 3600)
        tasks.prune()
        assert Sample.objects.count() == 1
        time.tick(2 * 3600)
        tasks.prune()
        assert not Sample.objects.exists()


def test_they_go_a_few_at_a_time(kept: None) -> None:
    with freeze(NOON) as time:
        for second in range(5):
            add_row("web", second, {0.01: 1})
        time.tick(25 * 3600)
        add_row("web", 0, {0.01: 1})

        assert samples.prune(batch=2) == 5
    assert Sample.objects.count() == 1
