"""Workers killed with -9 under load, again and again."""

from __future__ import annotations

import random

import pytest

from tests.faults.load import Load
from tests.faults.world import World

pytestmark = pytest.mark.slow


def test_killed_workers_lose_and_repeat_nothing(world: World, load: Load) -> None:
    """Every note arrives once and in order, although no worker lives longer than a few seconds."""
    chance = random.Random(load.seed)
    world.start_fleet()
    with world.under(load) as drivers:
        for _ in range(20):
            drivers.advance(chance.randrange(20, 200))
            world.restart_worker(chance.choice(["interactive", "interactive", "bulk"]))
