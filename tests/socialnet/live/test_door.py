"""The live socket: who gets in, what is refused, and when it closes."""

import asyncio
import io
import logging
from types import SimpleNamespace

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import tokens, user_socket
from accounts.models import ApiToken, User
from config.logs import Facts, JsonLines
from socialnet.agents.user_timeline import UserTimeline
from tests.socialnet.live.client import (
    Connect,
    Headers,
    hint,
    sign_in,
    write,
)

NONSENSE = [
    *["{", "[]", "null", "1", '{"type": "x"}', '{"type": "subscribe"}', '{"type": []}'],
    *['{"type": "subscribe", "post_id": "x"}', '{"type": "subscribe", "post_id": 1}'],
]


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic eA=="}]
)
async def test_a_stranger_is_told_why_not(
    socket: Connect, alice: Headers, headers: Headers
) -> None:
    stranger = socket(**headers)
    accepted, _ = await stranger.connect()
    assert accepted
    assert await stranger.closed() == 4401


@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "http://localhost:8001", settings.WEB_URL]
)
async def test_a_session_enters_from_our_pages(socket: Connect, session: str, origin: str) -> None:
    host = origin.removeprefix("http://").replace("8000", "8001")
    page = socket(cookie=session, origin=origin, host=host)
    assert (await page.open())["user_id"] == "carol"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://evil.example:8000"},
        {"origin": "null"},
        {"origin": "file://localhost:8000"},
    ],
)
async def test_a_session_enters_from_nowhere_else(
    socket: Connect, session: str, headers: Headers
) -> None:
    page = socket(cookie=session, host="localhost:8001", **headers)
    await page.connect()
    assert await page.closed() == 4401


async def test_an_unknown_session_does_not_enter(socket: Connect, alice: Headers) -> None:
    cookie = f"{settings.SESSION_COOKIE_NAME}=nonsense"
    page = socket(cookie=cookie, origin="http://localhost:8000", host="localhost:8001")
    await page.connect()
    assert await page.closed() == 4401


async def test_staff_watches_anyone(socket: Connect, bob: Headers) -> None:
    root = await sync_to_async(sign_in)("root", is_staff=True)
    watching = socket("?user_id=BOB", **root)
    assert (await watching.open())["user_id"] == "bob"
    await write()
    assert (await watching.frame())["type"] == "timeline.posts"


@pytest.mark.parametrize(
    ("query", "code"), [("?user_id=alice", 4403), ("?user_id=no%20one", 4403), ("?since=x", 4400)]
)
async def test_a_bad_request_is_told_so(
    socket: Connect, bob: Headers, query: str, code: int
) -> None:
    follower = socket(query, **bob)
    await follower.connect()
    assert await follower.closed() == code


async def test_it_answers_a_ping(socket: Connect, alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}


@pytest.mark.parametrize("text", NONSENSE)
async def test_it_answers_nonsense_and_stays(socket: Connect, alice: Headers, text: str) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_to(text_data=text)
    assert await client.frame() == {"type": "error", "code": "frame_not_valid"}
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}


async def test_it_closes_on_too_long_a_frame(socket: Connect, alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_to(text_data=" " * (user_socket.MAX_FRAME + 1))
    assert await client.closed() == 1009


async def test_it_closes_on_bytes(socket: Connect, alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_to(bytes_data=b"x")
    assert await client.closed() == 1003


async def test_a_revoked_token_closes_the_socket(socket: Connect, alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await sync_to_async(lambda: tokens.revoke(ApiToken.objects.get()))()
    assert await client.closed() == 4401


async def test_a_lost_word_of_it_costs_a_recheck(
    socket: Connect, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_socket, "RECHECK_SECONDS", 0.05)
    client = socket(**alice)
    await client.open()
    await sync_to_async(lambda: ApiToken.objects.update(revoked_at=timezone.now()))()
    await sync_to_async(tokens.forget)()
    assert await client.closed() == 4401


async def test_signing_out_closes_the_socket(socket: Connect, session: str, alice: Headers) -> None:
    page = socket(cookie=session, origin="http://localhost:8000", host="localhost:8001")
    other = socket(**alice)
    await page.open()
    await other.open()
    client = Client(headers={"cookie": session})
    await sync_to_async(client.post)("/accounts/logout/")
    assert await page.closed() == 4401
    await other.send_json_to({"type": "ping"})
    assert await other.frame() == {"type": "pong"}


async def test_a_suspended_account_hears_no_more(socket: Connect, session: str) -> None:
    page = socket(cookie=session, origin="http://localhost:8000", host="localhost:8001")
    await page.open()

    def suspend() -> None:
        account = User.objects.get(username="carol")
        account.is_active = False
        account.save()

    await sync_to_async(suspend)()
    assert await page.closed() == 4401


async def test_a_person_has_so_many_sockets(
    socket: Connect, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_socket, "MAX_SOCKETS", 2)
    first, second, third = (socket(**alice) for _ in range(3))
    await first.open()
    await second.open()
    await third.connect()
    assert await third.closed() == 4429
    await first.disconnect()
    again = socket(**alice)
    await again.open()


async def test_a_client_says_only_so_much_at_once(
    socket: Connect, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=100.0)
    monkeypatch.setattr(user_socket, "time", clock)
    client = socket(**alice)
    await client.open()
    for _ in range(user_socket.MAX_FRAMES):
        await client.send_json_to({"type": "ping"})
        assert await client.frame() == {"type": "pong"}
    clock.now += 1
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}
    for _ in range(user_socket.MAX_FRAMES - 1):
        await client.send_json_to({"type": "ping"})
        assert await client.frame() == {"type": "pong"}
    await client.send_json_to({"type": "ping"})
    assert await client.closed() == 4429


async def test_it_closes_rather_than_stay_deaf(
    socket: Connect, alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = socket(**alice, **{"x-request-id": "r-1"})
    await client.open()
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.addFilter(Facts())
    handler.setFormatter(JsonLines())
    monkeypatch.setattr(user_socket.logger, "handlers", [handler])

    async def away(*args: object) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(user_socket.UserSocket, "read", away)
    await asyncio.sleep(0)
    await hint(UserTimeline.of("alice").id)
    assert await client.closed() == 1011
    record = orjson.loads(log.getvalue())
    assert record["request_id"] == "r-1"
    assert "the database is away" in record["trace"]
