"""Bookmarks over HTTP."""

import pytest

from tests.socialnet.api.client import Api, refusal

NO_POST = "01900000-0000-7000-8000-000000000000"


def contents(api: Api, query: str = "") -> list[str]:
    items = api.get(f"/users/bob/bookmarks{query}").json()["items"]
    return [post["content"] for post in items]


def test_they_are_saved_listed_and_taken_out(alice: Api, bob: Api) -> None:
    first, second = alice.write("First"), alice.write("Second")
    for post_id in (first, second, first):
        answer = bob.put(f"/users/bob/bookmarks/{post_id}")
        assert answer.status_code == 200
        assert answer.json().keys() == {"post_id", "created_at"}
    assert contents(bob) == ["Second", "First"]
    assert contents(bob, "?query=created_by:alice first") == ["First"]
    cursor = bob.get("/users/bob/bookmarks?limit=1").json()["next_cursor"]
    assert contents(bob, f"?limit=1&cursor={cursor}") == ["First"]
    for _ in range(2):
        assert bob.delete(f"/users/bob/bookmarks/{second}").status_code == 204
    assert contents(bob) == ["First"]


@pytest.mark.parametrize("post_id", [NO_POST, "nonsense"])
def test_there_is_no_such_post(bob: Api, post_id: str) -> None:
    path = f"/users/bob/bookmarks/{post_id}"
    assert refusal(bob.put(path)) == (404, "post_not_found")
    assert contents(bob) == []


def test_they_are_nobody_elses_but_for_staff(alice: Api, bob: Api, charlie: Api, root: Api) -> None:
    path = f"/users/bob/bookmarks/{alice.write('Hers')}"
    assert bob.put(path).status_code == 200
    assert refusal(charlie.get("/users/bob/bookmarks")) == (403, "acting_for_others")
    assert refusal(charlie.put(path)) == (403, "acting_for_others")
    assert refusal(charlie.delete(path)) == (403, "acting_for_others")
    assert contents(bob) == contents(root) == ["Hers"]
    assert root.delete(path).status_code == 204
    assert contents(bob) == []
