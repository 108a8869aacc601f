"""Posts over HTTP."""

from uuid import UUID

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal

NO_POST = "01900000-0000-7000-8000-000000000000"


def test_it_writes_a_post(alice: Api, bob: Api) -> None:
    answer = alice.post("/users/alice/posts", {"content": "  hello\n"})
    assert answer.status_code == 201
    assert UUID(answer.json()["post_id"]).version == 7
    post = bob.get(f"/posts/{answer.json()['post_id']}").json()
    assert (post["content"], post["created_by"]) == ("hello", "alice")
    assert post["like_counts"] == {"like": 0, "insightful": 0, "love": 0, "dislike": 0}
    assert (post["my_like"], post["comment_count"], post["comments"]) == (None, 0, [])


@pytest.mark.parametrize("content", ["", "  \n", "x" * 5_001, "\u200b"])
def test_a_post_says_something_and_ends(alice: Api, content: str) -> None:
    answer = alice.post("/users/alice/posts", {"content": content})
    assert refusal(answer) == (422, "content_not_valid")


def test_a_post_may_be_long(alice: Api) -> None:
    assert alice.post("/users/alice/posts", {"content": "ü" * 5_000}).status_code == 201


def test_a_body_has_a_limit(alice: Api) -> None:
    answer = alice.post("/users/alice/posts", {"content": "x" * 2_000_000})
    assert refusal(answer) == (413, "body_too_large")


@pytest.mark.parametrize("body", [None, {}, {"content": None}, {"content": 1}, []])
def test_a_malformed_post_is_refused(alice: Api, body: object) -> None:
    assert alice.post("/users/alice/posts", body).status_code == 422


def test_staff_writes_for_nobody_who_is_not_there(root: Api) -> None:
    answer = root.post("/users/nobody/posts", {"content": "x"})
    assert refusal(answer) == (404, "user_not_found")


@pytest.mark.parametrize("post_id", [NO_POST, "nonsense", "%00", "x" * 600])
def test_there_is_no_such_post(alice: Api, post_id: str) -> None:
    assert refusal(alice.get(f"/posts/{post_id}")) == (404, "post_not_found")
    assert refusal(alice.delete(f"/posts/{post_id}")) == (404, "post_not_found")


def test_posts_are_listed_newest_first(alice: Api, bob: Api) -> None:
    written = [alice.write(f"post {number}") for number in range(3)]
    page = bob.get("/users/alice/posts?limit=2").json()
    assert [post["post_id"] for post in page["items"]] == written[:0:-1]
    assert page["items"][0].keys() == {"post_id", "created_at"}
    rest = bob.get(f"/users/alice/posts?limit=2&cursor={page['next_cursor']}").json()
    assert [post["post_id"] for post in rest["items"]] == written[:1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=201"])
def test_a_malformed_page_is_refused(alice: Api, query: str) -> None:
    assert alice.get(f"/users/alice/posts?{query}").status_code == 422


def test_nobody_has_no_posts(alice: Api) -> None:
    assert refusal(alice.get("/users/nobody/posts")) == (404, "user_not_found")
    assert refusal(alice.get("/users/nobody/posts/search?query=*")) == (404, "user_not_found")


def test_it_finds_posts(alice: Api, bob: Api) -> None:
    alice.write("about cats")
    dogs = alice.write("about dogs")
    found = bob.get("/users/alice/posts/search?query=DOGS").json()
    assert [post["post_id"] for post in found["items"]] == [dogs]
    assert len(bob.get("/users/alice/posts/search?query=*").json()["items"]) == 2
    assert bob.get("/users/alice/posts/search?query=nonsense:x").json()["items"] == []


def test_its_author_deletes_a_post(alice: Api) -> None:
    post_id = alice.write()
    answer = alice.delete(f"/posts/{post_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert refusal(alice.get(f"/posts/{post_id}")) == (404, "post_not_found")
    assert refusal(alice.delete(f"/posts/{post_id}")) == (404, "post_not_found")
    step()
    assert alice.get("/users/alice/posts").json()["items"] == []


def test_staff_deletes_a_post(alice: Api, root: Api) -> None:
    assert root.delete(f"/posts/{alice.write()}").status_code == 204


def test_nobody_else_deletes_a_post(alice: Api, bob: Api) -> None:
    post_id = alice.write()
    assert bob.delete(f"/posts/{post_id}").status_code == 403
    assert alice.get(f"/posts/{post_id}").status_code == 200


def test_a_block_hides_posts(alice: Api, bob: Api, root: Api) -> None:
    post_id = alice.write()
    bob.put("/users/bob/blocks/alice")
    step()
    for api in (alice, bob):
        other = "bob" if api is alice else "alice"
        assert refusal(api.get(f"/users/{other}/posts")) == (404, "user_not_found")
    assert refusal(bob.get(f"/posts/{post_id}")) == (404, "post_not_found")
    assert root.get(f"/posts/{post_id}").status_code == 200
