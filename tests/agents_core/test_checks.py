from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.checks.registry import registry as registry_of_checks

from agents_core import checks, registry
from agents_core.checks import check_database, check_registry, check_settings


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        ({}, []),
        ({"HINTS": False, "MAILBOX_CAP": 5}, []),
        ({"POOL_SIZE": 4}, ["agents.E001"]),
        ({"MAILBOX_CAP": "5"}, ["agents.E002"]),
        ({"HINTS": 1}, ["agents.E002"]),
        ({"STATEMENT_MS": 1000}, ["agents.W001"]),
        ({"IDEMPOTENCY_HOURS": 12}, ["agents.W002"]),
        ({"EFFECT_LEASE_MS": 1000}, ["agents.W005"]),
        ({"EFFECT_LEASE_MS": 1000, "EFFECT_RENEW_MS": 400}, []),
        ({"DOCUMENT_WARN": 2, "DOCUMENT_LIMIT": 1}, ["agents.W003"]),
    ],
)
def test_it_checks_the_settings(settings: Any, agents: dict[str, Any], expected: list[str]) -> None:
    settings.AGENTS = agents

    assert ids(check_settings(None)) == expected


def test_it_misses_agent_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_types", {})

    assert ids(check_registry(None)) == ["agents.W004"]


def test_it_refuses_an_old_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_database(None, databases=["default"]) == []
    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 10_000_000)

    assert ids(check_database(None, databases=["default"])) == ["agents.E004"]


def test_it_is_registered() -> None:
    assert [message.id for message in run_checks() if message.id.startswith("agents.")] == []
    registered = {check.__name__ for check in registry_of_checks.get_checks(True)}
    assert {"check_settings", "check_registry", "check_database"} <= registered
