"""The runtime's settings: `AGENTS = {...}` in Django's settings, typed, with defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True)
class Options:
    """Every knob of the runtime."""

    hints: bool = True
    """Tell workers of new mail after each commit; without, only the sweeper finds it."""
    nearby_agents: int = 20
    """Mail for so many agents is run by the process that sent it, if it is not behind; 0: none."""
    live: bool = True
    """Publish new revisions to the channel layer."""
    mailbox_cap: int = 10_000
    """Messages an agent may have waiting before outsiders are answered 429."""
    lease_ms: int = 15_000
    """How long a turn may stand still before the database takes its locks away."""
    statement_ms: int = 30_000
    """How long one statement, and so the wait for one lock, may take."""
    effect_lease_ms: int = 30_000
    """How long an effect is left to the process that runs it after the last sign of life."""
    effect_renew_ms: int = 10_000
    """How often a process that runs effects gives one."""
    document_warn: int = 64 * 1024
    document_limit: int = 1024 * 1024
    """Bytes of JSON a document is warned of and refused at."""
    file_limit: int = 10 * 1024 * 1024
    """Bytes a file of an agent may have."""
    idempotency_hours: int = 25
    """How long a key's outcome is kept; clients are promised 24."""
    samples: bool = True
    """Keep figures of the last day in the database, for the operators' overview."""
    check_queries: bool = False
    """Compare every document before and after a query, to catch writes in development."""


@lru_cache(maxsize=1)
def options() -> Options:
    """The settings in force."""
    given = {name.lower(): value for name, value in getattr(settings, "AGENTS", {}).items()}
    known = {field.name for field in fields(Options)}
    if unknown := sorted(given.keys() - known):
        raise ValueError(f"AGENTS has {', '.join(unknown)}; it may have {', '.join(sorted(known))}")
    return Options(**given)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "AGENTS":
        options.cache_clear()


setting_changed.connect(_forget)
