"""What the live socket tells of chats, and what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from accounts import user_socket
from agents_core.testing import step
from socialnet import chat_stream, company, presence
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatSettings
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from tests.socialnet.live.client import PATIENCE, Connect, Headers, Socket, sign_in

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def bob(alice: Headers) -> Headers:
    return sign_in("bob")


@pytest_asyncio.fixture
async def chat_id(alice: Headers, bob: Headers) -> str:
    """Alice and bob talk."""

    @sync_to_async
    def begin() -> str:
        User.of("alice").connect("bob", "friend", staff=True)
        step()
        chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
        step()
        return chat_id

    return await begin()


@sync_to_async
def told(method: Callable[..., Any], *args: Any) -> Any:
    """Call a command, and let everybody hear of it."""
    answer = method(*args)
    step()
    return answer


async def frames(open_socket: Socket, *kinds: str) -> list[dict[str, Any]]:
    """The next frames, which are of these kinds, in this order."""
    got = [await open_socket.frame() for _ in kinds]
    assert [frame["type"] for frame in got] == list(kinds)
    return got


async def test_a_message_arrives_with_its_text(socket: Connect, bob: Headers, chat_id: str) -> None:
    reader = socket(**bob)
    await reader.open()
    sent = await told(Chat.of(chat_id).send, "alice", "hello")
    chats, news = await frames(reader, "chats", "chat.message")
    [ref] = chats["chats"]
    assert (ref["chat_id"], ref["unread"]) == (chat_id, 1)
    assert {"created_by", "created_at", "updated_at"} <= ref.keys()
    assert news["chat_id"] == chat_id
    assert news["message"]["message_id"] == sent.message_id
    assert (news["message"]["content"], news["message"]["created_by"]) == ("hello", "alice")
    assert await reader.receive_nothing()


async def test_its_author_hears_of_it_too(socket: Connect, alice: Headers, chat_id: str) -> None:
    other_window = socket(**alice)
    await other_window.open()
    await told(Chat.of(chat_id).send, "alice", "hello")
    chats, _ = await frames(other_window, "chats", "chat.message")
    assert chats["chats"][0]["unread"] == 0


async def test_changes_and_deletions_arrive(socket: Connect, bob: Headers, chat_id: str) -> None:
    chat = Chat.of(chat_id)
    message_id = (await told(chat.send, "alice", "hello")).message_id
    reader = socket(**bob)
    await reader.open()
    await told(chat.edit, message_id, "alice", "hello you")
    _, edited = await frames(reader, "chats", "chat.message")
    assert edited["message"]["content"] == "hello you"
    assert edited["message"]["edited_at"] is not None
    await told(chat.like, message_id, "bob", "love")
    _, liked = await frames(reader, "chats", "chat.message")
    assert liked["message"]["likes"] == {"bob": "love"}
    await told(chat.remove, message_id, "alice")
    chats, gone = await frames(reader, "chats", "chat.message_removed")
    assert chats["chats"][0]["unread"] == 0
    assert (gone["chat_id"], gone["message_id"]) == (chat_id, message_id)


async def test_coming_back_with_since_misses_nothing(
    socket: Connect, bob: Headers, chat_id: str
) -> None:
    reader = socket(**bob)
    await reader.open()
    await told(Chat.of(chat_id).send, "alice", "one")
    chats, _ = await frames(reader, "chats", "chat.message")
    seen = chats["chats"][0]["updated_at"]
    await reader.disconnect()
    await told(Chat.of(chat_id).send, "alice", "two")
    await told(Chat.of(chat_id).send, "alice", "three")
    again = socket(f"?since={quote(seen)}", **bob)
    await again.open()
    chats, *missed = await frames(again, "chats", "chat.message", "chat.message")
    assert [one["message"]["content"] for one in missed] == ["two", "three"]
    assert chats["chats"][0]["unread"] == 3


async def test_what_was_read_is_known_in_every_window(
    socket: Connect, bob: Headers, chat_id: str
) -> None:
    await told(Chat.of(chat_id).send, "alice", "hello")
    window = socket(**bob)
    await window.open()
    await told(UserChats.of("bob").mark_read, chat_id)
    [chats] = await frames(window, "chats")
    assert chats["chats"][0]["unread"] == 0


async def test_strangers_hear_nothing(socket: Connect, bob: Headers, chat_id: str) -> None:
    stranger = socket(**await sync_to_async(sign_in)("charlie"))
    await stranger.open()
    await stranger.send_to(text_data=typing_in(chat_id))
    await told(Chat.of(chat_id).send, "alice", "hello")
    assert await stranger.receive_nothing()


def typing_in(chat_id: str) -> str:
    return f'{{"type": "typing", "chat_id": "{chat_id}"}}'


async def test_typing_is_overheard_by_the_others(
    socket: Connect, alice: Headers, bob: Headers, chat_id: str
) -> None:
    writer, reader = socket(**alice), socket(**bob)
    await writer.open()
    await reader.open()
    for _ in range(3):  # said again too early it is not repeated
        await writer.send_to(text_data=typing_in(chat_id))
    [typing] = await frames(reader, "chat.typing")
    assert typing == {"type": "chat.typing", "chat_id": chat_id, "user_id": "alice"}
    assert await reader.receive_nothing()
    assert await writer.receive_nothing()


async def test_typing_goes_on(
    socket: Connect,
    alice: Headers,
    bob: Headers,
    chat_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat_stream, "TYPING_SECONDS", 0)
    writer, reader = socket(**alice), socket(**bob)
    await writer.open()
    await reader.open()
    for _ in range(2):
        await writer.send_to(text_data=typing_in(chat_id))
        await frames(reader, "chat.typing")


@pytest.mark.parametrize("shy", ["alice", "bob"])
async def test_who_does_not_want_it_shows_and_sees_no_typing(
    socket: Connect, alice: Headers, bob: Headers, chat_id: str, shy: str
) -> None:
    await told(UserChats.of(shy).set_settings, ChatSettings(typing=False))
    writer, reader = socket(**alice), socket(**bob)
    await writer.open()
    await reader.open()
    await writer.send_to(text_data=typing_in(chat_id))
    await writer.send_to(text_data='{"type": "ping"}')
    await frames(writer, "pong")
    assert await reader.receive_nothing()


def watching(chat_id: str, open_chat: str = "") -> str:
    return orjson.dumps({"type": "watch", "chats": [chat_id], "open": open_chat}).decode()


async def test_who_comes_is_told_to_those_who_watch(
    socket: Connect, alice: Headers, bob: Headers, chat_id: str
) -> None:
    watcher = socket(**alice)
    await watcher.open()
    await watcher.send_to(text_data=watching(chat_id))
    [before] = await frames(watcher, "presence")
    assert before["online"] == []
    for _ in range(2):  # the second window is no news
        await socket(**bob).open()
    [here] = await frames(watcher, "presence")
    assert here["online"] == ["bob"]
    assert await watcher.receive_nothing()
    await watcher.send_to(text_data=watching(chat_id))
    [again] = await frames(watcher, "presence")
    assert again["online"] == ["bob"]


async def test_who_goes_is_found_missing_when_next_looked_for(
    socket: Connect, alice: Headers, chat_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_socket, "RECHECK_SECONDS", 0.2)
    presence.stay(["bob"])
    watcher = socket(**alice)
    await watcher.open()
    await watcher.send_to(text_data=watching(chat_id))
    [here] = await frames(watcher, "presence")
    assert here["online"] == ["bob"]
    presence._valkey().delete(presence._key("bob"))  # as when it expires
    [gone] = await frames(watcher, "presence")
    assert gone["online"] == []


@pytest.mark.parametrize("shy", ["alice", "bob"])
async def test_who_does_not_want_it_is_not_here_and_sees_nobody(
    socket: Connect, alice: Headers, bob: Headers, chat_id: str, shy: str
) -> None:
    await told(UserChats.of(shy).set_settings, ChatSettings(presence=False))
    await socket(**bob).open()
    assert presence.here_among(["bob"]) == (set() if shy == "bob" else {"bob"})
    watcher = socket(**alice)
    await watcher.open()
    await watcher.send_to(text_data=watching(chat_id))
    [shown] = await frames(watcher, "presence")
    assert shown["online"] == []


async def test_a_switch_holds_for_sockets_that_are_open(
    socket: Connect, bob: Headers, chat_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_socket, "RECHECK_SECONDS", 0.1)
    await told(UserChats.of("bob").set_settings, ChatSettings(presence=False))
    await socket(**bob).open()
    assert presence.here_among(["bob"]) == set()
    await told(UserChats.of("bob").set_settings, ChatSettings())
    async with asyncio.timeout(PATIENCE):
        while not presence.here_among(["bob"]):
            await asyncio.sleep(0.05)


async def test_staff_who_look_on_make_nobody_present(
    socket: Connect, alice: Headers, chat_id: str
) -> None:
    root = await sync_to_async(sign_in)("root", is_staff=True)
    await socket("?user_id=bob", **root).open()
    assert presence.here_among(["bob"]) == set()


async def test_who_reads_is_told_to_those_who_have_the_chat_open(
    socket: Connect, alice: Headers, bob: Headers, chat_id: str
) -> None:
    message_id = (await told(Chat.of(chat_id).send, "alice", "hello")).message_id
    writer, stranger = socket(**alice), socket(**await sync_to_async(sign_in)("charlie"))
    for one, here in ((writer, "presence"), (stranger, "presence")):
        await one.open()
        await one.send_to(text_data=watching(chat_id, chat_id))
        await frames(one, here, "chat.read")
    await told(company.mark_read, "bob", chat_id, None)
    [read] = await frames(writer, "chat.read")
    assert read["read"] == {"bob": message_id}
    assert await stranger.receive_nothing()


@pytest.mark.parametrize("chats", [["x"], [1], [NOBODY] * 51, {}])
async def test_what_cannot_be_watched_is_refused(
    socket: Connect, bob: Headers, chats: object
) -> None:
    watcher = socket(**bob)
    await watcher.open()
    await watcher.send_to(text_data=orjson.dumps({"type": "watch", "chats": chats}).decode())
    [error] = await frames(watcher, "error")
    assert error["code"] == "frame_not_valid"
