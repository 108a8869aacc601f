"""Muting somebody: their doings are spared, and nobody knows."""

from __future__ import annotations

import pytest

from agents_core import AgentError
from agents_core.testing import step
from socialnet.agents.notices import Notice
from socialnet.agents.notifications import Notifications
from socialnet.agents.post import Post
from socialnet.agents.search import UserSearch
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.views import UserPostsView
from tests.socialnet.agents.conftest import texts, timeline

alice = User.of("alice")


@pytest.fixture(autouse=True)
def followed(people: None) -> None:
    """Alice follows Bob, who writes."""
    alice.connect("bob", "following")
    step()
    UserPosts.of("bob").create_post("Loud")
    step()


def test_a_mute_empties_the_timeline_and_its_end_brings_all_back() -> None:
    assert texts(timeline("alice")) == ["Loud"]
    alice.mute("bob")
    UserPosts.of("bob").create_post("Louder")
    step()
    assert texts(timeline("alice")) == []
    alice.unmute("bob")
    assert texts(timeline("alice")) == ["Louder", "Loud"]


def test_a_mute_cuts_nothing_and_is_ones_own_affair() -> None:
    before = User.of("bob").get_user()
    view = alice.mute("bob")
    step()
    assert User.of("bob").get_user() == before
    assert view.connected_users["bob"].connection_types == ["following"]
    assert view.mutes == ["bob"]
    assert view.seen_by("charlie").mutes is None


def test_repeating_changes_nothing() -> None:
    assert alice.mute("bob") == alice.mute("bob")
    assert alice.unmute("bob") == alice.unmute("bob")


def test_what_the_muted_say_under_posts_is_spared_as_well() -> None:
    post_id = UserPosts.of("alice").create_post("Quiet").post_id
    Post.of(post_id).comment("bob", "Loud again")
    Post.of(post_id).like("bob", "like")
    step()
    alice.mute("bob")
    [post] = timeline("alice")
    assert (post.content, post.comments, post.likes) == ("Quiet", [], {})


def test_who_goes_to_read_the_muted_may() -> None:
    alice.mute("bob")
    assert texts(UserPostsView.of("bob").get_posts("alice").items) == ["Loud"]
    assert [user.user_id for user in UserSearch.of().search("bob", "alice").items] == ["bob"]


def test_the_muted_are_not_told_of() -> None:
    notifications = Notifications.of("alice")
    notifications.add(Notice(kind="like", subject="p", actor="bob"))
    alice.mute("bob")
    step()
    assert notifications.get_notifications().items == []
    notifications.add(Notice(kind="like", subject="q", actor="bob"))
    assert notifications.get_news().unread == 0
    alice.unmute("bob")
    notifications.add(Notice(kind="like", subject="q", actor="bob"))
    assert notifications.get_news().unread == 1


@pytest.mark.parametrize(
    ("other", "code"), [("nobody", "user_not_found"), ("alice", "self_connection")]
)
def test_there_must_be_somebody_to_mute(other: str, code: str) -> None:
    for command in (alice.mute, alice.unmute):
        with pytest.raises(AgentError) as refusal:
            command(other)
        assert refusal.value.code == code


def test_who_blocks_is_not_there_to_be_muted_but_a_mute_can_end() -> None:
    alice.mute("bob")
    User.of("bob").block("alice")
    step()
    assert alice.unmute("bob").mutes == []
    with pytest.raises(AgentError) as refusal:
        alice.mute("bob")
    assert refusal.value.code == "user_not_found"
