"""Notifications without a browser: what they say, reading them, choosing among them."""

import re

import pytest
from django.test import Client

from agents_core.testing import step
from socialnet.agents.notices import Notice, NoticeKind
from socialnet.agents.notifications import Notifications
from socialnet.agents.user import User
from tests.browsing import HTMX, signed_in

POST_ID = "01900000-0000-7000-8000-000000000000"
COMMENT_ID = "01900000-0000-7000-8000-000000000001"
mine = Notifications.of("alice")


@pytest.fixture
def alice() -> Client:
    for name in ("Bob", "Carol", "Dave", "Eve"):
        User.of(name.lower()).register(name)
    step()
    return signed_in("alice")


def tell(
    kind: NoticeKind, *actors: str, subject: str = POST_ID, post_id: str | None = POST_ID
) -> None:
    for actor in actors:
        mine.add(Notice(kind=kind, subject=subject, actor=actor, post_id=post_id, text="Hello"))


def said(client: Client) -> list[str]:
    """Each notification in words."""
    cards = client.get("/notifications/").context["notices"]
    return [
        f"{'+'.join(person.display_name for person in card.people)}+{card.others} {card.did}"
        for card in cards
    ]


def test_a_friend_request_is_one_piece_of_news(alice: Client) -> None:
    User.of("bob").connect("alice", "friend")
    step()
    page = alice.get("/").content.decode()
    badges = [tag for tag in re.findall('<span class="badge"[^>]*>', page) if "hidden" not in tag]
    assert len(badges) == 1
    assert 'data-unread="1"' in badges[0]
    assert "Accept the friend request of Bob" in page


def test_they_are_said_in_words(alice: Client) -> None:
    tell("like", "bob", "carol", "dave", "eve")
    tell("like", "bob", subject=COMMENT_ID)
    tell("comment", "carol")
    tell("follow", "bob", "carol", subject="alice", post_id=None)
    assert said(alice) == [
        "Carol+Bob+0 follow you",
        "Carol+0 commented on your post",
        "Bob+0 reacted to your comment",
        "Eve+Dave+Carol+1 reacted to your post",
    ]


def test_they_lead_to_where_it_happened(alice: Client) -> None:
    tell("friend_accepted", "bob", subject="bob", post_id=None)
    tell("follow", "bob", subject="alice", post_id=None)
    tell("like", "bob", subject=COMMENT_ID)
    mine.add(
        Notice(kind="comment", subject=POST_ID, actor="bob", event=COMMENT_ID, post_id=POST_ID)
    )
    tell("mention", "bob")
    urls = [card.url for card in alice.get("/notifications/").context["notices"]]
    assert urls == [
        f"/posts/{POST_ID}/",
        f"/posts/{POST_ID}/?comment={COMMENT_ID}#comment-{COMMENT_ID}",
        f"/posts/{POST_ID}/?comment={COMMENT_ID}#comment-{COMMENT_ID}",
        "/u/bob/",
        "/u/bob/",
    ]


def test_of_a_chat_and_what_is_said_there_they_lead_to_the_chat(alice: Client) -> None:
    there = {"actor": "bob", "chat_id": COMMENT_ID}
    mine.add(Notice(kind="chat_invitation", subject=COMMENT_ID, **there))
    mine.add(Notice(kind="like", subject=POST_ID, **there))
    assert said(alice) == ["Bob+0 reacted to your message", "Bob+0 added you to a chat"]
    urls = [card.url for card in alice.get("/notifications/").context["notices"]]
    assert urls == [f"/chats/{COMMENT_ID}/"] * 2


def test_a_request_can_be_answered_there_until_it_is(alice: Client) -> None:
    User.of("bob").connect("alice", "friend")
    step()
    assert "Accept" in alice.get("/notifications/").content.decode()
    alice.post("/u/bob/connect/", {"action": "befriend", "next": "/notifications/"})
    step()
    assert "Accept" not in alice.get("/notifications/").content.decode()


def test_every_page_says_how_many_are_unread(alice: Client) -> None:
    assert 'data-unread="0"' in alice.get("/people/").content.decode()
    tell("like", "bob")
    assert 'data-unread="1"' in alice.get("/people/").content.decode()


def test_looking_reads_nothing(alice: Client) -> None:
    tell("like", "bob")
    alice.get("/notifications/")
    assert mine.get_news().unread == 1


def test_one_is_read(alice: Client) -> None:
    tell("like", "bob")
    tell("comment", "bob")
    one = alice.get("/notifications/").context["notices"][0].notification_id
    assert (
        alice.post("/notifications/read/", {"notification": one})["Location"] == "/notifications/"
    )
    cards = alice.get("/notifications/").context["notices"]
    assert [card.unread for card in cards] == [False, True]


def test_all_that_was_shown_is_read_and_nothing_else(alice: Client) -> None:
    tell("like", "bob")
    until = alice.get("/notifications/").context["until"].isoformat()
    tell("comment", "bob")
    answer = alice.post("/notifications/read/", {"until": until}, **HTMX)
    assert [card.unread for card in answer.context["notices"]] == [True, False]


@pytest.mark.parametrize("until", ["", "noon", "2026-01-01", "2026-99-99T00:00:00Z"])
def test_without_a_time_all_is_read(alice: Client, until: str) -> None:
    tell("like", "bob")
    alice.post("/notifications/read/", {"until": until})
    assert mine.get_news().unread == 0


def test_older_ones_are_a_page_away(alice: Client) -> None:
    for number in range(25):
        tell("like", "bob", subject=f"{number}")
    first = alice.get("/notifications/").context
    answer = alice.get("/notifications/", {"cursor": first["next_cursor"]}, **HTMX)
    assert (len(first["notices"]), len(answer.context["notices"])) == (20, 5)


def test_kinds_are_chosen(alice: Client) -> None:
    form = {"follow": "on", "mention": "on"}
    assert alice.post("/notifications/settings/", form).status_code == 302
    wanted = [kind for kind, on in mine.get_settings() if on]
    assert wanted == ["follow", "mention"]
    shown = alice.get("/notifications/settings/").context["form"].initial
    assert (shown["follow"], shown["like"]) == (True, False)


@pytest.mark.parametrize("path", ["/notifications/", "/notifications/settings/"])
def test_a_visitor_is_asked_to_sign_in(path: str) -> None:
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"
    assert Client().post("/notifications/read/").status_code == 302


def test_reading_is_no_get(alice: Client) -> None:
    assert alice.get("/notifications/read/").status_code == 405
