"""Chats where several people do something at once, and who is taken in."""

from __future__ import annotations

import pytest

from agents_core import AgentError
from agents_core.testing import step
from socialnet.agents.chat import Chat
from socialnet.agents.notifications import Notifications
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from tests.agents_core.racing import together


def test_two_who_open_their_chat_at_once_have_one() -> None:
    opened = together(
        *[lambda: UserChats.of("alice").create_chat(["bob"]).chat_id] * 3,
        *[lambda: UserChats.of("bob").create_chat(["alice"]).chat_id] * 3,
    )
    step()
    assert len(set(opened)) == 1
    for user_id in ("alice", "bob"):
        assert [ref.chat_id for ref in UserChats.of(user_id).get_chats().items] == opened[:1]


def test_all_who_write_at_once_are_read_and_counted_once() -> None:
    chat_id = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    step()
    chat = Chat.of(chat_id)
    sent = together(
        *[lambda: chat.send("alice", "hello").message_id] * 5,
        *[lambda: chat.send("bob", "hello").message_id] * 5,
    )
    step()
    seen = chat.get_chat("charlie")
    assert seen is not None
    assert [message.message_id for message in seen.messages] == sorted(sent)
    ref = UserChats.of("charlie").get_ref(chat_id)
    assert ref is not None
    assert ref.unread == 10


@pytest.mark.parametrize(("blocker", "blocked"), [("alice", "dora"), ("dora", "bob")])
def test_nobody_is_taken_in_whom_a_block_parts_from_a_member(blocker: str, blocked: str) -> None:
    User.of("dora").register()
    chat_id = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    User.of(blocker).block(blocked)
    step()
    with pytest.raises(AgentError) as refused:
        Chat.of(chat_id).add_participants("charlie", ["dora"])
    assert refused.value.code == "user_not_found"
    with pytest.raises(AgentError) as refused:
        UserChats.of("charlie").create_chat([blocker, blocked])
    assert refused.value.code == "user_not_found"
    User.of(blocker).unblock(blocked)
    step()
    assert "dora" in Chat.of(chat_id).add_participants("charlie", ["dora"]).participants


def test_who_leaves_while_news_is_on_its_way_has_no_chat_left() -> None:
    chat_id = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    step()
    message_id = Chat.of(chat_id).send("alice", "hello").message_id
    step()
    Chat.of(chat_id).remove(message_id, "alice")
    Chat.of(chat_id).remove_participant("bob", "bob")
    step()
    assert UserChats.of("bob").get_chats().items == []
    assert UserChats.of("bob").get_unread() == 0


def noticed(user_id: str) -> list[tuple[str, str | None, list[str]]]:
    items = Notifications.of(user_id).get_notifications().items
    return [(item.kind, item.chat_id, item.actors) for item in items]


def test_who_is_taken_into_a_group_is_notified() -> None:
    pair = UserChats.of("alice").create_chat(["bob"]).chat_id
    group = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    step()
    assert noticed("bob") == noticed("charlie") == [("chat_invitation", group, ["alice"])]
    Chat.of(pair).add_participants("bob", ["charlie"])
    step()
    assert noticed("charlie")[0] == ("chat_invitation", pair, ["bob"])
    assert noticed("alice") == []


def test_whose_message_is_liked_is_notified_while_they_take_part() -> None:
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    chat = Chat.of(chat_id)
    message_id = chat.send("alice", "hello").message_id
    chat.like(message_id, "bob", "love")
    chat.like(message_id, "alice", "like")
    step()
    assert noticed("alice") == [("like", chat_id, ["bob"])]
    Notifications.of("alice").mark_read()
    chat.remove_participant("alice", "alice")
    chat.like(message_id, "bob", "like")
    step()
    assert noticed("alice") == [("like", chat_id, ["bob"])]
