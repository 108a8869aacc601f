"""Who may call: every route asks, and nobody acts for somebody else unless they are staff."""

import pytest
from django.test import Client

from accounts.models import User
from tests.socialnet.api.client import BASE, Api, refusal

POST_ID = "01900000-0000-7000-8000-000000000000"
POST = f"/posts/{POST_ID}"
COMMENT = f"{POST}/comments/{POST_ID}"

READS = [
    "/users/search?query=*",
    "/users/me",
    "/users/alice",
    "/users/alice/avatar",
    "/users/alice/connections",
    "/users/alice/posts",
    "/users/alice/posts/search?query=*",
    "/users/alice/timeline/posts",
    "/users/alice/timeline/posts/updates",
    "/users/alice/notifications",
    "/users/alice/notifications/settings",
    "/users/alice/suggestions",
    "/users/alice/bookmarks",
    POST,
    f"{POST}/comments",
    f"{POST}/edits",
    f"{POST}/likes",
    f"{COMMENT}/edits",
    f"{COMMENT}/likes",
]
OWN_READS = [
    "/users/alice/timeline/posts",
    "/users/alice/timeline/posts/updates",
    "/users/alice/notifications",
    "/users/alice/notifications/settings",
    "/users/alice/suggestions",
    "/users/alice/bookmarks",
]
OWN_WRITES = [
    ("PUT", "/users/alice/name", {"name": "x"}),
    ("PUT", "/users/alice/email", {"email": None}),
    ("PUT", "/users/alice/bio", {"bio": "x"}),
    ("PUT", "/users/alice/connections/bob/following", None),
    ("DELETE", "/users/alice/connections/bob/following", None),
    ("PUT", "/users/alice/blocks/bob", None),
    ("DELETE", "/users/alice/blocks/bob", None),
    ("PUT", "/users/alice/mutes/bob", None),
    ("DELETE", "/users/alice/mutes/bob", None),
    ("PUT", "/users/alice/notifications/read", {}),
    ("PUT", "/users/alice/notifications/settings", {"like": False}),
    ("POST", "/users/alice/posts", {"content": "x"}),
]
WRITES = [
    *OWN_WRITES,
    ("PUT", f"/users/alice/bookmarks/{POST_ID}", None),
    ("DELETE", f"/users/alice/bookmarks/{POST_ID}", None),
    ("PUT", POST, {"content": "x"}),
    ("DELETE", POST, None),
    ("PUT", f"{POST}/likes/alice", {"like_type": "like"}),
    ("DELETE", f"{POST}/likes/alice", None),
    ("POST", f"{POST}/comments", {"content": "x"}),
    ("PUT", COMMENT, {"content": "x"}),
    ("DELETE", COMMENT, None),
    ("PUT", f"{COMMENT}/likes/alice", {"like_type": "like"}),
    ("DELETE", f"{COMMENT}/likes/alice", None),
]


@pytest.mark.parametrize("path", READS)
def test_no_read_is_open_to_visitors(visitor: Api, path: str) -> None:
    answer = visitor.get(path)
    assert refusal(answer) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_no_write_is_open_to_visitors(visitor: Api, method: str, path: str, body: object) -> None:
    assert refusal(visitor.call(method, path, body)) == (401, "not_signed_in")


@pytest.mark.parametrize("path", OWN_READS)
def test_nobody_reads_what_is_anothers_own(alice: Api, bob: Api, path: str) -> None:
    assert refusal(bob.get(path)) == (403, "acting_for_others")


@pytest.mark.parametrize(("method", "path", "body"), OWN_WRITES)
def test_nobody_writes_for_another(
    alice: Api, bob: Api, method: str, path: str, body: object
) -> None:
    before = alice.get("/users/me").json()
    assert refusal(bob.call(method, path, body)) == (403, "acting_for_others")
    assert alice.get("/users/me").json() == before


@pytest.mark.parametrize("path", OWN_READS)
def test_staff_reads_for_anyone(alice: Api, root: Api, path: str) -> None:
    assert root.get(path).status_code == 200


@pytest.mark.parametrize(("method", "path", "body"), OWN_WRITES)
def test_staff_writes_for_anyone(
    alice: Api, bob: Api, root: Api, method: str, path: str, body: object
) -> None:
    assert root.call(method, path, body).status_code in (200, 201)


def test_one_is_oneself_in_any_spelling(alice: Api) -> None:
    assert alice.put("/users/ALICE/name", {"name": "Alice"}).status_code == 200


def test_a_bad_token_is_refused_even_with_a_good_session() -> None:
    client = Client()
    client.force_login(User.objects.create_user("alice"))
    assert client.get(f"{BASE}/users/me").status_code == 200
    answer = client.get(f"{BASE}/users/me", headers={"Authorization": "Bearer nonsense"})
    assert refusal(answer) == (401, "not_signed_in")


def test_a_session_writes_with_its_csrf_token_alone() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("alice"))
    path, body = f"{BASE}/users/alice/name", {"name": "Alice"}
    answer = client.put(path, body, content_type="application/json")
    assert refusal(answer) == (403, "csrf_failed")
    client.get("/accounts/logout/")
    csrf = client.cookies["agora_csrf"].value
    answer = client.put(path, body, content_type="application/json", headers={"X-CSRFToken": csrf})
    assert answer.json()["name"] == "Alice"


def test_a_session_reads_without_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("alice"))
    assert client.get(f"{BASE}/users/me").json()["user_id"] == "alice"
