"""Profiles without a browser: what is shown to whom, editing, pictures, muting."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User as Account
from agents_core.testing import step
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts


def picture(colour: str = "red") -> SimpleUploadedFile:
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(kept, "PNG")
    return SimpleUploadedFile("me.png", kept.getvalue(), content_type="image/png")


def edit(client: Client, **fields: object) -> int:
    return client.post(
        "/account/profile/", {"name": "Alice", "bio": "", "email": "", **fields}
    ).status_code


def avatar_of(user_id: str) -> str:
    """The address of somebody's picture, as pages have it."""
    user = User.of(user_id).get_user()
    assert user is not None
    return f"/u/{user_id}/avatar/{user.avatar}/"


def test_a_profile_says_who_somebody_is(alice: Client, bob: Client) -> None:
    assert edit(alice, bio="I grow\ntomatoes. https://example.org/") == 302
    shown = bob.get("/u/alice/").content.decode()
    assert "Alice" in shown
    assert "I grow\ntomatoes." in shown
    assert 'href="https://example.org/"' in shown


def test_an_address_is_its_owners_and_staffs_to_see(alice: Client, bob: Client) -> None:
    edit(alice, email="alice@example.org")
    assert "alice@example.org" in alice.get("/u/alice/").content.decode()
    for path in ("/u/alice/", "/people/?q=alice", "/people/?q=alice@example.org"):
        found = bob.get(path)
        assert found.status_code == 200
        assert "alice@example.org" not in re.sub(
            r'value="[^"]*"|“[^”]*”', "", found.content.decode()
        )
    Account.objects.filter(username="bob").update(is_staff=True)
    assert "alice@example.org" in bob.get("/u/alice/").content.decode()


def test_posts_are_shown_the_newest_first(alice: Client, bob: Client) -> None:
    for text in ("First", "Second", "Third"):
        UserPosts.of("alice").create_post(text)
    shown = bob.get("/u/alice/").content.decode()
    assert shown.index("Third") < shown.index("Second") < shown.index("First")


def test_the_kind_is_the_viewers_and_can_be_ended_from_there(alice: Client, bob: Client) -> None:
    alice.post("/u/bob/connect/", {"action": "follow"})
    step()
    assert 'value="unfollow"' in alice.get("/u/bob/").content.decode()
    assert 'value="unfollow"' not in bob.get("/u/alice/").content.decode()
    assert "Follows you" in bob.get("/u/alice/").content.decode()
    alice.post("/u/bob/connect/", {"action": "unfollow"})
    step()
    assert 'value="unfollow"' not in alice.get("/u/bob/").content.decode()
    assert "Follows you" not in bob.get("/u/alice/").content.decode()


def test_adding_a_friend_asks_for_friendship_and_for_nothing_else(
    alice: Client, bob: Client
) -> None:
    alice.post("/u/bob/connect/", {"action": "befriend"})
    step()
    mine, theirs = (User.of(user_id).get_user() for user_id in ("alice", "bob"))
    assert mine is not None
    assert theirs is not None
    assert mine.connected_users["bob"].connection_types == []
    assert (mine.connected_users["bob"].requested, theirs.requests) == (True, ["alice"])
    assert "Accept" in bob.get("/u/alice/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 81),
        ("bio", "x" * 301),
        ("email", "not an address"),
        ("picture", SimpleUploadedFile("me.png", b"<svg/>", content_type="image/png")),
    ],
)
def test_what_is_refused_changes_nothing_of_a_profile(
    alice: Client, field: str, value: object
) -> None:
    edit(alice, bio="Before")
    answer = alice.post(
        "/account/profile/", {"name": "After", "bio": "After", "email": "", field: value}
    )
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    me = User.of("alice").get_user()
    assert me is not None
    assert (me.name, me.bio, me.avatar) == ("Alice", "Before", None)


def test_a_picture_is_taken_shown_changed_and_removed(alice: Client, bob: Client) -> None:
    assert edit(alice, picture=picture()) == 302
    first = avatar_of("alice")
    assert first in bob.get("/u/alice/").content.decode()
    assert bob.get(first).status_code == 200
    edit(alice, picture=picture("blue"))
    assert avatar_of("alice") != first
    assert bob.get(avatar_of("alice")).status_code == 200
    assert bob.get(first).status_code == 404
    last = avatar_of("alice")
    edit(alice, remove_picture="on")
    assert bob.get(last).status_code == 404
    assert "/avatar/" not in bob.get("/u/alice/").content.decode()


def test_the_same_picture_again_changes_nothing(alice: Client) -> None:
    edit(alice, picture=picture())
    before = User.of("alice").get_user()
    edit(alice, picture=picture())
    assert User.of("alice").get_user() == before


def test_a_picture_is_sent_as_nothing_but_a_picture(alice: Client) -> None:
    edit(alice, picture=picture())
    answer = alice.get(avatar_of("alice"))
    assert Image.open(io.BytesIO(answer.content)).format == "WEBP"
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_picture_is_for_those_who_may_see_the_person(alice: Client, bob: Client) -> None:
    edit(alice, picture=picture())
    path = avatar_of("alice")
    assert Client().get(path).status_code == 302
    assert bob.get(path).status_code == 200
    User.of("alice").block("bob")
    step()
    assert bob.get(path).status_code == 404
    assert alice.get("/u/nobody/avatar/x/").status_code == 404


def test_muting_is_said_shown_and_taken_back(alice: Client, bob: Client) -> None:
    alice.post("/u/bob/mute/", {"action": "mute"})
    assert "Muted" in alice.get("/u/bob/").content.decode()
    assert "Muted" not in bob.get("/u/alice/").content.decode()
    shown = alice.get("/u/alice/connections/?type=muted")
    assert [person.user_id for person in shown.context["people"]] == ["bob"]
    alice.post("/u/bob/mute/", {"action": "unmute"})
    assert alice.get("/u/alice/connections/?type=muted").context["people"] == []


def test_nobody_sees_whom_another_has_muted(alice: Client, bob: Client) -> None:
    alice.post("/u/bob/mute/", {"action": "mute"})
    answer = bob.get("/u/alice/connections/?type=muted")
    assert [tab.type for tab in answer.context["tabs"]] == ["friend", "following", "follower"]
    assert answer.context["people"] == []


@pytest.mark.parametrize("path", ["/u/nobody/mute/", "/u/no one/mute/"])
def test_there_must_be_somebody_to_mute(alice: Client, path: str) -> None:
    assert alice.post(path, {"action": "mute"}).status_code == 404
    assert alice.get("/u/alice/mute/").status_code == 405


def test_one_writes_on_ones_own_profile_and_on_no_other(alice: Client, bob: Client) -> None:
    assert 'name="content"' in alice.get("/u/alice/").content.decode()
    assert 'name="content"' not in alice.get("/u/bob/").content.decode()
