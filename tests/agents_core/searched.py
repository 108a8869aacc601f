"""One agent's oplog: written as tests want it, and searched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from agents_core.models import Oplog
from agents_core.oplog_search import OplogPage, search_oplog

AGENT = "counter:a"
BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)


def indices(page: OplogPage) -> list[int]:
    return [entry.index for entry in page.items]


def found(query: str) -> list[int]:
    return indices(search_oplog(AGENT, query))


def store(*entries: tuple[str, Any]) -> None:
    """An oplog of these kinds and entries (as JSON, or what becomes it)."""
    Oplog.objects.bulk_create(
        Oplog(agent_id=AGENT, index=index, kind=kind, entry=entry,
              recorded_at=BEGINNING + timedelta(seconds=index))
        for index, (kind, entry) in enumerate(entries, 1)
    )  # fmt: skip


def store_at(index: int, method: str) -> None:
    Oplog.objects.create(agent_id=AGENT, index=index, kind="command", entry={"method": method},
                         recorded_at=BEGINNING + timedelta(seconds=index))  # fmt: skip
