"""PostgreSQL goes down under load and comes back."""

from __future__ import annotations

import random
import signal

import pytest

from tests.faults.load import Load
from tests.faults.world import World

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_restart_of_the_database_loses_and_repeats_nothing(
    world: World, load: Load, how: str
) -> None:
    """Who was cut off in the middle of a commit finds out by the key; without one, is told so."""
    chance = random.Random(load.seed)
    world.start_fleet()
    with world.under(load) as drivers:
        for _ in range(4):
            drivers.advance(chance.randrange(50, 250))
            if how == "stopped":
                world.stop_server("postgres")
            else:
                world.end_server("postgres", signal.SIGKILL)
            world.start_server("postgres")
        drivers.advance(50)
