"""Effects in a worker of their own: slow ones, and workers that die in the middle of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.launch import EFFECTS_AT_ONCE
from tests.faults.load import Load
from tests.faults.world import PATIENCE, World
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

SOON = {"FAULTS_EFFECT_LEASE_MS": "2000"}


def visitors(place: Path) -> list[tuple[str, int]]:
    """Idempotency key and process of each try so far."""
    found = [path.name.split(".") for path in place.iterdir() if path.name != "open"]
    return [(key, int(pid)) for key, _, pid in found]


def answers(world: World, name: str) -> dict[str, int]:
    """What came back, and how often; whatever else was counted too."""
    rows = world.ask("SELECT state->'newest' FROM agents_core_agent WHERE id = %s", name)
    return dict(rows[0][0] or {}) if rows else {}


def test_effects_that_take_long_keep_nobody_waiting(
    world: World, load: Load, tmp_path: Path
) -> None:
    """More than a worker runs at once are stuck outside: 200 reads and 50 sends do not notice."""
    world.start_fleet()
    name = f"traveller:{load.name}"
    world.call((name, "visit", [str(tmp_path), 2 * EFFECTS_AT_ONCE]))
    wait_for(lambda: len(visitors(tmp_path)) == EFFECTS_AT_ONCE, "the worker to be full")

    world.call(
        *[(name, "trigger.add", [])] * 50,
        *[(name, "get_total", [])] * 200,
    )
    wait_for(lambda: answers(world, name).get("added") == 50, "50 messages", patience=PATIENCE)
    assert answers(world, name) == {"added": 50}
    assert len(visitors(tmp_path)) == EFFECTS_AT_ONCE

    (tmp_path / "open").touch()
    world.settle()
    came_back = answers(world, name)
    assert came_back.pop("added") == 50
    assert came_back == {key: 1 for key, _ in visitors(tmp_path)}
    assert len(came_back) == 2 * EFFECTS_AT_ONCE


def test_an_effect_whose_worker_is_killed_is_run_again_and_answered_once(
    world: World, load: Load, tmp_path: Path
) -> None:
    """With the same idempotency key; what was being run, and what waited."""
    world.start_fleet(**SOON)
    name = f"traveller:{load.name}"
    world.call((name, "visit", [str(tmp_path), 2 * EFFECTS_AT_ONCE]))
    for times in (1, 2, 3):
        wait_for(
            lambda: len({pid for _, pid in visitors(tmp_path)}) == times,  # noqa: B023
            "a worker to be outside",
            patience=PATIENCE,
        )
        world.kill("effects")
        world.start_worker("effects", **SOON)
    (tmp_path / "open").touch()
    world.settle()

    tries = visitors(tmp_path)
    assert answers(world, name) == {key: 1 for key, _ in tries}
    assert len({key for key, _ in tries}) == 2 * EFFECTS_AT_ONCE
    assert len(tries) > 2 * EFFECTS_AT_ONCE


def test_what_must_not_happen_twice_is_refused_when_its_worker_is_killed(
    world: World, load: Load, tmp_path: Path
) -> None:
    """Nobody knows whether it has happened, and the agent is told so."""
    world.start_fleet(**SOON)
    name = f"traveller:{load.name}"
    world.call((name, "visit_once", [str(tmp_path)]))
    wait_for(lambda: visitors(tmp_path), "a worker to be outside", patience=PATIENCE)
    world.kill("effects")
    world.start_worker("effects", **SOON)
    world.settle()

    assert answers(world, name) == {"effect_outcome_unknown": 1}
    assert len(visitors(tmp_path)) == 1


def test_workers_killed_under_load_leave_no_effect_behind(
    world: World, load: Load, tmp_path: Path
) -> None:
    """Hints are delivered three times, workers of all kinds are killed: one answer each."""
    deliveries = SOON | {"FAULTS_DELIVERIES": "3"}
    (tmp_path / "open").touch()
    world.start_fleet(**deliveries)
    name = f"traveller:{load.name}"
    with world.under(load) as drivers:
        for worker in ("effects", "interactive", "effects", "effects", "interactive"):
            world.call((name, "trigger.visit", [str(tmp_path), 40]))
            drivers.advance(20)
            world.kill(worker)
            world.start_worker(worker, **deliveries)

    assert answers(world, name) == {key: 1 for key, _ in visitors(tmp_path)}
    assert len(answers(world, name)) == 200
