"""What every test stands on: real servers, real commits, and an empty world to begin with."""

import os
import shutil
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from config.embedded import servers_running
from config.environment import Environment, read_environment
from tests.servers import database_url

# What migrations and Django itself write once and every test may rely on.
KEPT_TABLES = frozenset(
    {"django_migrations", "django_content_type", "auth_permission", "django_site"}
)
HAD_VAR = "agora-test-" not in os.environ["AGORA_VAR"]


@pytest.fixture(scope="session")
def servers() -> Iterator[Environment]:
    """Run PostgreSQL and Valkey for the session, or use those of DATABASE_URL and REDIS_URL."""
    environment = read_environment()
    with servers_running(environment):
        yield environment
    if not HAD_VAR:
        shutil.rmtree(environment.agora_var, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: Environment) -> None:
    """Have the server up before pytest-django makes the test database on it."""


@pytest.fixture(autouse=True)
def clean_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let every test use the database with real commits, and leave nothing of it behind."""
    with django_db_blocker.unblock():
        yield
        empty_database()
        redis.Redis.from_url(settings.REDIS_URL).flushdb()


def empty_database() -> None:
    """Empty every table that has rows; few do, and looking is cheaper than truncating."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        tables = [
            name for name in connection.introspection.table_names(cursor) if name not in KEPT_TABLES
        ]
        # A connection that a test leaked inside a transaction should be named, not waited for.
        cursor.execute("SET lock_timeout = '10s'")
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables
            )
        )
        filled = ", ".join(f'"{row[0]}"' for row in cursor.fetchall())
        if filled:
            cursor.execute(f"TRUNCATE {filled} RESTART IDENTITY CASCADE")
        cursor.execute("RESET lock_timeout")


@pytest.fixture
def server_environment(servers: Environment) -> dict[str, str]:
    """The environment in which a process of its own sees this test's database and Valkey."""
    return os.environ | {
        "DATABASE_URL": database_url(connection.settings_dict),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
