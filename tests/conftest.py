"""What every test stands on: real servers, real commits, and an empty world to begin with."""

import os
import shutil
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
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
def django_db_setup(servers: Environment, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the test database. pytest-django's own makes one for marked tests alone; ours all
    commit for real and need no mark."""
    with django_db_blocker.unblock():
        end_other_sessions()
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        end_other_sessions()
        teardown_databases(made, verbosity=0)


def end_other_sessions() -> None:
    """Free the test database of the agents' own connections, and of what a killed run left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname LIKE 'test\\_%' AND pid <> pg_backend_pid()"
        )


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
