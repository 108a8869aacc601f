"""`Idempotency-Key`: the same request twice happens once and is answered alike."""

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal


def posts_of(api: Api) -> list[str]:
    page = api.get(f"/users/{api.name}/posts").json()
    return [post["post_id"] for post in page["items"]]


def test_a_post_is_written_once(alice: Api) -> None:
    first = alice.post("/users/alice/posts", {"content": "hello"}, key="k")
    again = alice.post("/users/alice/posts", {"content": "hello"}, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert posts_of(alice) == [first.json()["post_id"]]


def test_without_a_key_it_is_written_twice(alice: Api) -> None:
    alice.write("hello")
    alice.write("hello")
    assert len(posts_of(alice)) == 2


def test_another_body_under_the_same_key_is_refused(alice: Api) -> None:
    alice.post("/users/alice/posts", {"content": "hello"}, key="k")
    answer = alice.post("/users/alice/posts", {"content": "bye"}, key="k")
    assert refusal(answer) == (422, "idempotency_key_reused")
    assert len(posts_of(alice)) == 1


def test_a_key_is_its_callers_own(alice: Api, root: Api) -> None:
    alice.post("/users/alice/posts", {"content": "hello"}, key="k")
    root.post("/users/alice/posts", {"content": "hello"}, key="k")
    assert len(posts_of(alice)) == 2


def test_a_key_is_its_routes_own(alice: Api, bob: Api) -> None:
    connected = alice.put("/users/alice/connections/bob/following", key="k")
    removed = alice.delete("/users/alice/connections/bob/following", key="k")
    assert connected.json()["connection_counts"]["following"] == 1
    assert removed.json()["connection_counts"]["following"] == 0
    assert "Idempotency-Replayed" not in removed.headers


def test_the_first_answer_is_given_again_whatever_happened_since(alice: Api) -> None:
    first = alice.put("/users/alice/name", {"name": "Alice"}, key="k").json()
    alice.put("/users/alice/name", {"name": "Bob"})
    assert alice.put("/users/alice/name", {"name": "Alice"}, key="k").json() == first
    assert alice.get("/users/me").json()["name"] == "Bob"


def test_deleting_again_is_not_a_404(alice: Api) -> None:
    post_id = alice.write()
    assert alice.delete(f"/posts/{post_id}", key="k").status_code == 204
    again = alice.delete(f"/posts/{post_id}", key="k")
    assert again.status_code == 204
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_refusal_is_repeated_too(alice: Api, bob: Api) -> None:
    path = "/users/alice/connections/bob/follower"
    assert alice.put(path, key="k").status_code == 403
    again = alice.put(path, key="k")
    assert refusal(again) == (403, "consent_needed")
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/users/alice/name", {"name": "x"}),
        ("PUT", "/users/alice/email", {"email": "a@example.com"}),
        ("PUT", "/users/alice/connections/bob/friend", None),
        ("DELETE", "/users/alice/connections/bob/friend", None),
        ("PUT", "/users/alice/blocks/bob", None),
        ("DELETE", "/users/alice/blocks/bob", None),
        ("POST", "/users/alice/posts", {"content": "x"}),
    ],
)
def test_every_write_takes_a_key(
    alice: Api, bob: Api, method: str, path: str, body: object
) -> None:
    first = alice.call(method, path, body, key="a key, printable: ~!")
    step()
    again = alice.call(method, path, body, key="a key, printable: ~!")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "ü", "\x7f"])
def test_a_bad_key_is_refused(alice: Api, key: str) -> None:
    answer = alice.post("/users/alice/posts", {"content": "hello"}, key=key)
    assert refusal(answer) == (422, "idempotency_key_not_valid")
    assert posts_of(alice) == []


def test_a_key_may_be_long(alice: Api) -> None:
    answer = alice.post("/users/alice/posts", {"content": "hello"}, key="x" * 255)
    assert answer.status_code == 201


def test_reads_take_no_notice_of_keys(alice: Api) -> None:
    assert "Idempotency-Replayed" not in alice.call("GET", "/users/me", key="k").headers
