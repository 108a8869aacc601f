"""Workers stopped past their lease and continued: the database has taken their locks away."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.load import Load
from tests.faults.world import PATIENCE, World
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

LEASE = {"FAULTS_LEASE_MS": "2000"}


def start_workers(world: World) -> None:
    """Two workers a lane, so that one can take over."""
    world.start_fleet(**LEASE)
    world.start_worker("interactive-2", like="interactive", **LEASE)
    world.start_worker("bulk-2", like="bulk", **LEASE)


def test_a_worker_stopped_in_a_turn_is_fenced(world: World, load: Load, tmp_path: Path) -> None:
    """Another does its work after the lease; what it had in hand when it goes on is dropped."""
    start_workers(world)
    flag = tmp_path / "freeze"
    flag.touch()
    name = f"{load.name}-frozen"
    with world.under(load) as drivers:
        drivers.advance(50)
        world.call(
            *[(f"tally:{name}", "trigger.freeze_once", [str(flag), number]) for number in (1, 2, 3)]
        )
        taken = wait_for(lambda: list(tmp_path.glob("freeze.*")), "a turn", patience=PATIENCE)[0]
        stopped = psutil.Process(int(taken.suffix[1:]))
        wait_for(lambda: stopped.status() == psutil.STATUS_STOPPED, "the worker to stop")
        wait_for(lambda: world.total(name) == 3, "another worker", patience=PATIENCE)
        stopped.send_signal(signal.SIGCONT)
        drivers.advance(200)
        assert stopped.is_running()
    assert world.total(name) == 3


def test_workers_stopped_at_any_moment_are_fenced(world: World, load: Load) -> None:
    """In the middle of reading, computing or sending: it does not matter."""
    chance = random.Random(load.seed)
    start_workers(world)
    with world.under(load) as drivers:
        for _ in range(4):
            drivers.advance(chance.randrange(50, 150))
            worker = world.processes[chance.choice(["interactive", "interactive-2", "bulk"])]
            worker.send(signal.SIGSTOP)
            time.sleep(3.0)  # the fault itself: longer than the lease
            worker.send(signal.SIGCONT)
