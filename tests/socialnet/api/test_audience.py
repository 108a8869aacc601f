"""For whom a post is and who may comment, over HTTP."""

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal

LOVE = {"like_type": "love"}


def write(api: Api, **body: str) -> str:
    """Write a post; its path."""
    answer = api.post(f"/users/{api.name}/posts", {"content": "hello"} | body)
    assert answer.status_code == 201, answer.content
    return f"/posts/{answer.json()['post_id']}"


@pytest.mark.parametrize("body", [{"audience": "nobody"}, {"commenting": "friends"}])
def test_it_is_one_of_three(alice: Api, body: dict[str, str]) -> None:
    assert alice.post("/users/alice/posts", {"content": "hello"} | body).status_code == 422
    assert alice.get("/users/alice/posts").json()["items"] == []


def test_a_post_for_friends_is_not_there_for_others(
    alice: Api, bob: Api, charlie: Api, root: Api
) -> None:
    alice.put("/users/alice/connections/bob/friend")
    step()
    bob.put("/users/bob/connections/alice/friend")
    charlie.put("/users/charlie/connections/alice/following")
    step()
    post = write(alice, audience="friends")
    step()
    comment_id = bob.post(f"{post}/comments", {"content": "Hi"}).json()["comment_id"]
    comment = f"{post}/comments/{comment_id}"
    routes: list[tuple[str, str, object]] = [
        ("GET", post, None),
        ("PUT", post, {"content": "x"}),
        ("DELETE", post, None),
        ("GET", f"{post}/edits", None),
        ("GET", f"{post}/likes", None),
        ("PUT", f"{post}/likes/charlie", LOVE),
        ("DELETE", f"{post}/likes/charlie", None),
        ("GET", f"{post}/comments", None),
        ("POST", f"{post}/comments", {"content": "Hi"}),
        ("PUT", comment, {"content": "x"}),
        ("DELETE", comment, None),
        ("GET", f"{comment}/edits", None),
        ("GET", f"{comment}/likes", None),
        ("PUT", f"{comment}/likes/charlie", LOVE),
        ("DELETE", f"{comment}/likes/charlie", None),
    ]
    for method, path, body in routes:
        answer = charlie.call(method, path, body)
        assert refusal(answer) == (404, "post_not_found"), (method, path)
    for path in ("/users/alice/posts", "/users/alice/posts/search?query=*"):
        assert charlie.get(path).json()["items"] == []
        assert len(bob.get(path).json()["items"]) == 1
    assert charlie.get("/users/charlie/timeline/posts").json()["items"] == []
    [shown] = bob.get("/users/bob/timeline/posts").json()["items"]
    assert (shown["audience"], shown["comment_count"]) == ("friends", 1)
    [ref] = bob.get("/users/alice/posts").json()["items"]
    assert ref["audience"] == "friends"
    assert root.get(post).status_code == 200


def test_comments_are_closed(alice: Api, bob: Api) -> None:
    post = write(alice, commenting="nobody")
    [ref] = bob.get("/users/alice/posts").json()["items"]
    assert ref.keys() == {"post_id", "created_at"}
    answer = bob.post(f"{post}/comments", {"content": "Hi"})
    assert refusal(answer) == (403, "comments_closed")
    opened = alice.put(post, {"content": "hello", "commenting": "everyone"}).json()
    assert (opened["commenting"], opened["edited_at"]) == ("everyone", None)
    assert bob.post(f"{post}/comments", {"content": "Hi @alice"}).status_code == 201
    [comment] = alice.get(post).json()["comments"]
    assert comment["mentions"] == ["alice"]
    assert "deleted_at" not in comment


def test_a_comment_may_leave_its_place_to_the_replies(alice: Api, bob: Api) -> None:
    post = write(alice)
    comment_id = bob.post(f"{post}/comments", {"content": "Hi"}).json()["comment_id"]
    reply = {"content": "Hi Bob", "parent_comment_id": comment_id}
    alice.post(f"{post}/comments", reply)
    path = f"{post}/comments/{comment_id}"
    assert bob.delete(f"{path}?keep_replies=true").status_code == 204
    place, kept = alice.get(post).json()["comments"]
    assert (place["content"], bool(place["deleted_at"]), kept["content"]) == ("", True, "Hi Bob")
    assert refusal(bob.delete(path)) == (404, "comment_not_found")
    assert alice.delete(path).status_code == 204
    assert alice.get(post).json()["comments"] == []
