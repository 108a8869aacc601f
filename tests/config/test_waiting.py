"""`updates?wait=` at the live address."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import orjson
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import HttpCommunicator

from accounts import tokens
from accounts.models import User
from agents_core.testing import step
from config.asgi import application
from socialnet.agents.user import User as Person
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_posts import UserPosts

PATH = "/api/v1/social-net/users/alice/timeline/posts/updates"

CHATS = "/api/v1/social-net/users/alice/chats/updates"


@pytest.fixture
def token() -> str:
    tokens.forget()
    return tokens.create(User.objects.create_user("alice"), "test")[1]


@pytest_asyncio.fixture(autouse=True)
async def closed_layer() -> AsyncIterator[None]:
    yield
    await get_channel_layer().flush()


async def ask(token: str, query: str, path: str = PATH) -> tuple[int, Any]:
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"localhost")]
    request = HttpCommunicator(application, "GET", f"{path}?{query}", headers=headers)
    answer = await request.get_response(timeout=10)
    await request.wait(timeout=5)
    return answer["status"], orjson.loads(answer["body"])


@sync_to_async
def write() -> str:
    post_id = UserPosts.of("alice").create_post("hello").post_id
    step()
    return post_id


@sync_to_async
def open_chat() -> str:
    Person.of("bob").register()
    chat_id = UserChats.of("bob").create_chat(["alice"]).chat_id
    step()
    return chat_id


async def test_it_answers_when_there_is_news(token: str) -> None:
    asked = asyncio.create_task(ask(token, "wait=10"))
    await asyncio.sleep(0.3)  # until it listens; if it does not yet, it will find the post at once
    assert not asked.done()
    post_id = await write()
    status, refs = await asyncio.wait_for(asked, 3)
    assert (status, [ref["post_id"] for ref in refs]) == (200, [post_id])


async def test_it_waits_for_news_of_chats_too(token: str) -> None:
    asked = asyncio.create_task(ask(token, "wait=10", CHATS))
    await asyncio.sleep(0.3)  # as above
    assert not asked.done()
    chat_id = await open_chat()
    status, refs = await asyncio.wait_for(asked, 3)
    assert (status, [ref["chat_id"] for ref in refs]) == (200, [chat_id])


async def test_it_answers_at_once_what_is_there(token: str) -> None:
    post_id = await write()
    started = monotonic()
    _, refs = await ask(token, "wait=10")
    assert [ref["post_id"] for ref in refs] == [post_id]
    assert monotonic() - started < 2


async def test_it_gives_up_in_time(token: str) -> None:
    started = monotonic()
    assert await ask(token, "wait=0.2") == (200, [])
    assert 0.2 <= monotonic() - started < 2


async def test_a_refusal_does_not_wait(token: str) -> None:
    started = monotonic()
    assert (await ask("nonsense", "wait=10"))[0] == 401
    assert (await ask(token, "wait=31"))[0] == 422
    assert (await ask(token, "wait=10&since=yesterday"))[0] == 422
    assert monotonic() - started < 2


async def test_a_client_that_leaves_is_not_waited_for(token: str) -> None:
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"localhost")]
    request = HttpCommunicator(application, "GET", f"{PATH}?wait=30", headers=headers)
    await request.send_input({"type": "http.request", "body": b"", "more_body": False})
    await asyncio.sleep(0.2)
    await request.send_input({"type": "http.disconnect"})
    await request.wait(timeout=3)
    assert request.future.done()
