"""What a running site says of itself while its servers are away: in time, and nothing wrong."""

from __future__ import annotations

import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import orjson
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.health import PATIENCE
from tests.config.sites import Site
from tests.faults.world import World
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-scraper"
IN_TIME = PATIENCE + 10.0
"""Seconds an answer may take: the promise, and what a busy machine takes to begin."""

Fault = Callable[[World, str], Callable[[], None]]
"""Makes a server be away; what it gives brings it back."""


class Answer(NamedTuple):
    status: int
    body: bytes
    seconds: float


def ask(site: Site, path: str, *, live: bool = False) -> Answer:
    url = f"http://127.0.0.1:{site.port + live}{path}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    began = time.monotonic()
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return Answer(answer.status, answer.read(), time.monotonic() - began)
    except urllib.error.HTTPError as answer:
        return Answer(answer.status or 0, answer.read(), time.monotonic() - began)


def readiness(site: Site, *, live: bool = False) -> tuple[int, str, list[str]]:
    """What /readyz says, which it says in time."""
    answer = ask(site, "/readyz", live=live)
    assert answer.seconds < IN_TIME
    said = orjson.loads(answer.body)
    return answer.status, said["status"], said["failed"]


def numbers(site: Site) -> dict[str, float]:
    """The sum of each metric over its labels, read in time."""
    answer = ask(site, "/metrics")
    assert answer.status == 200, answer.body
    assert answer.seconds < IN_TIME
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


@pytest.fixture(scope="module")
def site(servers_and_tables: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A `manage.py up` on servers that the test may stop."""
    urls = {name: server.url for name, server in servers_and_tables.servers.items()}
    site = Site(
        tmp_path_factory.mktemp("site") / "var",
        "--no-demo",
        DATABASE_URL=urls["postgres"],
        REDIS_URL=urls["valkey"],
        METRICS_TOKEN=TOKEN,
    )
    try:
        site.says("Agora runs at")
        yield site
    finally:
        site.stop(signal.SIGKILL)
        wait_for(lambda: not site.children(), "children to end")


def stopped(world: World, name: str) -> Callable[[], None]:
    world.stop_server(name)
    return lambda: world.start_server(name)


def killed(world: World, name: str) -> Callable[[], None]:
    world.end_server(name, signal.SIGKILL)
    return lambda: world.start_server(name)


def standing_still(world: World, name: str) -> Callable[[], None]:
    server = psutil.Process(world.running[name].pid)
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()

    def resume() -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()

    return resume


@contextmanager
def away(world: World, name: str, how: Fault) -> Iterator[None]:
    """Inside, a server is stopped, killed or stands still."""
    bring_back = how(world, name)
    try:
        yield
    finally:
        bring_back()


FAULTS = [stopped, killed, standing_still]


def is_well(site: Site) -> bool:
    well = (200, "ready", [])
    return readiness(site) == readiness(site, live=True) == well


@pytest.mark.parametrize("how", FAULTS)
def test_without_the_database_no_process_is_ready(world: World, site: Site, how: Fault) -> None:
    wait_for(lambda: is_well(site), "the site to be ready")
    with away(world, "postgres", how):
        for live in (False, True):
            assert ask(site, "/healthz", live=live).status == 200
            assert readiness(site, live=live) == (503, "unready", ["turn"])
        found = numbers(site)
        assert (found["agora_database_up"], found["agora_broker_up"]) == (0, 1)
        assert "agora_dead_letters" not in found
    wait_for(lambda: is_well(site), "the site to be ready again")
    assert numbers(site)["agora_database_up"] == 1


@pytest.mark.parametrize("how", FAULTS)
def test_without_valkey_every_process_is_degraded_and_works(
    world: World, site: Site, how: Fault
) -> None:
    wait_for(lambda: is_well(site), "the site to be ready")
    with away(world, "valkey", how):
        for live in (False, True):
            assert ask(site, "/healthz", live=live).status == 200
            assert readiness(site, live=live) == (200, "degraded", ["valkey"])
        found = numbers(site)
        assert (found["agora_database_up"], found["agora_broker_up"]) == (1, 0)
        assert "agora_hints_waiting" not in found
    wait_for(lambda: is_well(site), "the site to be ready again")
    assert numbers(site)["agora_broker_up"] == 1


def test_no_count_falls_when_processes_are_killed(world: World, site: Site) -> None:
    for _ in range(5):
        assert readiness(site)[0] == 200
    # a process passes its numbers on each second
    wait_for(lambda: numbers(site)["agora_invocations_total"] >= 5, "what was counted")
    before = numbers(site)
    killed = site.children()
    for process in killed:
        with suppress(psutil.NoSuchProcess):
            process.kill()

    def is_back() -> bool:
        with suppress(OSError):
            return is_well(site)
        return False

    wait_for(is_back, "new processes", patience=60)
    after = numbers(site)
    assert {process.pid for process in killed}.isdisjoint(p.pid for p in site.children())
    assert {name for name in before if after[name] < before[name] and "_total" in name} == set()
    assert after["agora_turn_seconds_count"] >= before["agora_turn_seconds_count"]
