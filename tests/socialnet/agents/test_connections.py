"""Connections: following by one's own will, friendship by both's, and what refuses them."""

from __future__ import annotations

import pytest

from agents_core.testing import step
from socialnet.agents import user_connections
from socialnet.agents.errors import (
    ConsentNeeded,
    SelfConnection,
    UserNotFound,
)
from socialnet.agents.schemas import CONNECTION_TYPES, ConnectionType
from socialnet.agents.user import User
from tests.socialnet.agents.conftest import Befriend
from tests.socialnet.agents.people import person, types

# following


def test_it_follows_at_once() -> None:
    view = User.of("alice").connect("bob", "following")
    assert view.connected_users["bob"].connection_types == ["following"]
    assert view.connection_counts.following == 1


def test_it_makes_the_other_side_a_follower() -> None:
    User.of("alice").connect("bob", "following")
    step()
    assert types("bob", "alice") == ["follower"]
    assert person("bob").connection_counts.follower == 1


def test_it_changes_nothing_when_it_follows_again() -> None:
    before = User.of("alice").connect("bob", "following")
    step()
    assert User.of("alice").connect("bob", "following") == before
    assert step() == 0


def test_it_unfollows_on_both_sides() -> None:
    User.of("alice").connect("bob", "following")
    step()
    view = User.of("alice").disconnect("bob", "following")
    step()
    assert view.connected_users == {}
    assert person("bob").connected_users == {}
    assert person("bob").connection_counts.follower == 0


def test_it_removes_a_follower_on_both_sides() -> None:
    User.of("alice").connect("bob", "following")
    step()
    assert User.of("bob").disconnect("alice", "follower").connected_users == {}
    step()
    assert types("alice", "bob") == []
    assert person("alice").connection_counts.following == 0


def test_nobody_is_made_to_follow() -> None:
    with pytest.raises(ConsentNeeded) as refusal:
        User.of("alice").connect("bob", "follower")
    assert (refusal.value.status, refusal.value.code) == (403, "consent_needed")
    assert types("alice", "bob") == []


def test_staff_can_make_somebody_follow() -> None:
    User.of("alice").connect("bob", "follower", staff=True)
    step()
    assert types("alice", "bob") == ["follower"]
    assert types("bob", "alice") == ["following"]


# friends


def test_it_asks_to_be_friends() -> None:
    view = User.of("alice").connect("bob", "friend")
    assert view.connected_users["bob"].requested
    assert view.connected_users["bob"].connection_types == []
    assert view.connection_counts.friend == 0


def test_the_other_sees_the_request_in_their_own_view_alone() -> None:
    User.of("alice").connect("bob", "friend")
    step()
    assert person("bob").requests == ["alice"]
    assert person("bob").connected_users == {}
    assert person("bob").seen_by("charlie").requests is None
    assert person("alice").seen_by("charlie").connected_users == {}


def test_it_makes_friends_when_the_other_asks_back() -> None:
    User.of("alice").connect("bob", "friend")
    step()
    view = User.of("bob").connect("alice", "friend")
    assert view.connected_users["alice"].connection_types == ["friend"]
    assert view.requests == []
    step()
    assert types("alice", "bob") == ["friend"]
    assert "requested" not in person("alice").model_dump(mode="json")["connected_users"]["bob"]
    assert person("alice").connection_counts.friend == 1


def test_requests_that_cross_make_friends() -> None:
    User.of("alice").connect("bob", "friend")
    User.of("bob").connect("alice", "friend")
    step()
    assert types("alice", "bob") == types("bob", "alice") == ["friend"]
    assert person("alice").requests == person("bob").requests == []


def test_it_changes_nothing_when_it_asks_again() -> None:
    before = User.of("alice").connect("bob", "friend")
    step()
    assert User.of("alice").connect("bob", "friend") == before
    assert step() == 0


def test_it_withdraws_a_request() -> None:
    User.of("alice").connect("bob", "friend")
    step()
    User.of("alice").disconnect("bob", "friend")
    step()
    assert person("bob").requests == []
    assert person("alice").connected_users == {}


def test_it_declines_a_request() -> None:
    User.of("alice").connect("bob", "friend")
    step()
    assert User.of("bob").disconnect("alice", "friend").requests == []
    step()
    assert person("alice").connected_users == {}


def test_a_declined_request_can_be_made_again() -> None:
    User.of("alice").connect("bob", "friend")
    step()
    User.of("bob").disconnect("alice", "friend")
    step()
    User.of("alice").connect("bob", "friend")
    step()
    assert person("bob").requests == ["alice"]


def test_it_ends_a_friendship_on_both_sides(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("bob").disconnect("alice", "friend")
    step()
    assert types("alice", "bob") == types("bob", "alice") == []
    assert person("alice").requests == person("bob").requests == []


def test_staff_makes_friends_at_once() -> None:
    view = User.of("alice").connect("bob", "friend", staff=True)
    assert view.connected_users["bob"].connection_types == ["friend"]
    step()
    assert types("bob", "alice") == ["friend"]


def test_it_can_be_everything_at_once(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("alice").connect("bob", "following")
    User.of("bob").connect("alice", "following")
    step()
    assert types("alice", "bob") == ["friend", "follower", "following"]
    User.of("alice").disconnect("bob", "friend")
    step()
    assert types("bob", "alice") == ["follower", "following"]


# refusals


@pytest.mark.parametrize("kind", CONNECTION_TYPES)
def test_nobody_is_connected_to_themselves(kind: ConnectionType) -> None:
    with pytest.raises(SelfConnection) as refusal:
        User.of("alice").connect("alice", kind)
    assert refusal.value.code == "self_connection"


@pytest.mark.parametrize("kind", CONNECTION_TYPES)
def test_it_does_not_connect_to_nobody(kind: ConnectionType) -> None:
    with pytest.raises(UserNotFound):
        User.of("alice").connect("nobody", kind)
    with pytest.raises(UserNotFound):
        User.of("alice").disconnect("nobody", kind)


def test_nobody_does_not_connect() -> None:
    with pytest.raises(UserNotFound):
        User.of("nobody").connect("alice", "following")
    assert User.of("nobody").get_user() is None


@pytest.mark.parametrize("kind", CONNECTION_TYPES)
def test_it_changes_nothing_when_there_is_nothing_to_end(kind: ConnectionType) -> None:
    before = person("alice")
    assert User.of("alice").disconnect("bob", kind) == before
    assert step() == 0


# lists


def test_it_lists_connections_newest_first_and_by_kind(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("alice").connect("charlie", "following")
    listed = User.of("alice").get_connections()
    assert [item.user_id for item in listed.items] == ["charlie", "bob"]
    friends = User.of("alice").get_connections("friend")
    assert [item.user_id for item in friends.items] == ["bob"]
    assert User.of("alice").get_connections("follower").items == []


def test_it_lists_requests_of_mine_to_me_alone() -> None:
    User.of("alice").connect("bob", "friend")
    User.of("alice").connect("charlie", "following")
    page = User.of("alice").get_connections()
    assert [(item.user_id, item.requested) for item in page.items] == [
        ("charlie", False),
        ("bob", True),
    ]
    assert [item.user_id for item in page.seen_by_others().items] == ["charlie"]


def test_it_lists_nothing_that_ended() -> None:
    for other in ("bob", "charlie"):
        User.of("alice").connect(other, "following")
    User.of("alice").disconnect("bob", "following")
    page = User.of("alice").get_connections(limit=1)
    assert [item.user_id for item in page.items] == ["charlie"]
    rest = User.of("alice").get_connections(limit=1, cursor=page.next_cursor)
    assert rest.items == []
    assert rest.next_cursor is None


def test_it_lists_many_connections_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_connections, "NEWEST_CONNECTIONS", 5)
    names = [f"u{number}" for number in range(8)]
    for name in names:
        User.of(name).register()
        User.of(name).connect("alice", "following")
    step()
    view = person("alice")
    assert view.connection_counts.follower == 8
    assert len(view.connected_users) == 5
    first = User.of("alice").get_connections("follower", limit=6)
    second = User.of("alice").get_connections("follower", limit=6, cursor=first.next_cursor)
    assert sorted(item.user_id for item in first.items + second.items) == names
    assert second.next_cursor is None


def test_its_audience_is_walked_by_key(befriend: Befriend) -> None:
    befriend("alice", "charlie")
    User.of("bob").connect("alice", "following")
    User.of("charlie").connect("alice", "following")
    step()
    assert User.of("alice").audience() == [("bob", "follower"), ("charlie", "friend")]
    assert User.of("alice").audience(after="bob", limit=1) == [("charlie", "friend")]
