"""What every test stands on: real servers, real commits, and an empty world to begin with."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import get_args

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from agents_core import database
from config.embedded import servers_running
from config.environment import Environment, read_environment
from tests.chromium import find_chromium
from tests.emptying import Emptying
from tests.servers import database_url

HAD_VAR = "agora-test-" not in os.environ["AGORA_VAR"]


LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what drives a browser, which is slow, and leave it out where there is none.

    Such tests come last: Playwright keeps an event loop running in this thread to the end, beside
    which no asynchronous test can run one of its own.
    """
    items.sort(key=lambda item: "journeys" in item.path.parts)
    journeys = [item for item in items if "journeys" in item.path.parts]
    for item in journeys:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.slow)
    if find_chromium() is None and journeys:
        config.stash[LEFT_OUT] = len(journeys)
        for item in journeys:
            item.add_marker(pytest.mark.skip(reason="there is no Chromium"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Say loudly, below everything else, what a green result does not cover."""
    yield
    if left_out := terminalreporter.config.stash.get(LEFT_OUT, 0):
        terminalreporter.section("BROWSER TESTS WERE LEFT OUT", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{left_out} tests need Chromium and did not run. Install it (apt-get install chromium)"
            " or name one in the variable CHROMIUM."
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nobody reads the summary, a left-out test is a failure."""
    left_out = session.config.stash.get(LEFT_OUT, 0)
    if left_out and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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
        commit_at_once()
    yield
    for purpose in get_args(database.Purpose):
        database.discard(purpose)
    with django_db_blocker.unblock():
        end_other_sessions()
        teardown_databases(made, verbosity=0)


def commit_at_once() -> None:
    """Answer commits before they are on the disk: no test of this database cuts the power, and
    most of what a small commit takes is that wait. Those that do have servers of their own."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    connection.close()  # it applies to those opened from now on


def end_other_sessions() -> None:
    """Free the test database of the agents' own connections, and of what a killed run left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname LIKE 'test\\_%' AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def emptied(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[[], None]]:
    """What empties the database and Valkey."""
    with redis.Redis.from_url(settings.REDIS_URL) as valkey, closing(Emptying()) as tables:

        def empty() -> None:
            connection.close_if_unusable_or_obsolete()
            tables.empty()
            valkey.flushdb()

        yield empty


@pytest.fixture(autouse=True)
def clean_world(emptied: Callable[[], None], django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let every test use the database with real commits, and leave nothing of it behind."""
    with django_db_blocker.unblock():
        yield
        emptied()


@pytest.fixture
def server_environment(servers: Environment) -> dict[str, str]:
    """The environment in which a process of its own sees this test's database and Valkey."""
    return os.environ | {
        "DATABASE_URL": database_url(connection.settings_dict),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "RATE_LIMITS": "false",
    }
