"""The live socket: who gets in, what is told, and that nothing is missed."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import tokens, user_socket
from accounts.models import ApiToken, User
from agents_core.drafts import Change
from agents_core.live import group_of
from agents_core.models import Agent
from agents_core.testing import step
from config.asgi import application
from config.logs import Facts, JsonLines
from socialnet.agents.notifications import Notifications
from socialnet.agents.post import Post
from socialnet.agents.schemas import PostRef
from socialnet.agents.user import User as Person
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

Headers = dict[str, str]

PATIENCE = 30

NONSENSE = [
    *["{", "[]", "null", "1", '{"type": "x"}', '{"type": "subscribe"}', '{"type": []}'],
    *['{"type": "subscribe", "post_id": "x"}', '{"type": "subscribe", "post_id": 1}'],
]


class Socket(WebsocketCommunicator):  # type: ignore[misc]
    """A client's end of `/ws/v1/updates`."""

    def __init__(self, query: str = "", **headers: str) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        super().__init__(application, f"/ws/v1/updates{query}", pairs)

    async def open(self) -> dict[str, Any]:
        """The hello."""
        accepted, _ = await self.connect()
        assert accepted
        return await self.frame()

    async def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = orjson.loads(await self.receive_from(timeout=PATIENCE))
        return frame

    async def closed(self) -> int:
        """The code it is closed with."""
        output = await self.receive_output(timeout=PATIENCE)
        assert output["type"] == "websocket.close", output
        code: int = output["code"]
        return code


Connect = Callable[..., Awaitable[Socket]]


@pytest_asyncio.fixture
async def socket() -> AsyncIterator[Callable[..., Socket]]:
    opened: list[Socket] = []

    def socket(query: str = "", **headers: str) -> Socket:
        opened.append(Socket(query, **headers))
        return opened[-1]

    yield socket
    for one in opened:
        with suppress(asyncio.CancelledError):  # of one that failed to say something in time
            await one.disconnect()
    await get_channel_layer().flush()


def sign_in(username: str, *, is_staff: bool = False) -> Headers:
    """An account, and the header that acts as it."""
    account = User.objects.create_user(username, is_staff=is_staff)
    return {"authorization": f"Bearer {tokens.create(account, 'test')[1]}"}


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


@sync_to_async
def write(content: str = "hello") -> str:
    """A post by alice that has reached everybody; its id."""
    post_id = UserPosts.of("alice").create_post(content).post_id
    step()
    return post_id


async def subscribe(client: Socket, post_id: str) -> None:
    """From now on it hears of that post: frames are answered in the order they come."""
    await client.send_json_to({"type": "subscribe", "post_id": post_id})
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}


async def hint(
    agent_id: str, *, before: int = 0, revision: int = 1, put: list[str] | None = None
) -> None:
    change = Change(agent_id, before, revision, put)
    event = {"type": "agent.changed", **change._asdict()}
    await get_channel_layer().group_send(group_of(agent_id), event)


async def test_it_says_hello(socket: Callable[..., Socket], alice: Headers) -> None:
    hello = await socket(**alice).open()
    assert (hello["type"], hello["user_id"]) == ("hello", "alice")
    assert abs(datetime.fromisoformat(hello["now"]) - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_post_arrives(socket: Callable[..., Socket], bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    post_id = await write()
    frame = await follower.frame()
    assert frame["type"] == "timeline.posts"
    assert [ref["post_id"] for ref in frame["posts"]] == [post_id]
    assert frame["posts"][0]["created_by_connection_type"] == "follower"
    assert await follower.receive_nothing()


async def test_nothing_is_told_that_was_there_before(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    await write()
    follower = socket(**bob)
    await follower.open()
    assert await follower.receive_nothing()


async def test_coming_back_with_since_misses_nothing(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    follower = socket(**bob)
    await follower.open()
    await write("one")
    seen = (await follower.frame())["posts"][-1]["updated_at"]
    await follower.disconnect()
    missed = [await write("two"), await write("three")]
    again = socket(f"?since={quote(seen)}", **bob)
    assert (await again.open())["type"] == "hello"
    assert [ref["post_id"] for ref in (await again.frame())["posts"]] == missed


async def test_a_clock_that_runs_ahead_silences_nothing(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    follower = socket("?since=2999-01-01T00:00:00Z", **bob)
    await follower.open()
    post_id = await write()
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [post_id]


async def test_a_burst_is_told_at_once(socket: Callable[..., Socket], bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    posts = await sync_to_async(
        lambda: [UserPosts.of("alice").create_post(f"{n}").post_id for n in range(20)]
    )()
    await sync_to_async(step)()
    told: list[str] = []
    frames = 0
    while len(told) < len(posts):
        told += [ref["post_id"] for ref in (await follower.frame())["posts"]]
        frames += 1
    assert sorted(told) == sorted(posts)
    assert frames <= 3


async def test_a_lost_hint_heals_with_the_next(
    socket: Callable[..., Socket], bob: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = socket(**bob)
    await follower.open()
    with monkeypatch.context() as lossy:
        lossy.setattr("agents_core.live.Announcer.add", lambda self, changed: None)
        lost = await write("lost")
    await hint(UserTimeline.of("bob").id)
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [lost]


async def test_a_lost_hint_heals_without_another(
    socket: Callable[..., Socket], bob: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_id = await write("before")
    monkeypatch.setattr(user_socket, "RECHECK_SECONDS", 0.2)
    follower = socket(**bob)
    await follower.open()
    await follower.send_json_to({"type": "subscribe", "post_id": post_id})
    monkeypatch.setattr("agents_core.live.Announcer.add", lambda self, changed: None)
    lost = await write("lost")
    frame = await follower.frame()
    assert [ref["post_id"] for ref in frame["posts"]] == [lost]
    # told once, and the post that has not changed is not told of, however often it looks
    assert await follower.receive_nothing(timeout=1)


def carried() -> tuple[str, str]:
    """A reference by alice that only a hint knows of: the post's id, and the reference."""
    now = datetime.now(UTC)
    ref = PostRef(post_id=str(uuid4()), created_by="alice", created_at=now, updated_at=now)
    return ref.post_id, ref.model_dump_json()


async def caught_up(follower: Socket) -> int:
    """Write a post and see it told; at which revision the socket knows bob's timeline to be now."""
    await write()
    await follower.frame()
    return await sync_to_async(lambda: Agent.objects.get(id=UserTimeline.of("bob").id).revision)()


async def test_what_a_hint_carries_is_told_as_it_is(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    known = await caught_up(follower)
    post_id, ref = carried()
    await hint(timeline, before=known, revision=known + 1, put=[ref])
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [post_id]


async def test_after_a_gap_what_a_hint_carries_is_not_the_news(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    known = await caught_up(follower)
    await hint(timeline, before=known + 1, revision=known + 2, put=[carried()[1]])
    assert await follower.receive_nothing()


async def test_what_was_told_is_not_told_again(socket: Callable[..., Socket], bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    known = await caught_up(follower)
    _, ref = carried()
    await hint(timeline, before=known, revision=known + 1, put=[ref])
    await follower.frame()
    await hint(timeline, before=known + 1, revision=known + 2, put=[ref])
    assert await follower.receive_nothing()


async def test_a_hint_tells_nothing_of_whom_a_block_hides(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    await sync_to_async(Person.of("bob").block)("alice")
    await sync_to_async(step)()
    await hint(timeline, revision=1_000)
    await hint(timeline, before=1_000, revision=1_001, put=[carried()[1]])
    assert await follower.receive_nothing()


async def test_a_hint_tells_nothing_of_whom_one_has_muted(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    follower = socket(**bob)
    await follower.open()
    known = await caught_up(follower)
    await sync_to_async(Person.of("bob").mute)("alice")
    await hint(UserTimeline.of("bob").id, before=known, revision=known + 1, put=[carried()[1]])
    assert await follower.receive_nothing()
    await sync_to_async(Person.of("bob").unmute)("alice")
    post_id, ref = carried()
    await hint(UserTimeline.of("bob").id, before=known + 1, revision=known + 2, put=[ref])
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [post_id]


async def test_it_counts_what_is_unread(socket: Callable[..., Socket], alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await sync_to_async(lambda: (Person.of("carol").register(), step()))()
    await sync_to_async(lambda: (Person.of("carol").connect("alice", "friend"), step()))()
    assert await client.frame() == {"type": "notifications", "unread": 1}
    await sync_to_async(Notifications.of("alice").mark_read)()
    assert await client.frame() == {"type": "notifications", "unread": 0}
    await sync_to_async(Notifications.of("alice").mark_read)()
    assert await client.receive_nothing()


async def test_who_comes_back_hears_of_notices_meanwhile(
    socket: Callable[..., Socket], alice: Headers
) -> None:
    client = socket(**alice)
    now = (await client.open())["now"]
    await client.disconnect()
    await sync_to_async(lambda: (Person.of("carol").register(), step()))()
    await sync_to_async(lambda: (Person.of("carol").connect("alice", "friend"), step()))()
    again = socket(f"?since={quote(now)}", **alice)
    await again.open()
    assert await again.frame() == {"type": "notifications", "unread": 1}
    fresh = socket(**alice)
    await fresh.open()
    assert await fresh.receive_nothing()


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic eA=="}]
)
async def test_a_stranger_is_told_why_not(
    socket: Callable[..., Socket], alice: Headers, headers: Headers
) -> None:
    stranger = socket(**headers)
    accepted, _ = await stranger.connect()
    assert accepted
    assert await stranger.closed() == 4401


@pytest.mark.parametrize(
    "origin", ["http://localhost:8000", "http://localhost:8001", settings.WEB_URL]
)
async def test_a_session_enters_from_our_pages(
    socket: Callable[..., Socket], session: str, origin: str
) -> None:
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
    socket: Callable[..., Socket], session: str, headers: Headers
) -> None:
    page = socket(cookie=session, host="localhost:8001", **headers)
    await page.connect()
    assert await page.closed() == 4401


async def test_an_unknown_session_does_not_enter(
    socket: Callable[..., Socket], alice: Headers
) -> None:
    cookie = f"{settings.SESSION_COOKIE_NAME}=nonsense"
    page = socket(cookie=cookie, origin="http://localhost:8000", host="localhost:8001")
    await page.connect()
    assert await page.closed() == 4401


async def test_staff_watches_anyone(socket: Callable[..., Socket], bob: Headers) -> None:
    root = await sync_to_async(sign_in)("root", is_staff=True)
    watching = socket("?user_id=BOB", **root)
    assert (await watching.open())["user_id"] == "bob"
    await write()
    assert (await watching.frame())["type"] == "timeline.posts"


@pytest.mark.parametrize(
    ("query", "code"), [("?user_id=alice", 4403), ("?user_id=no%20one", 4403), ("?since=x", 4400)]
)
async def test_a_bad_request_is_told_so(
    socket: Callable[..., Socket], bob: Headers, query: str, code: int
) -> None:
    follower = socket(query, **bob)
    await follower.connect()
    assert await follower.closed() == code


async def test_it_answers_a_ping(socket: Callable[..., Socket], alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}


@pytest.mark.parametrize("text", NONSENSE)
async def test_it_answers_nonsense_and_stays(
    socket: Callable[..., Socket], alice: Headers, text: str
) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_to(text_data=text)
    assert await client.frame() == {"type": "error", "code": "frame_not_valid"}
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}


async def test_it_closes_on_too_long_a_frame(socket: Callable[..., Socket], alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_to(text_data=" " * (user_socket.MAX_FRAME + 1))
    assert await client.closed() == 1009


async def test_it_closes_on_bytes(socket: Callable[..., Socket], alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await client.send_to(bytes_data=b"x")
    assert await client.closed() == 1003


async def test_it_tells_of_posts_subscribed_to(
    socket: Callable[..., Socket], alice: Headers
) -> None:
    post_id = await write()
    client = socket(**alice)
    await client.open()
    await subscribe(client, post_id)
    await hint(Post.of(post_id).id)
    frame = await client.frame()
    assert (frame["type"], frame["post_id"]) == ("post.updated", post_id)
    assert datetime.fromisoformat(frame["updated_at"]).tzinfo is not None
    await client.send_json_to({"type": "unsubscribe", "post_id": post_id})
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}
    await hint(Post.of(post_id).id)
    assert await client.receive_nothing()


async def test_it_tells_of_reactions_comments_and_edits(
    socket: Callable[..., Socket], alice: Headers
) -> None:
    post_id = await write()
    client = socket(**alice)
    await client.open()
    await subscribe(client, post_id)
    for act in (
        lambda post: post.like("alice", "love"),
        lambda post: post.comment("alice", "Hi"),
        lambda post: post.edit("alice", "changed"),
    ):
        await sync_to_async(act)(Post.of(post_id))
        frame = await client.frame()
        found = await sync_to_async(Post.of(post_id).get_brief)()
        assert found is not None
        assert (frame["type"], frame["post_id"]) == ("post.updated", post_id)
        assert datetime.fromisoformat(frame["updated_at"]) == found.updated_at


async def test_it_does_not_tell_of_posts_one_may_not_see(
    socket: Callable[..., Socket], bob: Headers
) -> None:
    post_id = await write()
    await sync_to_async(lambda: (Person.of("alice").block("bob"), step()))()
    client = socket(**bob)
    await client.open()
    await client.send_json_to({"type": "subscribe", "post_id": post_id})
    assert await client.frame() == {"type": "error", "code": "post_not_found", "post_id": post_id}


async def test_a_block_ends_a_subscription(socket: Callable[..., Socket], bob: Headers) -> None:
    post_id = await write()
    client = socket(**bob)
    await client.open()
    await subscribe(client, post_id)
    await sync_to_async(lambda: (Person.of("alice").block("bob"), step()))()
    await hint(Post.of(post_id).id)
    assert await client.receive_nothing(timeout=0.3)


async def test_a_revoked_token_closes_the_socket(
    socket: Callable[..., Socket], alice: Headers
) -> None:
    client = socket(**alice)
    await client.open()
    await sync_to_async(lambda: tokens.revoke(ApiToken.objects.get()))()
    assert await client.closed() == 4401


async def test_a_lost_word_of_it_costs_a_recheck(
    socket: Callable[..., Socket], alice: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_socket, "RECHECK_SECONDS", 0.05)
    client = socket(**alice)
    await client.open()
    await sync_to_async(lambda: ApiToken.objects.update(revoked_at=timezone.now()))()
    await sync_to_async(tokens.forget)()
    assert await client.closed() == 4401


async def test_signing_out_closes_the_socket(
    socket: Callable[..., Socket], session: str, alice: Headers
) -> None:
    page = socket(cookie=session, origin="http://localhost:8000", host="localhost:8001")
    other = socket(**alice)
    await page.open()
    await other.open()
    client = Client(headers={"cookie": session})
    await sync_to_async(client.post)("/accounts/logout/")
    assert await page.closed() == 4401
    await other.send_json_to({"type": "ping"})
    assert await other.frame() == {"type": "pong"}


async def test_a_suspended_account_hears_no_more(
    socket: Callable[..., Socket], session: str
) -> None:
    page = socket(cookie=session, origin="http://localhost:8000", host="localhost:8001")
    await page.open()

    def suspend() -> None:
        account = User.objects.get(username="carol")
        account.is_active = False
        account.save()

    await sync_to_async(suspend)()
    assert await page.closed() == 4401


async def test_a_person_has_so_many_sockets(
    socket: Callable[..., Socket], alice: Headers, monkeypatch: pytest.MonkeyPatch
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
    socket: Callable[..., Socket], alice: Headers, monkeypatch: pytest.MonkeyPatch
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
    socket: Callable[..., Socket], alice: Headers, monkeypatch: pytest.MonkeyPatch
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
