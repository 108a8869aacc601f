"""Blocks: both directions are cut, and stay cut."""

from __future__ import annotations

import pytest

from agents_core.testing import step
from socialnet.agents.errors import (
    SelfConnection,
    UserBlocked,
    UserNotFound,
)
from socialnet.agents.schemas import CONNECTION_TYPES, ConnectionType
from socialnet.agents.user import User
from tests.socialnet.agents.conftest import Befriend
from tests.socialnet.agents.people import deliver, person, take_news, types


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
