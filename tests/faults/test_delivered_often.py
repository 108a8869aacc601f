"""Brokers promise at least once: every task comes three times, to several workers at once."""

from __future__ import annotations

import pytest

from tests.faults.load import Load
from tests.faults.world import World

pytestmark = pytest.mark.slow


def test_tasks_delivered_three_times_count_once(world: World, load: Load) -> None:
    """Hints and sweeps alike, by two workers a lane."""
    thrice = {"FAULTS_DELIVERIES": "3"}
    world.start_fleet(**thrice)
    world.start_worker("interactive-2", like="interactive", **thrice)
    world.start_worker("bulk-2", like="bulk", **thrice)
    with world.under(load, **thrice) as drivers:
        drivers.advance(1_500)
