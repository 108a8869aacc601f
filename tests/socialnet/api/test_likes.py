"""Reactions over HTTP."""

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal

NO_POST = "01900000-0000-7000-8000-000000000000"
LOVE = {"like_type": "love"}


@pytest.fixture
def path(alice: Api) -> str:
    """Where the reactions to a post of Alice's are."""
    return f"/posts/{alice.write()}/likes"


def test_it_answers_with_the_post(bob: Api, path: str) -> None:
    answer = bob.put(f"{path}/bob", LOVE)
    post = answer.json()
    assert answer.status_code == 200
    assert post["like_counts"] == {"like": 0, "insightful": 0, "love": 1, "dislike": 0}
    assert (post["likes"], post["my_like"]) == ({"bob": "love"}, "love")
    assert bob.get(path.removesuffix("/likes")).json() == post


def test_it_is_taken_back(bob: Api, path: str) -> None:
    bob.put(f"{path}/bob", LOVE)
    for _ in range(2):
        answer = bob.delete(f"{path}/bob")
        assert answer.status_code == 200
        assert (answer.json()["likes"], answer.json()["my_like"]) == ({}, None)


def test_who_reacted_is_a_page(alice: Api, bob: Api, path: str) -> None:
    bob.put(f"{path}/bob", LOVE)
    alice.put(f"{path}/alice", {"like_type": "dislike"})
    page = bob.get(f"{path}?limit=1").json()
    rest = bob.get(f"{path}?limit=1&cursor={page['next_cursor']}").json()
    found = page["items"] + rest["items"]
    assert [(one["user_id"], one["like_type"]) for one in found] == [
        ("alice", "dislike"),
        ("bob", "love"),
    ]
    assert found[0].keys() == {"user_id", "like_type", "created_at"}
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("body", [None, {}, {"like_type": "hate"}, {"like_type": None}, []])
def test_there_are_four_kinds(bob: Api, path: str, body: object) -> None:
    assert bob.put(f"{path}/bob", body).status_code == 422
    assert bob.get(path).json()["items"] == []


def test_nobody_reacts_for_another(alice: Api, bob: Api, charlie: Api, path: str) -> None:
    bob.put(f"{path}/bob", LOVE)
    assert refusal(charlie.put(f"{path}/bob", {"like_type": "like"})) == (403, "acting_for_others")
    assert refusal(alice.delete(f"{path}/bob")) == (403, "acting_for_others")
    assert [one["like_type"] for one in bob.get(path).json()["items"]] == ["love"]


def test_staff_reacts_for_anyone_who_is_there(bob: Api, root: Api, path: str) -> None:
    assert root.put(f"{path}/bob", LOVE).json()["likes"] == {"bob": "love"}
    assert refusal(root.put(f"{path}/nobody", LOVE)) == (404, "user_not_found")
    assert root.delete(f"{path}/bob").json()["likes"] == {}


@pytest.mark.parametrize("post_id", [NO_POST, "nonsense"])
def test_there_is_no_such_post(bob: Api, post_id: str) -> None:
    path = f"/posts/{post_id}/likes"
    for answer in (bob.get(path), bob.put(f"{path}/bob", LOVE), bob.delete(f"{path}/bob")):
        assert refusal(answer) == (404, "post_not_found")


def test_a_block_hides_it(alice: Api, bob: Api, charlie: Api, root: Api, path: str) -> None:
    bob.put(f"{path}/bob", LOVE)
    charlie.put(f"{path}/charlie", LOVE)
    bob.put("/users/bob/blocks/alice")
    charlie.put("/users/charlie/blocks/root")
    step()
    for answer in (bob.get(path), bob.put(f"{path}/bob", LOVE), bob.delete(f"{path}/bob")):
        assert refusal(answer) == (404, "post_not_found")
    assert [one["user_id"] for one in alice.get(path).json()["items"]] == ["charlie"]
    assert alice.get(path.removesuffix("/likes")).json()["likes"] == {"charlie": "love"}
    assert len(root.get(path).json()["items"]) == 2


def test_asked_again_under_one_key_it_answers_as_before(bob: Api, path: str) -> None:
    first = bob.put(f"{path}/bob", LOVE, key="k")
    bob.delete(f"{path}/bob")
    bob.post(path.replace("likes", "comments"), {"content": "Hi"})
    again = bob.put(f"{path}/bob", LOVE, key="k")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert bob.get(path).json()["items"] == []
