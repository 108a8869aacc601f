"""Whom somebody may know."""

from __future__ import annotations

import pytest

from agents_core.testing import step
from socialnet.agents import suggestions
from socialnet.agents.suggestions import Suggestions
from socialnet.agents.user import User
from tests.socialnet.agents.conftest import Befriend


def suggested(user_id: str = "alice", limit: int = 10) -> dict[str, int]:
    found = Suggestions.of(user_id).get_suggestions(limit)
    return {one.user_id: one.in_common for one in found}


def in_common(user_id: str = "alice") -> dict[str, int]:
    return {key: number for key, number in suggested(user_id).items() if number}


@pytest.fixture(autouse=True)
def more_people(people: None) -> None:
    for user_id in ("dora", "emil", "flora"):
        User.of(user_id).register()
    step()


@pytest.fixture
def friends(befriend: Befriend) -> None:
    """Alice knows Bob and Charlie; both know Dora, Bob alone knows Emil, nobody knows Flora."""
    befriend("alice", "bob")
    User.of("alice").connect("charlie", "following")
    befriend("bob", "dora")
    User.of("charlie").connect("dora", "following")
    User.of("bob").connect("emil", "following")
    step()


def test_who_knows_nobody_is_told_of_whoever_is_here() -> None:
    found = suggested()
    assert found
    assert set(found) <= {"bob", "charlie", "dora", "emil", "flora"}
    assert set(found.values()) == {0}


def test_friends_of_friends_come_first_the_most_connected_before_all(friends: None) -> None:
    assert list(suggested())[:2] == ["dora", "emil"]
    assert in_common() == {"dora": 2, "emil": 1}


def test_no_more_than_asked_for(friends: None) -> None:
    assert suggested(limit=1) == {"dora": 2}


@pytest.mark.parametrize("what", ["connect", "ask", "asked", "block", "blocked", "mute"])
def test_nobody_is_told_of_whom_they_know_or_do_not_want(friends: None, what: str) -> None:
    alice, dora = User.of("alice"), User.of("dora")
    match what:
        case "connect":
            alice.connect("dora", "following")
        case "ask":
            alice.connect("dora", "friend")
        case "asked":
            dora.connect("alice", "friend")
        case "block":
            alice.block("dora")
        case "blocked":
            dora.block("alice")
        case "mute":
            alice.mute("dora")
    step()
    assert "dora" not in suggested()
    assert in_common() == {"emil": 1}


def test_an_unanswered_request_is_no_connection(friends: None) -> None:
    User.of("bob").connect("flora", "friend")
    step()
    assert "flora" not in in_common()


def test_few_are_asked_however_many_one_knows(
    friends: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "_ASKED", 1)
    monkeypatch.setattr(suggestions, "_HEARD", 2)
    for user_id in ("emil", "flora"):
        User.of("alice").connect(user_id, "following")
    step()
    assert set(in_common()) <= {"dora", "emil"}
