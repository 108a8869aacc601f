"""Reading on behind the last reference of a full timeline."""

from __future__ import annotations

import pytest

from agents_core.testing import step
from socialnet.agents import views
from socialnet.agents.post import Post
from socialnet.agents.schemas import TIMELINE_MAX
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from socialnet.agents.views import UserTimelineView
from tests.socialnet.agents.conftest import texts

FULL = 12


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeline is full when it has a dozen references."""
    monkeypatch.setattr(views, "TIMELINE_MAX", FULL)
    monkeypatch.setattr(UserTimeline.references, "newest", FULL)


def write(by: str, count: int) -> None:
    for number in range(count):
        UserPosts.of(by).create_post(f"{by} {number}")


def whole(query: str = "*", limit: int = 5) -> list[str]:
    """Bob's timeline to its end."""
    found, cursor = list[str](), None
    while True:
        page = UserTimelineView.of("bob").get_posts(query, limit, cursor)
        found += texts(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.usefixtures("full")
def test_what_was_written_before_is_read_from_the_authors_lists() -> None:
    User.of("bob").connect("alice", "following")
    step()
    for number in range(10):
        UserPosts.of("alice").create_post(f"alice {number}")
        UserPosts.of("bob").create_post(f"bob {number}")
        UserPosts.of("charlie").create_post(f"charlie {number}")
    step()
    assert len(UserTimeline.of("bob").get_references(limit=200).items) == FULL
    both = [f"{who} {number}" for number in reversed(range(10)) for who in ("bob", "alice")]
    assert whole() == both
    assert whole(limit=1) == both
    assert whole("connection_type:following", 3) == [one for one in both if "alice" in one]
    assert whole("bob") == [one for one in both if "bob" in one]


@pytest.mark.usefixtures("full")
def test_what_moved_up_is_shown_once_and_what_is_gone_or_not_for_them_never() -> None:
    User.of("bob").connect("alice", "following")
    step()
    posts = [UserPosts.of("alice").create_post(f"alice {number}") for number in range(20)]
    UserPosts.of("alice").create_post("a secret", "friends")
    step()
    Post.of(posts[0].post_id).edit("alice", "changed")
    Post.of(posts[0].post_id).move_up()
    Post.of(posts[1].post_id).delete("alice")
    step()
    expected = [f"alice {number}" for number in reversed(range(2, 20))]
    assert whole() == ["changed", *expected]


@pytest.mark.usefixtures("full")
def test_a_timeline_that_is_not_full_ends_where_it_ends() -> None:
    write("alice", 30)
    step()
    User.of("bob").connect("alice", "following")
    step()
    UserTimeline.of("bob").forget_author("alice")
    write("bob", FULL - 1)
    step()
    assert len(whole()) == FULL - 1


@pytest.mark.slow
def test_it_is_full_with_all_that_it_keeps() -> None:
    for number in range(TIMELINE_MAX + 5):
        UserPosts.of("bob").trigger.create_post(f"bob {number}")
    step()
    assert len(whole(limit=200)) == TIMELINE_MAX + 5
