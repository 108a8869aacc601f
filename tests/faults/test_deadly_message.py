"""A message that kills whoever runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents_core import RetryPolicy
from tests.faults.load import Load
from tests.faults.world import PATIENCE, World
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

ATTEMPTS = RetryPolicy().retries + 1


def test_a_message_that_kills_its_worker_is_parked(
    world: World, load: Load, tmp_path: Path
) -> None:
    """After its attempts; all that waits behind it, beside it or elsewhere is done."""
    world.start_fleet()
    name = f"{load.name}-deadly"
    with world.under(load) as drivers:
        drivers.advance(50)
        world.call(
            (f"tally:{name}", "trigger.note", ["once", 1]),
            (f"tally:{name}", "trigger.fall", [str(tmp_path)]),
            (f"tally:{name}", "trigger.note", ["once", 2]),
        )

        def is_done() -> bool:
            world.start_fleet()  # as the supervisor does
            return world.total(name) == 2

        wait_for(is_done, "the message to be parked", patience=PATIENCE)
        drivers.advance(50)
    parked = world.take_dead_letters()
    assert parked == [(f"tally:{name}", "fall", ATTEMPTS, "the process that ran it died")]
    assert len(list(tmp_path.iterdir())) == ATTEMPTS
