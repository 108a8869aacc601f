"""Chats where several people do something at once, and who is taken in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from agents_core import AgentError
from agents_core.clock import ordered_uuid, to_micros
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


def knows(one: str, *others: str) -> None:
    """One follows the others, who may take them into chats."""
    for other in others:
        User.of(one).connect(other, "following", staff=True)
    step()


def test_who_is_taken_into_a_group_is_notified() -> None:
    knows("bob", "alice")
    knows("charlie", "alice", "bob")
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


def test_a_chat_with_a_stranger_is_a_request_until_it_is_accepted() -> None:
    knows("alice", "bob")  # to follow somebody makes nobody known to them
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    bobs = UserChats.of("bob")
    step()
    assert noticed("bob") == []  # nothing has been said
    for _ in range(2):
        Chat.of(chat_id).send("alice", "Buy my carpets")
    step()
    [ref] = bobs.get_requests().items
    assert (ref.chat_id, ref.requested_by, ref.unread) == (chat_id, "alice", 2)
    assert (bobs.count_requests(), bobs.get_unread()) == (1, 0)
    assert noticed("bob") == [("chat_request", chat_id, ["alice"])]
    for _ in range(2):
        assert bobs.accept(chat_id).requested_by is None
    step()
    assert (bobs.count_requests(), bobs.get_unread()) == (0, 2)
    assert noticed("bob") == []
    Chat.of(chat_id).send("alice", "Thank you")
    step()
    assert bobs.get_unread() == 3
    assert noticed("bob") == []


def answer(chat_id: str) -> None:
    Chat.of(chat_id).send("bob", "Who are you?")


def open_it_too(chat_id: str) -> None:
    assert UserChats.of("bob").create_chat(["alice"]).chat_id == chat_id


@pytest.mark.parametrize("take_up", [answer, open_it_too])
@pytest.mark.parametrize("is_late", [False, True])
def test_who_answers_or_opens_a_request_accepts_it(
    take_up: Callable[[str], None], is_late: bool
) -> None:
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    if not is_late:  # the news of it has arrived
        step()
    take_up(chat_id)
    step()
    assert UserChats.of("bob").count_requests() == 0
    [ref] = UserChats.of("bob").get_chats().items
    assert ref.requested_by is None
    assert Chat.of(chat_id).get_company("alice") == ["bob"]


def test_a_request_that_is_left_or_whose_asker_is_blocked_is_gone() -> None:
    asked = [UserChats.of(one).create_chat(["bob"]).chat_id for one in ("alice", "charlie")]
    for chat_id, one in zip(asked, ("alice", "charlie"), strict=True):
        Chat.of(chat_id).send(one, "hello")
    step()
    assert UserChats.of("bob").count_requests() == 2
    Chat.of(asked[0]).remove_participant("bob", "bob")
    User.of("bob").block("charlie")
    step()
    assert UserChats.of("bob").count_requests() == UserChats.of("bob").get_unread() == 0
    assert noticed("bob") == []


def test_what_somebody_blocked_has_said_waits_no_more() -> None:
    for one, other in (("alice", "bob"), ("bob", "charlie")):
        User.of(one).connect(other, "friend", staff=True)
    step()
    bob = UserChats.of("bob")
    for one in ("alice", "charlie"):  # of the one bob keeps the chat, the other keeps it of him
        Chat.of(UserChats.of(one).create_chat(["bob"]).chat_id).send(one, "hello")
    step()
    for left, one in ((1, "alice"), (0, "charlie")):
        User.of("bob").block(one)
        step()
        assert bob.get_unread() == left
    User.of("bob").unblock("alice")
    step()
    assert bob.get_unread() == 1


def test_messages_of_an_earlier_time_are_brought_in_once_and_in_order() -> None:
    long_ago = datetime(2026, 1, 1, 12, tzinfo=UTC)
    chat_id = UserChats.of("alice").create_chat(["bob"], long_ago).chat_id
    chat = Chat.of(chat_id)
    ids = [str(ordered_uuid(to_micros(long_ago) + number, 1)) for number in range(3)]
    for message_id in (ids[0], ids[2], ids[2]):
        chat.import_message(message_id, "alice", "hello", long_ago)
    with pytest.raises(AgentError) as refused:
        chat.import_message(ids[1], "alice", "hello", long_ago)
    assert refused.value.code == "later_messages"
    with pytest.raises(AgentError) as refused:
        chat.import_message(ids[1], "alice", "hello", datetime(2126, 1, 1, tzinfo=UTC))
    assert refused.value.code == "time_not_valid"
    seen = chat.get_chat("alice")
    assert seen is not None
    assert [one.message_id for one in seen.messages] == [ids[0], ids[2]]
    assert {one.created_at for one in seen.messages} == {seen.created_at} == {long_ago}
