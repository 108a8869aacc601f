"""Counts in which what happened long ago weighs less. Pure functions.

A count is kept as the logarithm of its weight as of one fixed moment, so that counts of any age can
be compared as they are, and none has to be touched while time passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import log2

HALF_LIFE = timedelta(days=90)
"""A season: a shop's bestsellers of last summer should not be those of this winter."""

Weights = Mapping[str, float]


def counted(weights: Weights, keys: Iterable[str], now: datetime, *, keep: int) -> dict[str, float]:
    """The counts after each of the keys happened once more: the heaviest so many."""
    grown = dict(weights)
    for key in keys:
        grown[key] = _once_more(grown.get(key), now)
    return {key: grown[key] for key in _heaviest(grown, keep)}


def strengths(weights: Weights, now: datetime, *, limit: int) -> dict[str, float]:
    """The heaviest so many, each with how many times now it is worth."""
    moment = _half_lives(now)
    return {key: 2.0 ** (weights[key] - moment) for key in _heaviest(weights, limit)}


def _heaviest(weights: Weights, limit: int) -> list[str]:
    return sorted(weights, key=lambda key: (-weights[key], key))[:limit]


def _once_more(old: float | None, now: datetime) -> float:
    moment = _half_lives(now)
    if old is None:
        return moment
    high, low = max(old, moment), min(old, moment)
    return high + log2(1 + 2.0 ** (low - high))


def _half_lives(moment: datetime) -> float:
    return moment.timestamp() / HALF_LIFE.total_seconds()
