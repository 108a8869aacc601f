"""Comments over HTTP."""

from uuid import UUID

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal

NOTHING = "01900000-0000-7000-8000-000000000000"
LOVE = {"like_type": "love"}


@pytest.fixture
def post(alice: Api) -> str:
    """Where a post of Alice's is."""
    return f"/posts/{alice.write()}"


def say(api: Api, post: str, content: str = "Hi", to: str | None = None) -> str:
    """Comment; the path of the comment."""
    answer = api.post(f"{post}/comments", {"content": content, "parent_comment_id": to})
    assert answer.status_code == 201, answer.content
    return f"{post}/comments/{answer.json()['comment_id']}"


def said(api: Api, post: str) -> list[str]:
    return [one["content"] for one in api.get(f"{post}/comments").json()["items"]]


def test_it_is_said_under_the_post(alice: Api, bob: Api, post: str) -> None:
    answer = bob.post(f"{post}/comments", {"content": " Hi "})
    assert answer.status_code == 201
    comment_id = answer.json()["comment_id"]
    assert UUID(comment_id).version == 7
    found = alice.get(post).json()
    assert found["comment_count"] == 1
    [comment] = found["comments"]
    assert (comment["comment_id"], comment["parent_comment_id"]) == (comment_id, None)
    assert (comment["content"], comment["created_by"], comment["likes"]) == ("Hi", "bob", {})
    assert alice.get(f"{post}/comments").json() == {"items": [comment], "next_cursor": None}


def test_a_reply_may_name_its_parent_in_any_spelling(bob: Api, post: str) -> None:
    parent = say(bob, post).rpartition("/")[2]
    say(bob, post, "reply", parent.upper())
    assert bob.get(post).json()["comments"][1]["parent_comment_id"] == parent


@pytest.mark.parametrize("parent", [NOTHING, "nonsense", "", "\0"])
def test_there_is_no_reply_to_what_is_not_there(bob: Api, post: str, parent: str) -> None:
    answer = bob.post(f"{post}/comments", {"content": "Hi", "parent_comment_id": parent})
    assert refusal(answer) == (404, "parent_comment_not_found")
    assert said(bob, post) == []


@pytest.mark.parametrize("body", [None, {}, {"content": 1}, {"content": "x" * 2_001}, []])
def test_a_malformed_comment_is_refused(bob: Api, post: str, body: object) -> None:
    assert bob.post(f"{post}/comments", body).status_code == 422
    assert said(bob, post) == []


def test_nobody_speaks_for_another(alice: Api, bob: Api, root: Api, post: str) -> None:
    body = {"content": "Hi", "user_id": "bob"}
    assert refusal(alice.post(f"{post}/comments", body)) == (403, "acting_for_others")
    assert said(bob, post) == []
    for name, code in (("nobody", 404), ("\0", 404), ("", 404), ("BOB", 201)):
        answer = root.post(f"{post}/comments", body | {"user_id": name})
        assert answer.status_code == code
    assert [one["created_by"] for one in bob.get(post).json()["comments"]] == ["bob"]


def test_they_are_read_page_by_page(alice: Api, bob: Api, post: str) -> None:
    for number in range(5):
        say(bob, post, str(number))
    page = alice.get(f"{post}/comments?limit=3").json()
    rest = alice.get(f"{post}/comments?limit=3&cursor={page['next_cursor']}").json()
    contents = [one["content"] for one in page["items"] + rest["items"]]
    assert (contents, rest["next_cursor"]) == (["0", "1", "2", "3", "4"], None)
    [listed] = alice.get("/users/alice/posts/search?query=*").json()["items"]
    assert [one["content"] for one in listed["comments"]] == ["2", "3", "4"]


def test_what_is_written_answers_with_all_comments(bob: Api, post: str) -> None:
    paths = [say(bob, post, str(number)) for number in range(5)]
    assert bob.put(f"{post}/likes/bob", LOVE).json() == bob.get(post).json()
    assert bob.put(f"{paths[0]}/likes/bob", LOVE).json() == bob.get(post).json()
    assert bob.put(paths[1], {"content": "one"}).json() == bob.get(post).json()


@pytest.mark.parametrize("deleter", ["bob", "alice", "root"])
def test_it_is_deleted_with_its_replies(
    alice: Api, bob: Api, root: Api, charlie: Api, post: str, deleter: str
) -> None:
    path = say(bob, post)
    say(charlie, post, "reply", path.rpartition("/")[2])
    api = {"alice": alice, "bob": bob, "root": root}[deleter]
    answer = api.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert said(bob, post) == []
    assert refusal(api.delete(path)) == (404, "comment_not_found")


def test_nobody_else_deletes_or_changes_it(alice: Api, bob: Api, charlie: Api, post: str) -> None:
    path = say(bob, post)
    assert refusal(charlie.delete(path)) == (403, "comment_not_yours")
    for api in (alice, charlie):
        assert refusal(api.put(path, {"content": "x"})) == (403, "comment_not_yours")
        assert refusal(api.put(f"{path}/likes/bob", LOVE)) == (403, "acting_for_others")
        assert refusal(api.delete(f"{path}/likes/bob")) == (403, "acting_for_others")
    assert refusal(bob.put(post, {"content": "x"})) == (403, "not_the_author")
    [comment] = bob.get(post).json()["comments"]
    assert (comment["content"], comment["likes"]) == ("Hi", {})


def test_it_is_liked(alice: Api, bob: Api, post: str) -> None:
    path = say(bob, post)
    [comment] = alice.put(f"{path}/likes/alice", LOVE).json()["comments"]
    assert (comment["likes"], comment["my_like"]) == ({"alice": "love"}, "love")
    [like] = bob.get(f"{path}/likes").json()["items"]
    assert (like["user_id"], like["like_type"]) == ("alice", "love")
    [comment] = alice.delete(f"{path}/likes/alice").json()["comments"]
    assert (comment["likes"], comment["my_like"]) == ({}, None)


def test_what_was_said_before_is_read_by_whoever_reads_it(alice: Api, bob: Api, post: str) -> None:
    path = say(bob, post, "first")
    bob.put(path, {"content": "second"})
    alice.put(post, {"content": "changed"})
    [edit] = alice.get(f"{path}/edits").json()["items"]
    assert edit["content"] == "first"
    [edit] = bob.get(f"{post}/edits").json()["items"]
    assert edit.keys() == {"content", "written_at"}
    assert (edit["content"], bob.get(post).json()["content"]) == ("hello", "changed")


def routes(comment: str) -> list[tuple[str, str, object]]:
    """Everything that can be asked about a comment, by Bob."""
    return [
        ("GET", f"{comment}/likes", None),
        ("GET", f"{comment}/edits", None),
        ("PUT", comment, {"content": "x"}),
        ("PUT", f"{comment}/likes/bob", LOVE),
        ("DELETE", f"{comment}/likes/bob", None),
        ("DELETE", comment, None),
    ]


@pytest.mark.parametrize("comment_id", [NOTHING, "nonsense", "%00"])
def test_there_is_no_such_comment(bob: Api, post: str, comment_id: str) -> None:
    for method, path, body in routes(f"{post}/comments/{comment_id}"):
        assert refusal(bob.call(method, path, body)) == (404, "comment_not_found"), path


@pytest.mark.parametrize("post_id", [NOTHING, "nonsense"])
def test_there_is_no_such_post(bob: Api, post_id: str) -> None:
    post = f"/posts/{post_id}"
    asked = [
        *routes(f"{post}/comments/{NOTHING}"),
        ("GET", f"{post}/comments", None),
        ("POST", f"{post}/comments", {"content": "Hi"}),
        ("GET", f"{post}/edits", None),
        ("PUT", post, {"content": "x"}),
    ]
    for method, path, body in asked:
        assert refusal(bob.call(method, path, body)) == (404, "post_not_found"), path


def test_a_block_hides_the_comments_of_the_other(
    alice: Api, bob: Api, charlie: Api, root: Api, post: str
) -> None:
    comment = say(charlie, post)
    alice.put(f"{comment}/likes/alice", LOVE)
    charlie.put("/users/charlie/blocks/bob")
    step()
    for method, path, body in routes(comment):
        assert refusal(bob.call(method, path, body)) == (404, "comment_not_found"), path
    body = {"content": "Hi", "parent_comment_id": comment.rpartition("/")[2]}
    assert refusal(bob.post(f"{post}/comments", body)) == (404, "parent_comment_not_found")
    assert (said(bob, post), bob.get(post).json()["comments"]) == ([], [])
    assert said(alice, post) == said(root, post) == ["Hi"]


def test_a_block_by_the_author_hides_everything(alice: Api, bob: Api, post: str) -> None:
    comment = say(bob, post)
    alice.put("/users/alice/blocks/bob")
    step()
    for method, path, body in routes(comment):
        assert refusal(bob.call(method, path, body)) == (404, "post_not_found"), path
    assert refusal(bob.get(f"{post}/comments")) == (404, "post_not_found")
    assert refusal(bob.get(f"{post}/edits")) == (404, "post_not_found")
    assert said(alice, post) == []


def test_every_write_happens_once_under_one_key(alice: Api, bob: Api, post: str) -> None:
    comment = say(bob, post, "first")
    for method, path, body in [
        ("POST", f"{post}/comments", {"content": "Hi"}),
        ("PUT", comment, {"content": "x"}),
        ("PUT", f"{comment}/likes/bob", LOVE),
        ("DELETE", f"{comment}/likes/bob", None),
        ("DELETE", comment, None),
    ]:
        first = bob.call(method, path, body, key="k")
        again = bob.call(method, path, body, key="k")
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
    assert said(bob, post) == ["Hi"]
    edited = alice.put(post, {"content": "changed"}, key="k")
    assert alice.put(post, {"content": "changed"}, key="k").json() == edited.json()
