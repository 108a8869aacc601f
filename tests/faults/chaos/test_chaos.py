"""Random programs and registers while everything is killed: a short round."""

from __future__ import annotations

import os
import random

import pytest

from tests.faults.chaos.plan import Plan
from tests.faults.chaos.round import Round
from tests.faults.world import World

pytestmark = pytest.mark.slow

PROGRAMS = 12
"""Of each of eight threads: half a minute, on a machine that does nothing else."""


def test_a_storm_loses_repeats_and_reorders_nothing(world: World) -> None:
    """Every counter is as computed before, every register was one, and nothing waits any more."""
    seed = int(os.environ.get("CHAOS_SEED", random.randrange(1_000_000)))
    print(f"CHAOS_SEED={seed}")
    print(Round(world, Plan(f"chaos{seed}", seed, PROGRAMS)).run())
