"""Writing, importing and deleting posts, and the list of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents_core import calling
from agents_core.clock import now
from agents_core.testing import freeze, step
from socialnet.agents.errors import (
    ContentNotValid,
    NotTheAuthor,
    PostNotFound,
    TimeNotValid,
    UserNotFound,
)
from socialnet.agents.post import Post
from socialnet.agents.schemas import POST_MAX
from socialnet.agents.user_posts import UserPosts
from tests.socialnet.agents.conftest import Befriend, texts, timeline

LAST_YEAR = datetime(2025, 5, 6, 7, 8, 9, tzinfo=UTC)


def write(content: str, by: str = "alice") -> str:
    return UserPosts.of(by).create_post(content).post_id


def listed(user_id: str) -> list[str]:
    return [post.post_id for post in UserPosts.of(user_id).get_posts().items]


def test_it_writes_a_post() -> None:
    post = Post.of(write("  Hello\r\nworld ")).get_post()
    assert post is not None
    assert (post.content, post.created_by) == ("Hello\nworld", "alice")
    assert post.created_at == post.updated_at
    assert post.like_counts.love == 0


def test_it_can_be_read_and_is_listed_as_soon_as_it_is_written() -> None:
    post_id = write("Hello")
    assert Post.of(post_id).get_post() is not None
    assert listed("alice") == [post_id]


def test_it_names_posts_with_uuids_of_version_7() -> None:
    from uuid import UUID

    assert UUID(write("Hello")).version == 7


def test_it_lists_posts_newest_first_and_page_by_page() -> None:
    written = [write(f"post {number}") for number in range(5)]
    first = UserPosts.of("alice").get_posts(limit=3)
    second = UserPosts.of("alice").get_posts(limit=3, cursor=first.next_cursor)
    assert [post.post_id for post in first.items + second.items] == written[::-1]
    assert second.next_cursor is None


def test_it_writes_another_with_every_call() -> None:
    assert write("the same") != write("the same")
    assert len(listed("alice")) == 2


def test_it_writes_once_under_one_idempotency_key() -> None:
    post_ids = set()
    for _ in range(2):
        with calling("alice", key="k1"):
            post_ids.add(write("once"))
    assert len(post_ids) == 1
    assert len(listed("alice")) == 1


@pytest.mark.parametrize("content", ["", " \n", "\u200b", "x" * (POST_MAX + 1)])
def test_it_writes_nothing_that_is_empty_or_too_long(content: str) -> None:
    with pytest.raises(ContentNotValid):
        write(content)
    assert listed("alice") == []
    assert step() == 0


def test_nobody_does_not_write() -> None:
    with pytest.raises(UserNotFound):
        write("Hello", by="nobody")
    assert listed("nobody") == []


def test_it_is_created_once() -> None:
    first = Post.of("p1").create("alice", "first")
    assert Post.of("p1").create("bob", "second") == first


def test_there_is_no_post_that_nobody_wrote() -> None:
    assert Post.of("p1").get_post() is None
    with pytest.raises(PostNotFound):
        Post.of("p1").delete("alice")


# importing


def test_it_imports_what_was_written_in_the_past() -> None:
    write("today")
    UserPosts.of("alice").import_post("p1", "last year", LAST_YEAR)
    step()
    assert texts(timeline("alice")) == ["today", "last year"]
    assert listed("alice")[1] == "p1"
    assert timeline("alice")[1].created_at == LAST_YEAR


def test_it_imports_a_post_once() -> None:
    for _ in range(2):
        UserPosts.of("alice").import_post("p1", "last year", LAST_YEAR)
        step()
    assert listed("alice") == ["p1"]


def test_it_does_not_bring_a_deleted_post_back() -> None:
    UserPosts.of("alice").import_post("p1", "last year", LAST_YEAR)
    Post.of("p1").delete("alice")
    step()
    with pytest.raises(PostNotFound):
        UserPosts.of("alice").import_post("p1", "last year", LAST_YEAR)
    assert listed("alice") == []


def test_it_imports_nothing_from_the_future() -> None:
    with pytest.raises(TimeNotValid):
        UserPosts.of("alice").import_post("p1", "tomorrow", now() + timedelta(days=1))
    assert Post.of("p1").get_post() is None


# deleting


def test_it_leaves_the_list_and_every_timeline_when_it_is_deleted(befriend: Befriend) -> None:
    befriend("alice", "bob")
    gone, stays = write("goes"), write("stays")
    step()
    Post.of(gone).delete("alice")
    assert Post.of(gone).get_post() is None
    step()
    assert listed("alice") == [stays]
    assert texts(timeline("alice")) == texts(timeline("bob")) == ["stays"]


def test_it_disappears_from_timelines_at_once(befriend: Befriend) -> None:
    """Before the news has travelled, the reference is there and the post is not."""
    befriend("alice", "bob")
    gone = write("goes")
    step()
    Post.of(gone).delete("alice")
    assert timeline("bob") == []


def test_a_stranger_does_not_delete_it() -> None:
    post_id = write("Hello")
    with pytest.raises(NotTheAuthor) as refusal:
        Post.of(post_id).delete("bob")
    assert refusal.value.status == 403
    assert listed("alice") == [post_id]


def test_staff_deletes_it() -> None:
    post_id = write("Hello")
    Post.of(post_id).delete("bob", staff=True)
    step()
    assert listed("alice") == []


def test_it_is_gone_when_it_is_deleted_again() -> None:
    post_id = write("Hello")
    Post.of(post_id).delete("alice")
    with pytest.raises(PostNotFound):
        Post.of(post_id).delete("alice")


def test_it_keeps_nothing_of_what_was_deleted() -> None:
    post_id = write("a secret")
    Post.of(post_id).delete("alice")
    assert Post.of(post_id).get_post_if_match("secret") is None


def test_a_post_deleted_before_it_has_arrived_does_not_arrive(befriend: Befriend) -> None:
    befriend("alice", "bob")
    Post.of(write("short-lived")).delete("alice")
    step()
    assert timeline("alice") == timeline("bob") == []


# matching


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("*", True),
        ("", True),
        ("quick", True),
        ("QUICK", True),
        ("uick bro", True),
        ("zebra", False),
        ("zebra fox", True),
        ('"quick brown"', True),
        ('"brown quick"', False),
        ("alice", True),
        ("content:fox", True),
        ("content:alice", False),
        ('content:"brown fox"', True),
        ("created_by:alice", True),
        ("created-by:ALICE", True),
        ("createdby:ali", False),
        ("post_id:p1", True),
        ("post-id:p", False),
        ("created_by:alice content:zebra", False),
        ("created_by:alice zebra", False),
        ("colour:brown", False),
        ("connection_type:friend", True),
        ("connection_type:follower", False),
    ],
)
def test_it_matches_as_the_query_language_says(query: str, found: bool) -> None:
    Post.of("p1").create("alice", "The quick brown fox")
    assert (Post.of("p1").get_post_if_match(query, "friend") is not None) is found


def test_it_is_found_among_what_its_follower_follows() -> None:
    Post.of("p1").create("alice", "Hello")
    assert Post.of("p1").get_post_if_match("connection_type:following", "follower")
    assert Post.of("p1").get_post_if_match("connection_type:follower", "follower")
    assert not Post.of("p1").get_post_if_match("connection_type:following", None)


def test_it_is_written_at_the_time_of_the_call() -> None:
    with freeze("2999-03-01T12:00:00Z"):
        post = Post.of(write("Hello")).get_post()
        assert post is not None
        assert post.created_at.isoformat().startswith("2999-03-01T12:00")
