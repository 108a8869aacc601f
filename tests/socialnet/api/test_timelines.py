"""Timelines over HTTP."""

from urllib.parse import quote

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api


def contents(api: Api, query: str = "") -> list[str]:
    page = api.get(f"/users/{api.name}/timeline/posts{query}").json()
    return [post["content"] for post in page["items"]]


@pytest.fixture
def followed(alice: Api, bob: Api) -> Api:
    """alice, whom bob follows."""
    bob.put("/users/bob/connections/alice/following")
    step()
    return alice


def test_a_post_reaches_its_author_and_followers(followed: Api, bob: Api, charlie: Api) -> None:
    followed.write("hello")
    step()
    assert contents(followed) == contents(bob) == ["hello"]
    assert contents(charlie) == []


def test_a_timeline_is_newest_first_and_paged(followed: Api, bob: Api) -> None:
    for number in range(3):
        followed.write(f"post {number}")
    step()
    assert contents(bob) == ["post 2", "post 1", "post 0"]
    page = bob.get("/users/bob/timeline/posts?limit=2").json()
    assert contents(bob, f"?limit=2&cursor={page['next_cursor']}") == ["post 0"]


def test_a_timeline_can_be_searched(followed: Api, bob: Api) -> None:
    followed.write("about cats")
    bob.write("about dogs")
    step()
    assert contents(bob, "?query=cats") == ["about cats"]
    assert contents(bob, "?query=created_by:bob") == ["about dogs"]
    assert contents(bob, "?query=connection_type:following") == ["about cats"]


def test_a_deleted_post_leaves_every_timeline(followed: Api, bob: Api) -> None:
    post_id = followed.write()
    step()
    followed.delete(f"/posts/{post_id}")
    step()
    assert contents(bob) == []


def test_updates_say_what_came_since(followed: Api, bob: Api) -> None:
    first = followed.write("one")
    step()
    updates = bob.get("/users/bob/timeline/posts/updates").json()
    assert [ref["post_id"] for ref in updates] == [first]
    assert updates[0].keys() == {
        "post_id",
        "created_by",
        "created_by_connection_type",
        "created_at",
        "updated_at",
    }
    assert updates[0]["created_by_connection_type"] == "follower"
    second = followed.write("two")
    step()
    since = f"/users/bob/timeline/posts/updates?since={updates[0]['updated_at']}"
    assert [ref["post_id"] for ref in bob.get(since).json()] == [second]


def test_waiting_counts_for_nothing_here(alice: Api) -> None:
    assert alice.get("/users/alice/timeline/posts/updates?wait=30").json() == []


def test_a_time_may_have_an_offset(alice: Api) -> None:
    since = quote("2026-03-01T15:07:31+01:00")
    assert alice.get(f"/users/alice/timeline/posts/updates?since={since}").status_code == 200


@pytest.mark.parametrize(
    "query", ["since=yesterday", "since=2026-03-01T15:07:31", "wait=-1", "wait=31", "wait=x"]
)
def test_malformed_updates_are_refused(alice: Api, query: str) -> None:
    assert alice.get(f"/users/alice/timeline/posts/updates?{query}").status_code == 422


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=nonsense"])
def test_a_malformed_page_is_refused(alice: Api, query: str) -> None:
    assert alice.get(f"/users/alice/timeline/posts?{query}").status_code == 422
