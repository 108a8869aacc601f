"""What people are told of: grouped while it is unread, once, and only what they want to hear."""

from __future__ import annotations

import pytest

from agents_core.testing import fault_at, step
from socialnet.agents import notifications
from socialnet.agents.notices import Notice, NoticeKind, Notification, NotificationSettings
from socialnet.agents.notifications import Notifications
from socialnet.agents.user import User
from tests.socialnet.agents.conftest import Befriend

alice = Notifications.of("alice")


def notice(
    actor: str,
    kind: NoticeKind = "like",
    subject: str = "post-1",
    *,
    event: str = "",
    said: str = "",
) -> Notice:
    return Notice(kind=kind, subject=subject, actor=actor, event=event, text=said)


def told(user_id: str = "alice") -> list[Notification]:
    return Notifications.of(user_id).get_notifications().items


def kinds(user_id: str) -> list[tuple[str, list[str]]]:
    return [(item.kind, item.actors) for item in told(user_id)]


def unread(user_id: str = "alice") -> int:
    return Notifications.of(user_id).get_news().unread


def test_what_several_do_about_the_same_is_one_notification() -> None:
    alice.add(notice("bob"))
    alice.add(notice("charlie"))
    alice.add(notice("bob", subject="post-2"))
    alice.add(notice("bob", "comment"))
    assert [(item.subject, item.kind, item.actors) for item in told()] == [
        ("post-1", "comment", ["bob"]),
        ("post-2", "like", ["bob"]),
        ("post-1", "like", ["charlie", "bob"]),
    ]
    assert [item.actor_count for item in told()] == [1, 1, 2]
    assert unread() == 3


def test_the_same_act_again_is_no_news_read_or_not() -> None:
    alice.add(notice("bob"))
    before = alice.get_notifications()
    alice.add(notice("bob"))
    assert alice.get_notifications() == before
    alice.mark_read()
    alice.add(notice("bob"))
    assert (unread(), len(told())) == (0, 1)


def test_several_acts_of_one_person_are_told_apart_by_their_event() -> None:
    alice.add(notice("bob", "comment", event="c1", said="First"))
    alice.add(notice("bob", "comment", event="c2", said="Second"))
    [item] = told()
    assert (item.actors, item.actor_count, item.text) == (["bob"], 1, "Second")
    alice.mark_read()
    alice.add(notice("bob", "comment", event="c3", said="Third"))
    assert [(item.text, item.unread) for item in told()] == [("Third", True), ("Second", False)]


def test_only_the_latest_actors_are_named_and_all_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications, "ACTORS_MAX", 1)
    alice.add(notice("bob"))
    alice.add(notice("charlie"))
    [item] = told()
    assert (item.actors, item.actor_count) == (["charlie"], 2)


def test_news_move_a_notification_up() -> None:
    alice.add(notice("bob", subject="post-1"))
    alice.add(notice("bob", subject="post-2"))
    alice.add(notice("charlie", subject="post-1"))
    assert [item.subject for item in told()] == ["post-1", "post-2"]


def test_a_long_text_is_cut() -> None:
    alice.add(notice("bob", said="x" * 1_000))
    assert told()[0].text == "x" * 140


def test_some_are_read() -> None:
    alice.add(notice("bob", subject="post-1"))
    alice.add(notice("bob", subject="post-2"))
    [newest, _] = told()
    assert alice.mark_read([newest.notification_id]).unread == 1
    assert [item.unread for item in told()] == [False, True]
    assert alice.mark_read([newest.notification_id]).unread == 1
    assert alice.mark_read(["unknown"]).unread == 1


def test_all_are_read() -> None:
    alice.add(notice("bob", subject="post-1"))
    alice.add(notice("bob", subject="post-2"))
    assert alice.mark_read().unread == 0
    assert [item.unread for item in told()] == [False, False]
    assert alice.mark_read().unread == 0


def test_what_came_after_the_page_was_read_stays_unread() -> None:
    alice.add(notice("bob", subject="post-1"))
    seen = told()[0].updated_at
    alice.add(notice("bob", subject="post-2"))
    assert alice.mark_read(until=seen).unread == 1
    assert [item.unread for item in told()] == [True, False]


def test_reading_nothing_is_fine() -> None:
    assert alice.mark_read().unread == 0
    assert told() == []


@pytest.mark.parametrize("read", [False, True])
def test_what_is_taken_back_is_not_told(*, read: bool) -> None:
    alice.add(notice("bob"))
    alice.add(notice("charlie"))
    if read:
        alice.mark_read()
    alice.withdraw("like", "post-1", "bob")
    alice.withdraw("like", "post-1", "bob")
    [item] = told()
    assert (item.actors, item.actor_count, unread()) == (["charlie"], 1, 0 if read else 1)
    alice.withdraw("like", "post-1", "charlie")
    assert (told(), unread()) == ([], 0)


def test_what_was_taken_back_can_be_done_anew() -> None:
    alice.add(notice("bob"))
    alice.withdraw("like", "post-1", "bob")
    alice.add(notice("bob"))
    assert (len(told()), unread()) == (1, 1)


def test_kinds_that_are_switched_off_are_not_told() -> None:
    alice.set_settings(NotificationSettings(like=False))
    alice.add(notice("bob"))
    alice.add(notice("bob", "comment"))
    assert [item.kind for item in told()] == ["comment"]
    assert alice.get_settings().like is False
    alice.set_settings(NotificationSettings())
    alice.add(notice("bob"))
    assert len(told()) == 2


def test_nobody_is_told_of_their_own_doings() -> None:
    alice.add(notice("alice"))
    assert (told(), unread()) == ([], 0)


def test_who_is_not_there_is_told_nothing() -> None:
    Notifications.of("nobody").add(notice("bob"))
    assert told("nobody") == []


@pytest.mark.parametrize(("blocker", "blocked"), [("alice", "bob"), ("bob", "alice")])
def test_a_block_silences_and_takes_out(blocker: str, blocked: str) -> None:
    alice.add(notice("bob"))
    alice.add(notice("charlie"))
    alice.add(notice("bob", subject="post-2"))
    User.of(blocker).block(blocked)
    step()
    alice.add(notice("bob", subject="post-3"))
    assert kinds("alice") == [("like", ["charlie"])]
    assert (told()[0].actor_count, unread()) == (1, 1)
    alice.withdraw("like", "post-1", "bob")
    assert told()[0].actor_count == 1


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "NOTIFICATIONS_MAX", 3)
    alice.add(notice("bob", subject="0"))
    for number in range(1, 5):
        alice.add(notice("bob", subject=str(number)))
        if number == 3:
            alice.mark_read([told()[0].notification_id])
    assert [item.subject for item in told()] == ["4", "3", "2"]
    assert unread() == 2
    alice.add(notice("charlie", subject="0"))
    assert [item.subject for item in told()] == ["0", "4", "3"]


def test_a_notice_is_told_once_whatever_dies() -> None:
    alice.trigger.add(notice("bob"))
    with fault_at("turn", "after"):
        step()
    step()
    assert (len(told()), told()[0].actor_count) == (1, 1)


def test_a_request_is_told_and_its_answer(befriend: Befriend) -> None:
    User.of("alice").connect("bob", "friend")
    step()
    assert kinds("bob") == [("friend_request", ["alice"])]
    User.of("bob").connect("alice", "friend")
    step()
    assert kinds("bob") == []
    assert kinds("alice") == [("friend_accepted", ["bob"])]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_request_that_is_withdrawn_or_declined_is_told_no_more(who: str) -> None:
    User.of("alice").connect("bob", "friend")
    step()
    User.of(who).disconnect({"alice": "bob", "bob": "alice"}[who], "friend")
    step()
    assert kinds("bob") == kinds("alice") == []
    User.of("alice").connect("bob", "friend")
    step()
    assert kinds("bob") == [("friend_request", ["alice"])]


def test_a_follower_is_told_while_they_follow() -> None:
    User.of("bob").connect("alice", "following")
    User.of("charlie").connect("alice", "following")
    step()
    assert len(told()) == 1
    assert set(told()[0].actors) == {"bob", "charlie"}
    User.of("bob").disconnect("alice", "following")
    step()
    assert kinds("alice") == [("follow", ["charlie"])]


def test_what_staff_connects_is_no_news() -> None:
    User.of("alice").connect("bob", "friend", staff=True)
    User.of("alice").connect("charlie", "following", staff=True)
    step()
    assert kinds("alice") == kinds("bob") == kinds("charlie") == []
