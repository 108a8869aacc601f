"""Alice writes, bob follows her; a socket is closed after its test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from channels.layers import get_channel_layer
from django.conf import settings
from django.test import Client

from accounts import tokens
from accounts.models import User
from agents_core.testing import step
from socialnet.agents.user import User as Person
from tests.socialnet.live.client import (
    Connect,
    Headers,
    Socket,
    sign_in,
)


@pytest_asyncio.fixture
async def socket() -> AsyncIterator[Connect]:
    opened: list[Socket] = []

    def socket(query: str = "", **headers: str) -> Socket:
        opened.append(Socket(query, **headers))
        return opened[-1]

    yield socket
    for one in opened:
        with suppress(asyncio.CancelledError):  # of one that failed to say something in time
            await one.disconnect()
    await get_channel_layer().flush()


@pytest.fixture
def alice() -> Headers:
    tokens.forget()
    return sign_in("alice")


@pytest.fixture
def bob(alice: Headers) -> Headers:
    """A follower of alice."""
    headers = sign_in("bob")
    Person.of("bob").connect("alice", "following")
    step()
    return headers


@pytest.fixture
def session() -> str:
    client = Client()
    client.force_login(User.objects.create_user("carol"))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
