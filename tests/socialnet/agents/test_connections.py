"""Connecting: consent, both sides, repeats, refusals, blocks."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from agents_core import database
from agents_core.models import Message
from agents_core.testing import step
from socialnet.agents import user_connections
from socialnet.agents.errors import (
    ConsentNeeded,
    SelfConnection,
    UserBlocked,
    UserNotFound,
)
from socialnet.agents.schemas import CONNECTION_TYPES, ConnectionType, UserView
from socialnet.agents.user import User
from tests.socialnet.agents.conftest import Befriend


def person(user_id: str) -> UserView:
    view = User.of(user_id).get_user()
    assert view is not None
    return view


def types(owner: str, other: str) -> list[ConnectionType]:
    """What the other is to the owner."""
    connection = User.of(owner).get_connection(other)
    return connection.connection_types if connection else []


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


# blocks


def test_a_block_cuts_both_directions(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("alice").connect("bob", "following")
    User.of("bob").connect("alice", "following")
    step()
    User.of("alice").block("bob")
    step()
    assert types("alice", "bob") == types("bob", "alice") == []
    assert person("bob").connection_counts.model_dump() == {
        "friend": 0,
        "follower": 0,
        "following": 0,
    }
    assert User.of("bob").audience() == []


def test_a_block_is_known_to_the_blocker_alone() -> None:
    before = person("bob")
    User.of("alice").block("bob")
    step()
    assert person("alice").blocks == ["bob"]
    assert person("bob") == before


def test_a_block_hides_both_from_each_other() -> None:
    User.of("alice").block("bob")
    step()
    assert User.of("alice").hides("bob")
    assert User.of("bob").hides("alice")
    assert not User.of("charlie").hides("alice")
    assert User.of("bob").hidden_among(["alice", "charlie"]) == ["alice"]


@pytest.mark.parametrize("kind", CONNECTION_TYPES)
def test_who_is_blocked_meets_nobody(kind: ConnectionType) -> None:
    User.of("alice").block("bob")
    step()
    for act in (User.of("bob").connect, User.of("bob").disconnect):
        with pytest.raises(UserNotFound) as refusal:
            act("alice", kind)
        assert refusal.value.facts == {"user_id": "alice"}
    with pytest.raises(UserNotFound):
        User.of("bob").block("alice")
    with pytest.raises(UserNotFound):
        User.of("bob").unblock("alice")


def test_the_blocker_is_told_to_lift_the_block_first() -> None:
    User.of("alice").block("bob")
    with pytest.raises(UserBlocked) as refusal:
        User.of("alice").connect("bob", "following")
    assert refusal.value.status == 409


def test_it_changes_nothing_to_block_or_lift_twice() -> None:
    blocked = User.of("alice").block("bob")
    assert User.of("alice").block("bob") == blocked
    lifted = User.of("alice").unblock("bob")
    assert User.of("alice").unblock("bob") == lifted
    assert lifted.blocks == []


def test_a_lifted_block_lets_them_connect_anew() -> None:
    User.of("alice").block("bob")
    step()
    User.of("alice").unblock("bob")
    step()
    User.of("bob").connect("alice", "following")
    step()
    assert types("alice", "bob") == ["follower"]


def test_both_can_block_at_once() -> None:
    User.of("alice").block("bob")
    news = take_news("bob")
    User.of("bob").block("alice")
    deliver("bob", news)
    step()
    User.of("alice").unblock("bob")
    step()
    assert User.of("alice").hides("bob")
    with pytest.raises(UserNotFound):
        User.of("alice").connect("bob", "following")
    User.of("bob").unblock("alice")
    step()
    assert not User.of("alice").hides("bob")


def test_a_request_that_crosses_a_block_comes_to_nothing() -> None:
    User.of("bob").connect("alice", "friend")
    news = take_news("alice")
    User.of("alice").block("bob")
    deliver("alice", news)
    step()
    assert person("alice").requests == []
    assert person("bob").connected_users == {}


def test_it_blocks_nobody_and_not_itself() -> None:
    with pytest.raises(UserNotFound):
        User.of("alice").block("nobody")
    with pytest.raises(SelfConnection):
        User.of("alice").block("alice")


# News that cross, made on purpose. A command first applies the mail that waits for its agent, so
# news only cross between processes; here they are taken out of the mailbox and come in later.

News = list[dict[str, Any]]

ACTS: list[tuple[str, ...]] = [
    ("connect", "friend"),
    ("connect", "following"),
    ("disconnect", "friend"),
    ("disconnect", "following"),
    ("disconnect", "follower"),
    ("block",),
    ("unblock",),
]

MIRRORED: dict[ConnectionType, ConnectionType] = {
    "friend": "friend",
    "follower": "following",
    "following": "follower",
}


def take_news(user_id: str) -> News:
    """Keep back what waits in somebody's mailbox."""
    waiting = Message.objects.filter(agent_id=f"user:{user_id}")
    news = [message.args for message in waiting.order_by("id")]
    waiting.delete()
    return news


def deliver(user_id: str, news: News) -> None:
    """Let news arrive that were kept back."""
    for args in news:
        User.of(user_id).relation_changed(**args)


def act(owner: str, other: str, what: tuple[str, ...]) -> None:
    """Do it if it is allowed just now."""
    with suppress(UserNotFound, UserBlocked):
        getattr(User.of(owner), what[0])(other, *what[1:])


def assert_consistent(one: str, other: str) -> None:
    """Both records say the same, and everything derived from them fits."""
    views = {user_id: person(user_id) for user_id in (one, other)}
    assert {MIRRORED[kind] for kind in types(one, other)} == set(types(other, one))
    for owner, peer in ((one, other), (other, one)):
        view = views[owner]
        connection = view.connected_users.get(peer)
        held = connection.connection_types if connection else []
        counts = view.connection_counts.model_dump()
        assert counts == {kind: int(kind in held) for kind in CONNECTION_TYPES}
        for kind in CONNECTION_TYPES:
            listed = User.of(owner).get_connections(kind).items
            assert [item.user_id for item in listed] == ([peer] if kind in held else [])
        receives = "friend" if "friend" in held else "follower" if "follower" in held else None
        assert User.of(owner).audience() == ([(peer, receives)] if receives else [])
        requested = bool(connection and connection.requested)
        assert (views[peer].requests == [owner]) == requested
    assert User.of(one).hides(other) == User.of(other).hides(one)
    assert User.of(one).hides(other) == bool(views[one].blocks or views[other].blocks)


@pytest.mark.parametrize("first", ACTS, ids=" ".join)
def test_acts_that_cross_end_alike(first: tuple[str, ...]) -> None:
    """Every act of the one crosses every act of the other, from friends who follow each other."""
    for number, second in enumerate(ACTS):
        one, other = f"one{number}", f"other{number}"
        for user_id in (one, other):
            User.of(user_id).register()
        User.of(one).connect(other, "friend", staff=True)
        User.of(one).connect(other, "following")
        User.of(one).connect(other, "follower", staff=True)
        step()
        act(one, other, first)
        news = take_news(other)
        act(other, one, second)
        deliver(other, news)
        step()
        assert_consistent(one, other)


@pytest.mark.parametrize("seed", range(6))
def test_news_in_any_order_and_twice_end_alike(seed: int) -> None:
    lot = random.Random(seed)
    kept: list[tuple[str, dict[str, Any]]] = []
    for _ in range(20):
        owner, other = lot.choice([("alice", "bob"), ("bob", "alice")])
        act(owner, other, lot.choice(ACTS))
        for user_id in ("alice", "bob"):
            kept += [(user_id, args) for args in take_news(user_id)]
        if kept and lot.random() < 0.5:
            user_id, args = lot.choice(kept)
            deliver(user_id, [args])
            if lot.random() < 0.7:
                kept.remove((user_id, args))
    lot.shuffle(kept)
    for user_id, args in kept:
        deliver(user_id, [args])
    step()
    assert_consistent("alice", "bob")
    assert step() == 0


def test_acts_at_the_very_same_time_end_alike() -> None:
    lot = random.Random(7)
    acts = [
        (*lot.choice([("alice", "bob"), ("bob", "alice")]), lot.choice(ACTS)) for _ in range(24)
    ]

    def run(part: list[tuple[str, str, tuple[str, ...]]]) -> None:
        try:
            for owner, other, what in part:
                act(owner, other, what)
        finally:
            for purpose in ("turn", "ledger"):
                database.discard(purpose)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, [acts[start::4] for start in range(4)]))
    step()
    assert_consistent("alice", "bob")
