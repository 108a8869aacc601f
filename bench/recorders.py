"""The measured counter again, as types that keep their oplog in full and brief."""

from __future__ import annotations

from bench.agents import BenchCounter


class BenchFull(BenchCounter):
    """A counter whose oplog tells everything. Parameters: its number."""


class BenchBrief(BenchCounter):
    """A counter whose oplog tells which methods ran. Parameters: its number."""

    oplog = "brief"
