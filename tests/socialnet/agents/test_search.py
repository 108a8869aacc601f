"""Finding people."""

from __future__ import annotations

import pytest

from agents_core.testing import step
from socialnet.agents.search import UserSearch
from socialnet.agents.user import User
from tests.socialnet.agents.conftest import Befriend


@pytest.fixture(autouse=True)
def profiles(people: None) -> None:
    User.of("alice").set_name("Alice Liddell")
    User.of("alice").set_email("alice@example.org")
    User.of("bob").set_name("Bob Ross_100%")
    User.of("charlie").set_name("Zoë Ärmel")


def found(query: str, viewer: str = "charlie", *, staff: bool = False) -> list[str]:
    whole = UserSearch.of().search(query, viewer, staff).items
    brief = UserSearch.of().search_profiles(query, viewer, staff).items
    assert [(one.user_id, one.name) for one in brief] == [(one.user_id, one.name) for one in whole]
    return [user.user_id for user in whole]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("*", ["alice", "bob", "charlie"]),
        ("", ["alice", "bob", "charlie"]),
        ("alice", ["alice"]),
        ("LIDD", ["alice"]),
        ("lidd ross", ["alice", "bob"]),
        ('"bob ross"', ["bob"]),
        ('"ross bob"', []),
        ("zoë", ["charlie"]),
        ("ÄRMEL", ["charlie"]),
        ("user_id:alice", ["alice"]),
        ("user-id:ALICE", ["alice"]),
        ("userid:ali", []),
        ("name:ross", ["bob"]),
        ('name:"bob ross"', ["bob"]),
        ("name:alice bob", []),
        ("name:o lidd", []),
        ("name:100%", ["bob"]),
        ("name:s_1", ["bob"]),
        ("name:b_b", []),
        ("colour:red", []),
        ("user_id:alice colour:red", []),
        ("'; DROP TABLE users; --", []),
    ],
)
def test_it_finds_people_as_the_query_language_says(query: str, expected: list[str]) -> None:
    assert found(query) == expected


@pytest.mark.parametrize("query", ["email:alice@example.org", "alice@example", "example.org"])
def test_an_address_finds_its_owner_for_the_owner_and_staff_alone(query: str) -> None:
    assert found(query, "bob") == []
    assert found(query, "alice") == ["alice"]
    assert found(query, "bob", staff=True) == ["alice"]


def test_an_address_is_shown_to_its_owner_and_staff_alone() -> None:
    def email(viewer: str, *, staff: bool = False) -> str | None:
        return UserSearch.of().search("user_id:alice", viewer, staff).items[0].email

    assert email("bob") is None
    assert email("alice") == email("bob", staff=True) == "alice@example.org"


def test_it_finds_people_by_whom_they_know(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("charlie").connect("alice", "following")
    step()
    assert found("connected_users:alice") == ["bob", "charlie"]
    assert found("connected-users:alice name:ross") == ["bob"]
    assert found("connectedusers:ali") == []


def test_a_request_is_not_a_connection_to_be_found() -> None:
    User.of("alice").connect("bob", "friend")
    step()
    assert found("connected_users:bob") == found("connected_users:alice") == []


def test_a_connection_that_ended_is_not_found() -> None:
    User.of("alice").connect("bob", "following")
    step()
    User.of("alice").disconnect("bob", "following")
    step()
    assert found("connected_users:bob") == []


def test_a_block_hides_both_from_each_other() -> None:
    User.of("alice").block("bob")
    step()
    assert found("*", "alice") == ["alice", "charlie"]
    assert found("*", "bob") == ["bob", "charlie"]
    assert found("*", "charlie") == ["alice", "bob", "charlie"]


def test_a_block_hides_whom_the_blocker_knows() -> None:
    User.of("charlie").connect("alice", "following")
    User.of("alice").block("bob")
    step()
    assert found("connected_users:alice", "bob") == []
    assert found("connected_users:alice", "charlie") == ["charlie"]


def test_it_finds_a_new_name_at_once_and_an_old_one_no_more() -> None:
    User.of("alice").set_name("Eve")
    assert found("eve") == ["alice"]
    assert found("liddell") == []


def test_it_answers_page_by_page() -> None:
    first = UserSearch.of().search("*", "charlie", limit=2)
    second = UserSearch.of().search("*", "charlie", limit=2, cursor=first.next_cursor)
    assert [user.user_id for user in first.items + second.items] == ["alice", "bob", "charlie"]
    assert second.next_cursor is None


def test_a_block_hides_people_also_among_the_connections_of_others(befriend: Befriend) -> None:
    befriend("alice", "charlie")
    befriend("bob", "charlie")
    User.of("alice").block("bob")
    step()

    def known(viewer: str, *, staff: bool = False) -> set[str]:
        [charlie] = UserSearch.of().search("user_id:charlie", viewer, staff).items
        return set(charlie.connected_users)

    assert (known("alice"), known("bob")) == ({"alice"}, {"bob"})
    assert known("charlie") == known("bob", staff=True) == {"alice", "bob"}
