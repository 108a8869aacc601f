"""Chromium against a site of real processes on the test database, and the people who use it."""

import http.client
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from accounts.models import User as Account
from config import programs
from config.environment import BASE_DIR
from config.supervisor import MARK
from socialnet.agents.user import User
from tests.chromium import find_chromium
from tests.config.sites import free_ports
from tests.servers import database_url
from tests.waiting import wait_for

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "a quiet square at noon"
PATIENCE_MS = 20_000  # for a machine that is busy with something else
expect.set_options(timeout=PATIENCE_MS)
# Reads that are under way when a test ends are not faults.
EXPECTED = ("net::ERR_", "the server responded with a status of")


@dataclass(frozen=True)
class Site:
    """Where the processes answer."""

    url: str
    live_url: str


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The system's Chromium, as it runs in a container."""
    return {"executable_path": find_chromium(), "args": ARGUMENTS}


@pytest.fixture(scope="session", autouse=True)
def orm_beside_playwright() -> Iterator[None]:
    """Playwright keeps an event loop on this thread; our calls to the ORM never run inside it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    """Web, live, worker and beat, as `up` runs them, on the test database."""
    port = free_ports()
    found = Site(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}")
    logs = tmp_path_factory.mktemp("site")
    with django_db_blocker.unblock():
        environment = os.environ | {
            "DATABASE_URL": database_url(connection.settings_dict),
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "WEB_URL": found.url,
            "LIVE_URL": found.live_url,
            "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
            "DEBUG": "true",
            "LOG_LEVEL": "WARNING",
            MARK: str(logs),
        }
    commands: Mapping[str, list[str]] = {
        "web": programs.web("127.0.0.1", port, workers=1),
        "live": programs.live("127.0.0.1", port + 1),
        "worker": programs.worker("all", ["interactive", "bulk", "upkeep", "effects"], threads=4),
        "beat": programs.beat(logs),
    }
    running = []
    for name, command in commands.items():
        with (logs / f"{name}.log").open("w") as log:
            running.append(
                subprocess.Popen(
                    command, cwd=BASE_DIR, env=environment, stdout=log, stderr=subprocess.STDOUT
                )
            )
    try:
        for url in (found.url, found.live_url):

            def ready(url: str = url) -> bool:
                ended = [process.args for process in running if process.poll() is not None]
                assert not ended, f"{ended} ended; see {logs}"
                return answers(url)

            wait_for(ready, f"{url}; see {logs}", patience=120)
        yield found
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


@dataclass
class Visitor:
    """Somebody at a browser. `faults` is what the console had to say."""

    page: Page
    site: Site
    faults: list[str]

    def visit(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(f"{self.site.url}{path}")
        return self.page


Open = Callable[..., Visitor]


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Open]:
    """Open browsers of their own; at the end none of them may have complained."""
    opened: list[tuple[BrowserContext, Visitor]] = []

    def open_browser(account: Account | None = None, **options: Any) -> Visitor:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        if account is not None:
            context.add_cookies([session_cookie(account, site)])  # type: ignore[list-item]
        guest = Visitor(context.new_page(), site, [])

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(text in message.text for text in EXPECTED):
                guest.faults.append(message.text)

        guest.page.on("console", note)
        guest.page.on("pageerror", lambda error: guest.faults.append(str(error)))
        opened.append((context, guest))
        return guest

    yield open_browser
    faults = [fault for _, guest in opened for fault in guest.faults]
    for context, _ in opened:
        context.close()
    assert faults == []


def session_cookie(account: Account, site: Site) -> dict[str, str]:
    """The cookie of somebody who has signed in; signing in itself has a test of its own."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    # They have just shown who they are: nobody asks again before what takes that.
    shown = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [shown]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()
    key = session.session_key
    assert key is not None
    return {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}


def account_of(user_id: str, name: str) -> Account:
    """An account and its person."""
    account = Account.objects.create_user(user_id, password=PASSWORD)
    User.of(user_id).set_name(name)
    return account


@pytest.fixture
def alice(site: Site) -> Account:
    return account_of("alice", "Alice Marchetti")


@pytest.fixture
def bob(site: Site) -> Account:
    return account_of("bob", "Bob Lindqvist")
