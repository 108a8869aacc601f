"""System checks: what would let the runtime start and then not do what it promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, get_type_hints

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from agents_core import registry, store
from agents_core.config import Options, options

OLDEST_POSTGRESQL = 150_000
"""Version 15, as `pg_settings` writes it: the oldest the runtime is tested with."""


def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """`AGENTS` has known names with values of their types, and timeouts that make sense."""
    given = getattr(settings, "AGENTS", {})
    kinds = get_type_hints(Options)
    names = ", ".join(field.name.upper() for field in fields(Options))
    unknown = [name for name in given if name.lower() not in kinds]
    found: list[CheckMessage] = [
        Error(f"AGENTS has the unknown name {name}.", hint=f"Known: {names}.", id="agents.E001")
        for name in unknown
    ]
    found += [
        Error(
            f"AGENTS[{name!r}] is {value!r}, not {kinds[name.lower()].__name__}.",
            hint="Leave it out for its default.",
            id="agents.E002",
        )
        for name, value in given.items()
        if name not in unknown and type(value) is not kinds[name.lower()]
    ]
    return found or _check_values(options())


def _check_values(chosen: Options) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if chosen.statement_ms < chosen.lease_ms:
        found.append(
            Warning(
                f"STATEMENT_MS ({chosen.statement_ms}) is less than LEASE_MS ({chosen.lease_ms}).",
                hint="Who waits for the lock of a stopped process gives up before its lease ends.",
                id="agents.W001",
            )
        )
    if chosen.idempotency_hours < 24:
        found.append(
            Warning(
                f"Idempotency keys are kept for {chosen.idempotency_hours} hours.",
                hint="Clients are promised 24: set IDEMPOTENCY_HOURS to more.",
                id="agents.W002",
            )
        )
    if chosen.document_warn > chosen.document_limit:
        found.append(
            Warning(
                "DOCUMENT_WARN is more than DOCUMENT_LIMIT: nobody is warned in time.",
                hint="Leave both out for their defaults.",
                id="agents.W003",
            )
        )
    if chosen.effect_lease_ms < 2 * chosen.effect_renew_ms:
        found.append(
            Warning(
                f"EFFECT_LEASE_MS ({chosen.effect_lease_ms}) is less than two times "
                f"EFFECT_RENEW_MS ({chosen.effect_renew_ms}).",
                hint="A process that is late once loses its effects to another, which runs them "
                "again.",
                id="agents.W005",
            )
        )
    return found


def check_registry(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Some agent types are known."""
    if registry.all_types():
        return []
    return [
        Warning(
            "No agent type is known.",
            hint="Call agents_core.registry.autodiscover in the ready() of each app with agents.",
            id="agents.W004",
        )
    ]


def check_database(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The default database is a PostgreSQL that is new enough. Run where databases are named."""
    if "default" not in (databases or ()):
        return []
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return [
            Error(
                f"Agents live in PostgreSQL, not {connection.vendor}.",
                hint="Set DATABASE_URL to a PostgreSQL database.",
                id="agents.E003",
            )
        ]
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
    if version >= OLDEST_POSTGRESQL:
        return []
    return [
        Error(
            f"PostgreSQL {version // 10_000} is too old for agents.",
            hint=f"Use version {OLDEST_POSTGRESQL // 10_000} or newer.",
            id="agents.E004",
        )
    ]


def check_versions(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """The code has every version of a type that stored agents have. Run by `migrate` too."""
    if "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        stored = store.stored_versions(cursor.connection)
    found: list[CheckMessage] = []
    for name, version in stored:
        known = registry.versions_of(name)
        if not known:
            found.append(
                Warning(
                    f"There are agents of the type {name}, which is not in the code.",
                    hint="Deploy it again, or delete them: manage.py agents list --type " + name,
                    id="agents.W005",
                )
            )
        elif version not in known:
            found.append(
                Error(
                    f"There are agents of {name} version {version}; the code has {known}.",
                    hint=f"Keep the class of version {version} until its agents are updated: "
                    f"manage.py agents update --type {name}.",
                    id="agents.E005",
                )
            )
    return found


def install() -> None:
    """Run these with `manage.py check`; the database's with `--database default`."""
    register(check_settings, Tags.compatibility)
    register(check_registry, Tags.compatibility)
    register(check_database, Tags.database)
    register(check_versions, Tags.database)
