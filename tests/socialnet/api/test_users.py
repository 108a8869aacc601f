"""People over HTTP."""

import pytest

from agents_core.files import upload
from agents_core.testing import step
from socialnet.agents.user import AVATAR, AVATAR_TYPE, User
from tests.socialnet.api.client import Api, refusal
from tests.socialnet.api.conftest import Join


def test_it_shows_the_caller(alice: Api) -> None:
    me = alice.get("/users/me").json()
    assert me == alice.get("/users/alice").json()
    assert me["user_id"] == "alice"
    assert me["connection_counts"] == {"friend": 0, "follower": 0, "following": 0}
    assert me["connected_users"] == {}
    assert me["created_at"].endswith("Z")


def test_there_is_no_such_user(alice: Api) -> None:
    answer = alice.get("/users/nobody")
    assert refusal(answer) == (404, "user_not_found")
    assert answer.json()["user_id"] == "nobody"


@pytest.mark.parametrize("user_id", ["no%20spaces", "x" * 65, "%C3%A9", "..", "%00"])
def test_what_is_no_user_id_is_not_found(alice: Api, user_id: str) -> None:
    assert refusal(alice.get(f"/users/{user_id}")) == (404, "user_not_found")


def test_it_finds_people_by_any_spelling_of_the_id(alice: Api, bob: Api) -> None:
    assert bob.get("/users/ALICE").json()["user_id"] == "alice"


def test_it_sets_and_removes_the_name(alice: Api) -> None:
    assert alice.put("/users/alice/name", {"name": " Alice  A. "}).json()["name"] == "Alice A."
    assert alice.put("/users/alice/name", {"name": None}).json()["name"] is None


def test_a_name_has_a_limit(alice: Api) -> None:
    answer = alice.put("/users/alice/name", {"name": "x" * 81})
    assert refusal(answer) == (422, "name_not_valid")


@pytest.mark.parametrize("body", [None, {}, {"name": 1}, {"name": ["x"]}, [], "x"])
def test_a_malformed_name_is_refused(alice: Api, body: object) -> None:
    assert alice.put("/users/alice/name", body).status_code == 422


def test_a_malformed_body_has_an_entry_per_field(alice: Api) -> None:
    problem = alice.put("/users/alice/name", {"name": 1}).json()
    assert [(one["in"], one["field"]) for one in problem["errors"]] == [("body", "name")]


def test_it_sets_and_removes_the_email(alice: Api) -> None:
    answer = alice.put("/users/alice/email", {"email": "alice@example.com"})
    assert answer.json()["email"] == "alice@example.com"
    assert "email" not in alice.put("/users/alice/email", {"email": None}).json()


@pytest.mark.parametrize("email", ["alice", "alice@", "a b@example.com", "a@b@c.com"])
def test_a_bad_email_breaks_a_rule(alice: Api, email: str) -> None:
    answer = alice.put("/users/alice/email", {"email": email})
    assert refusal(answer) == (400, "email_not_valid")


def test_an_email_is_its_owners_and_staffs_to_see(alice: Api, bob: Api, root: Api) -> None:
    alice.put("/users/alice/email", {"email": "alice@example.com"})
    assert "email" in alice.get("/users/me").json()
    assert "email" in root.get("/users/alice").json()
    assert "email" not in bob.get("/users/alice").json()


def test_it_finds_people(alice: Api, bob: Api) -> None:
    alice.put("/users/alice/name", {"name": "Alice Liddell"})
    step()
    found = bob.get("/users/search?query=liddell").json()
    assert [user["user_id"] for user in found["items"]] == ["alice"]
    assert found["next_cursor"] is None


def test_an_email_is_its_owners_and_staffs_to_search(alice: Api, bob: Api, root: Api) -> None:
    alice.put("/users/alice/email", {"email": "alice@example.com"})
    step()
    search = "/users/search?query=email:alice@example.com"
    assert len(alice.get(search).json()["items"]) == 1
    assert len(root.get(search).json()["items"]) == 1
    assert bob.get(search).json()["items"] == []


def test_search_is_paged(join: Join) -> None:
    people = [join(f"u{number:03}") for number in range(5)]
    step()
    found: list[str] = []
    path = "/users/search?query=*&limit=2"
    page = people[0].get(path).json()
    while True:
        assert len(page["items"]) <= 2
        found += [user["user_id"] for user in page["items"]]
        if page["next_cursor"] is None:
            break
        page = people[0].get(f"{path}&cursor={page['next_cursor']}").json()
    assert found == [person.name for person in people]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=*&limit=0",
        "query=*&limit=201",
        "query=*&limit=x",
        "query=%00",
        "query=*&cursor=x",
    ],
)
def test_a_malformed_search_is_refused(alice: Api, query: str) -> None:
    assert alice.get(f"/users/search?{query}").status_code == 422


def test_one_says_something_about_oneself(alice: Api, bob: Api) -> None:
    assert alice.put("/users/alice/bio", {"bio": " I garden. "}).json()["bio"] == "I garden."
    assert bob.get("/users/alice").json()["bio"] == "I garden."
    assert refusal(alice.put("/users/alice/bio", {"bio": "x" * 301})) == (422, "bio_not_valid")
    assert "bio" not in alice.put("/users/alice/bio", {"bio": None}).json()


def test_a_picture_is_for_those_who_may_see_the_person(alice: Api, bob: Api) -> None:
    assert refusal(bob.get("/users/alice/avatar")) == (404, "picture_not_found")
    user = User.of("alice")
    user.set_avatar(upload(user, AVATAR, b"a picture", AVATAR_TYPE))
    answer = bob.get("/users/alice/avatar")
    assert (answer.status_code, answer.content) == (200, b"a picture")
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{bob.get("/users/alice").json()["avatar"]}"'
    alice.put("/users/alice/blocks/bob")
    step()
    assert refusal(bob.get("/users/alice/avatar")) == (404, "user_not_found")


def test_people_are_suggested(alice: Api, bob: Api, charlie: Api) -> None:
    alice.put("/users/alice/connections/bob/following")
    bob.put("/users/bob/connections/charlie/following")
    step()
    assert alice.get("/users/alice/suggestions?limit=1").json() == [
        {"user_id": "charlie", "in_common": 1}
    ]
    assert refusal(alice.get("/users/alice/suggestions?limit=21"))[0] == 422
