"""Valkey holds hints alone: without it mail waits, and nothing is lost."""

from __future__ import annotations

import time

import pytest

from tests.faults.load import Load
from tests.faults.world import World

pytestmark = pytest.mark.slow

AWAY_SECONDS = 30.0


def test_half_a_minute_without_valkey_costs_time_alone(world: World, load: Load) -> None:
    """Callers go on meanwhile; what waited for workers is done when it is back."""
    world.start_fleet()
    with world.under(load) as drivers:
        drivers.advance(100)
        world.stop_server("valkey")
        before = drivers.steps()
        time.sleep(AWAY_SECONDS)  # the fault itself
        assert drivers.steps() > before + 100, "callers were held up"
        world.start_server("valkey")
        drivers.advance(100)


def test_a_flushed_valkey_loses_hints_and_no_work(world: World, load: Load) -> None:
    """They are gone ten times over."""
    world.start_fleet()
    with world.under(load) as drivers:
        for _ in range(10):
            drivers.advance(60)
            world.flush_valkey()
