"""Clients killed between a call and its answer, who come back and ask again under the same key."""

from __future__ import annotations

import random

import pytest

from tests.faults.load import Load
from tests.faults.world import World

pytestmark = pytest.mark.slow


def test_calls_of_killed_clients_count_once(world: World, load: Load) -> None:
    """They know how far they had come, not whether the last call was done."""
    chance = random.Random(load.seed)
    world.start_fleet()
    with world.under(load) as drivers:
        for _ in range(10):
            drivers.advance(chance.randrange(20, 150))
            name = chance.choice(drivers.names)
            drivers.kill_one(name)
            drivers.start_one(name)
