"""Health probes: what a process says of itself, whoever asks and whatever is away."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from agents_core import probe
from agents_core.models import Agent, Oplog
from config import health

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """What a hanging check waits for."""
    event = threading.Event()
    yield event
    event.set()


def test_a_process_that_answers_is_healthy(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_health_touches_nothing(client: Client, settings: Any) -> None:
    settings.REDIS_URL = NOBODY

    client.get("/healthz")

    assert not Agent.objects.exists()


def test_readiness_does_a_real_turn(client: Client) -> None:
    response = client.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"], body["failed"]) == (200, "ready", [])
    assert all(check["ms"] > 0 for check in body["checks"].values())
    assert Oplog.objects.filter(agent_id__startswith="readiness-probe:").count() == 1


def test_without_valkey_it_is_degraded_and_ready(client: Client, settings: Any) -> None:
    settings.REDIS_URL = NOBODY

    response = client.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"], body["failed"]) == (200, "degraded", ["valkey"])
    assert body["checks"]["turn"]["status"] == "ok"


def test_it_is_not_ready_when_no_turn_succeeds(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ConnectionError("postgresql://secret@host")

    monkeypatch.setattr(health.TURN, "attempt", fail)

    response = client.get("/readyz")

    body = response.json()
    assert (response.status_code, body["status"], body["failed"]) == (503, "unready", ["turn"])
    assert body["checks"]["turn"]["reason"] == "ConnectionError"
    assert "secret" not in response.content.decode()


def test_a_check_that_hangs_does_not_hang_readiness(
    client: Client, monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    monkeypatch.setattr(health, "TURN", health.Check("turn", released.wait))
    began = time.monotonic()

    responses = [client.get("/readyz") for _ in range(3)]

    assert time.monotonic() - began < 3
    assert [response.status_code for response in responses] == [503] * 3
    assert responses[0].json()["checks"]["turn"]["reason"] == "no answer within 0.1 s"


def test_many_probes_share_one_try(released: threading.Event) -> None:
    check = health.Check("turn", released.wait)

    first, second = check.start(), check.start()

    assert first is second
    released.set()
    first.result(5)
    assert check.start() is not first


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_answers_under_any_host_and_without_https(
    client: Client, settings: Any, path: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_other_pages_still_refuse_a_strange_host(client: Client) -> None:
    assert client.get("/", headers={"host": "10.0.0.7:8000"}).status_code == 400


def test_the_probes_oplog_stays_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "ENTRIES_KEPT", 3)

    beats = [probe.run_probe() for _ in range(10)]

    assert beats == list(range(1, 11))
    assert Oplog.objects.count() <= 6
