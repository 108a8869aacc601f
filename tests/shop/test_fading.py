"""Counts in which what happened long ago weighs less."""

from datetime import UTC, datetime, timedelta

import pytest

from shop import fading
from shop.fading import HALF_LIFE

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def bought(*events: tuple[str, timedelta]) -> dict[str, float]:
    """Counts of what was bought so long ago."""
    counts: dict[str, float] = {}
    for product_id, ago in sorted(events, key=lambda event: -event[1]):
        counts = fading.counted(counts, [product_id], NOW - ago, keep=10)
    return counts


def strengths(counts: dict[str, float], limit: int = 10) -> dict[str, float]:
    return fading.strengths(counts, NOW, limit=limit)


def test_what_was_bought_just_now_counts_whole() -> None:
    today = timedelta(0)
    assert strengths(bought(("lamp", today), ("lamp", today))) == pytest.approx({"lamp": 2})


def test_what_was_bought_a_half_life_ago_counts_half() -> None:
    counts = bought(("lamp", HALF_LIFE), ("lamp", timedelta(0)), ("desk", 2 * HALF_LIFE))
    assert strengths(counts) == pytest.approx({"lamp": 1.5, "desk": 0.25})


def test_it_does_not_matter_in_which_order_it_was_counted() -> None:
    late = fading.counted(bought(("lamp", timedelta(0))), ["lamp"], NOW - HALF_LIFE, keep=10)
    assert strengths(late) == pytest.approx({"lamp": 1.5})


def test_the_heaviest_come_first_and_stay() -> None:
    counts = bought(("lamp", HALF_LIFE), ("desk", timedelta(0)), ("bulb", 2 * HALF_LIFE))
    assert list(strengths(counts, limit=2)) == ["desk", "lamp"]
    assert set(fading.counted(counts, ["rug"], NOW, keep=2)) == {"desk", "rug"}
