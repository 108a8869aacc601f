"""Tickets: shown in place of a header at a socket's door, once, and soon."""

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import tickets, tokens
from accounts.models import ApiToken, User
from accounts.user_socket import FORBIDDEN, NOT_SIGNED_IN
from config.asgi import application


@pytest.fixture
def ann() -> User:
    tokens.forget()
    return User.objects.create_user("ann")


def ticket_of(account: User, scopes: str = "") -> str:
    headers = {"Authorization": f"Bearer {tokens.create(account, 'x', scopes=scopes)[1]}"}
    answer = Client(headers=headers).post("/api/v1/tickets")
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)
    return str(answer.json()["ticket"])


async def tried(ticket: str) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(application, f"/ws/v1/updates?ticket={ticket}")
    await socket.connect()
    return socket


async def told(socket: WebsocketCommunicator) -> object:
    """The hello's user, or the code that the socket is closed with."""
    said = await socket.receive_output(timeout=30)
    if said["type"] == "websocket.close":
        return said["code"]
    return "hello" in said["text"] and "ann" in said["text"]


async def test_it_opens_one_socket(ann: User) -> None:
    ticket = await sync_to_async(ticket_of)(ann)
    first = await tried(ticket)
    assert await told(first) is True
    assert await told(await tried(ticket)) == NOT_SIGNED_IN
    assert await told(await tried("guessed")) == NOT_SIGNED_IN
    await sync_to_async(tokens.revoke)(await ApiToken.objects.select_related("user").aget())
    assert await told(first) == NOT_SIGNED_IN
    await get_channel_layer().flush()


async def test_a_session_has_tickets_too(ann: User) -> None:
    client = Client()
    await sync_to_async(client.force_login)(ann)
    answer = await sync_to_async(client.post)("/api/v1/tickets")
    socket = await tried(answer.json()["ticket"])
    assert await told(socket) is True
    await socket.disconnect()
    await get_channel_layer().flush()


async def test_it_tells_nobody_more_than_the_token_may(ann: User) -> None:
    ticket = await sync_to_async(ticket_of)(ann, "social:read chat:read")
    assert await told(await tried(ticket)) == FORBIDDEN


def test_it_is_soon_too_old(ann: User) -> None:
    key = tickets._key(ticket_of(ann))
    assert 0 < cache._cache.get_client(key).pttl(cache.make_key(key)) <= 30_000


def test_nobody_has_one_without_a_credential(client: Client) -> None:
    assert client.post("/api/v1/tickets").status_code == 401


def test_without_valkey_there_are_none(ann: User, settings: Settings) -> None:
    gone = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": gone}
    headers = {"Authorization": f"Bearer {tokens.create(ann, 'x')[1]}"}
    answer = Client(headers=headers).post("/api/v1/tickets")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_tickets")
