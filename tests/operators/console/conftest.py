"""Who comes to the console, and what is to be seen there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents_core.testing import step
from tests.agents_core.counter import Counter

MakeStaff = Callable[..., Client]
Counted = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


@pytest.fixture
def staff() -> MakeStaff:
    """A client of somebody of the staff who may do these things with agents."""

    def make(name: str, *may: str) -> Client:
        account = get_user_model().objects.create_user(name, is_staff=True)
        wanted = [f"{what}_agent" for what in may]
        account.user_permissions.set(Permission.objects.filter(codename__in=wanted))
        client = Client()
        client.force_login(account)
        return client

    return make


@pytest.fixture
def ann(staff: MakeStaff) -> Client:
    """An operator who may do everything."""
    return staff("ann", "view", "change", "delete")


@pytest.fixture
def letter() -> str:
    """The id of a dead letter of counter:a."""
    id_: str = Counter.of("a").trigger.fail("no luck")  # type: ignore[assignment]
    step()
    return id_


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What is asked of the database in a block, by Django and by the agents."""
    execute = psycopg.Connection.execute

    @contextmanager
    def counting() -> Iterator[list[str]]:
        asked = list[str]()

        def counted(self: Any, query: Any, *args: Any, **named: Any) -> Any:
            asked.append(str(query))
            return execute(self, query, *args, **named)

        with monkeypatch.context() as patch, CaptureQueriesContext(connection) as captured:
            patch.setattr(psycopg.Connection, "execute", counted)
            yield asked
        asked += [query["sql"] for query in captured.captured_queries]

    return counting
