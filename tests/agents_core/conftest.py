import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from agents_core import registry
from agents_core.errors import AgentError
from agents_core.testing import Frozen, freeze
from tests.agents_core import albums, counter
from tests.agents_core.outside import world
from tests.agents_core.racing import rows


@pytest.fixture
def definitions() -> Iterator[None]:
    """Forget the agent types and refusals that a test defines."""
    tables: list[dict[Any, Any]] = [registry._types, registry._versions, AgentError._by_code]
    before = [dict(table) for table in tables]
    yield
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)


@pytest.fixture(autouse=True)
def nobody_stalls() -> Iterator[None]:
    counter.stalling.clear()
    counter.go_on.clear()
    yield
    counter.go_on.set()


@pytest.fixture
def outside(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The outside world with nothing wrong in it yet; what goes wrong there is not logged."""
    caplog.set_level(logging.CRITICAL, "agents_core")
    world.reset()
    yield
    world.go_on.set()


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """The storage of files: an empty folder."""
    settings.MEDIA_ROOT = tmp_path
    albums.failed.clear()
    return tmp_path


@pytest.fixture
def time() -> Iterator[Frozen]:
    """It is noon on the first of March 2026 until the test moves it on."""
    with freeze("2026-03-01T12:00:00Z") as frozen:
        yield frozen


@pytest.fixture
def small_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a short oplog is looked at in several stretches, and has digests."""
    monkeypatch.setattr("agents_core.oplog_search._FIRST_STRETCH", 1)
    monkeypatch.setattr("agents_core.oplog_search._CHAPTER", 2)
    counter.Counter.of("a").add(1)
    rows("DELETE FROM agents_core_oplog")
