"""One world of processes for all fault tests; every test brings agents of its own to it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.faults.load import Load
from tests.faults.world import World


@pytest.fixture
def clean_world() -> None:
    """Nothing to clean: these tests do not touch the test session's database."""


@pytest.fixture(scope="session")
def servers_and_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run PostgreSQL and Valkey in a directory of their own."""
    world = World(tmp_path_factory.mktemp("faults"))
    try:
        world.start()
        yield world
    finally:
        world.end()


@pytest.fixture
def world(servers_and_tables: World) -> Iterator[World]:
    """The world with its servers running and nothing else; the test starts what it needs."""
    world = servers_and_tables
    yield world
    world.end_fleet()
    world.start_servers()
    world.forget_mail()
    assert world.take_dead_letters() == [], "messages were given up on"


@pytest.fixture(scope="session")
def seed() -> int:
    """What load and moments of faults follow from; printed, so that it can be given again."""
    seed = int(os.environ.get("FAULTS_SEED", random.randrange(1_000_000)))
    print(f"FAULTS_SEED={seed}")
    return seed


@pytest.fixture
def load(seed: int, request: pytest.FixtureRequest) -> Load:
    """A load of its own for each test."""
    name = request.node.name.removeprefix("test_").replace("_", "-")
    return Load(name=name.replace("[", "-").replace("]", ""), seed=seed)
