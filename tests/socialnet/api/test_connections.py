"""Connections and blocks over HTTP."""

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal


def types_of(api: Api, other: str) -> list[str]:
    connection = api.get("/users/me").json()["connected_users"].get(other)
    types: list[str] = connection["connection_types"] if connection else []
    return types


def befriend(one: Api, other: Api) -> None:
    one.put(f"/users/{one.name}/connections/{other.name}/friend")
    step()
    other.put(f"/users/{other.name}/connections/{one.name}/friend")
    step()


def test_following_makes_the_other_side_followed(alice: Api, bob: Api) -> None:
    answer = alice.put("/users/alice/connections/bob/following")
    assert answer.json()["connection_counts"]["following"] == 1
    step()
    assert types_of(bob, "alice") == ["follower"]


def test_connecting_twice_changes_nothing(alice: Api, bob: Api) -> None:
    first = alice.put("/users/alice/connections/bob/following").json()
    answer = alice.put("/users/alice/connections/bob/following")
    assert answer.status_code == 200
    assert answer.json() == first


def test_friendship_is_asked_for(alice: Api, bob: Api) -> None:
    asked = alice.put("/users/alice/connections/bob/friend").json()
    assert asked["connected_users"]["bob"]["requested"] is True
    step()
    assert bob.get("/users/me").json()["requests"] == ["alice"]
    assert types_of(bob, "alice") == []


def test_friendship_is_granted(alice: Api, bob: Api) -> None:
    befriend(alice, bob)
    assert types_of(alice, "bob") == types_of(bob, "alice") == ["friend"]
    assert "requests" not in bob.get("/users/me").json() or (
        bob.get("/users/me").json()["requests"] == []
    )


def test_requests_are_nobody_elses_to_see(alice: Api, bob: Api, charlie: Api) -> None:
    alice.put("/users/alice/connections/bob/friend")
    step()
    assert "requests" not in charlie.get("/users/bob").json()
    assert charlie.get("/users/alice").json()["connected_users"] == {}
    assert charlie.get("/users/alice/connections").json()["items"] == []
    assert len(alice.get("/users/alice/connections").json()["items"]) == 1


def test_nobody_is_made_to_follow(alice: Api, bob: Api) -> None:
    answer = alice.put("/users/alice/connections/bob/follower")
    assert refusal(answer) == (403, "consent_needed")


@pytest.mark.parametrize("connection_type", ["friend", "follower", "following"])
def test_staff_connects_at_once_in_any_way(
    alice: Api, bob: Api, root: Api, connection_type: str
) -> None:
    answer = root.put(f"/users/alice/connections/bob/{connection_type}")
    assert answer.json()["connected_users"]["bob"]["connection_types"] == [connection_type]
    step()
    assert types_of(bob, "alice") != []


def test_nobody_connects_to_themselves(alice: Api) -> None:
    answer = alice.put("/users/alice/connections/alice/following")
    assert refusal(answer) == (400, "self_connection")


def test_nobody_connects_to_who_is_not_there(alice: Api) -> None:
    answer = alice.put("/users/alice/connections/nobody/following")
    assert refusal(answer) == (404, "user_not_found")


def test_there_are_three_ways_to_connect(alice: Api, bob: Api) -> None:
    answer = alice.put("/users/alice/connections/bob/enemy")
    assert refusal(answer) == (422, "arguments_not_valid")


def test_disconnecting_ends_both_sides(alice: Api, bob: Api) -> None:
    alice.put("/users/alice/connections/bob/following")
    step()
    answer = alice.delete("/users/alice/connections/bob/following")
    assert answer.json()["connected_users"] == {}
    step()
    assert types_of(bob, "alice") == []


def test_disconnecting_twice_changes_nothing(alice: Api, bob: Api) -> None:
    alice.put("/users/alice/connections/bob/following")
    first = alice.delete("/users/alice/connections/bob/following").json()
    assert alice.delete("/users/alice/connections/bob/following").json() == first


def test_a_follower_can_be_removed(alice: Api, bob: Api) -> None:
    alice.put("/users/alice/connections/bob/following")
    step()
    bob.delete("/users/bob/connections/alice/follower")
    step()
    assert types_of(alice, "bob") == []


def test_a_request_can_be_declined(alice: Api, bob: Api) -> None:
    alice.put("/users/alice/connections/bob/friend")
    step()
    bob.delete("/users/bob/connections/alice/friend")
    step()
    assert alice.get("/users/me").json()["connected_users"] == {}


def test_connections_are_listed_by_kind(alice: Api, bob: Api, charlie: Api) -> None:
    befriend(alice, bob)
    alice.put("/users/alice/connections/charlie/following")
    step()

    def listed(query: str = "") -> list[str]:
        page = bob.get(f"/users/alice/connections{query}").json()
        return [connection["user_id"] for connection in page["items"]]

    assert listed() == ["charlie", "bob"]
    assert listed("?type=friend") == ["bob"]
    assert listed("?type=following") == ["charlie"]
    assert listed("?limit=1") == ["charlie"]
    assert bob.get("/users/alice/connections?type=enemy").status_code == 422
    assert refusal(bob.get("/users/nobody/connections")) == (404, "user_not_found")


def test_a_block_cuts_and_hides(alice: Api, bob: Api, root: Api) -> None:
    befriend(alice, bob)
    answer = alice.put("/users/alice/blocks/bob")
    assert answer.json()["connected_users"] == {}
    assert answer.json()["blocks"] == ["bob"]
    step()
    assert refusal(bob.get("/users/alice")) == (404, "user_not_found")
    assert refusal(bob.get("/users/alice/posts")) == (404, "user_not_found")
    assert refusal(bob.get("/users/alice/connections")) == (404, "user_not_found")
    assert root.get("/users/alice").status_code == 200


def test_a_block_is_known_to_the_blocker_alone(alice: Api, bob: Api, charlie: Api) -> None:
    alice.put("/users/alice/blocks/bob")
    step()
    assert "blocks" not in charlie.get("/users/alice").json()
    assert "alice" not in str(bob.get("/users/me").json())
    answer = bob.put("/users/bob/connections/alice/following")
    assert refusal(answer) == (404, "user_not_found")


def test_a_block_can_be_lifted(alice: Api, bob: Api) -> None:
    alice.put("/users/alice/blocks/bob")
    step()
    assert alice.delete("/users/alice/blocks/bob").status_code == 200
    step()
    assert bob.get("/users/alice").status_code == 200


def test_nobody_blocks_themselves_or_nobody(alice: Api) -> None:
    assert refusal(alice.put("/users/alice/blocks/alice")) == (400, "self_connection")
    assert refusal(alice.put("/users/alice/blocks/nobody")) == (404, "user_not_found")


def test_a_block_hides_people_also_among_the_connections_of_others(
    alice: Api, bob: Api, charlie: Api, root: Api
) -> None:
    befriend(alice, charlie)
    befriend(bob, charlie)
    alice.put("/users/alice/blocks/bob")
    step()

    def known(api: Api) -> tuple[set[str], set[str]]:
        listed = api.get("/users/charlie/connections").json()["items"]
        shown = api.get("/users/charlie").json()["connected_users"]
        return {connection["user_id"] for connection in listed}, set(shown)

    assert known(alice) == ({"alice"}, {"alice"})
    assert known(bob) == ({"bob"}, {"bob"})
    assert known(charlie) == known(root) == ({"alice", "bob"}, {"alice", "bob"})


def test_a_mute_is_ones_own_affair(alice: Api, bob: Api) -> None:
    for _ in range(2):
        assert alice.put("/users/alice/mutes/bob").json()["mutes"] == ["bob"]
    assert "mutes" not in bob.get("/users/alice").json()
    assert refusal(alice.put("/users/alice/mutes/alice")) == (400, "self_connection")
    assert refusal(alice.put("/users/alice/mutes/nobody")) == (404, "user_not_found")
    for _ in range(2):
        assert alice.delete("/users/alice/mutes/bob").json()["mutes"] == []
