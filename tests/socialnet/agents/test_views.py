"""Lists of posts as pages show them: filtered, paged, without what may not be seen."""

from __future__ import annotations

import pytest

from agents_core.collections import CursorNotValid
from agents_core.testing import step
from socialnet.agents import views
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.views import UserPostsView, UserTimelineView
from tests.socialnet.agents.conftest import Befriend, texts, timeline


def write(content: str, by: str = "alice") -> str:
    return UserPosts.of(by).create_post(content).post_id


def write_fruit() -> None:
    for content in ("apple pie", "pear tart", "apple sauce", "plum cake", "apple juice"):
        write(content)
    step()


def test_it_shows_a_persons_posts_newest_first() -> None:
    write_fruit()
    page = UserPostsView.of("alice").get_posts()
    assert texts(page.items)[0] == "apple juice"
    assert len(page.items) == 5


def test_it_shows_nothing_of_somebody_without_posts() -> None:
    assert UserPostsView.of("bob").get_posts().items == []
    assert timeline("bob") == []


def test_it_searches_a_persons_posts() -> None:
    write_fruit()
    page = UserPostsView.of("alice").search("apple")
    assert texts(page.items) == ["apple juice", "apple sauce", "apple pie"]
    assert UserPostsView.of("alice").search("colour:red").items == []


@pytest.mark.parametrize("query", ["*", "apple", "content:e"])
@pytest.mark.parametrize("stretch", [1, 2, 200])
def test_pages_meet_without_a_gap_or_a_double(
    query: str, stretch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "_STRETCH", stretch)
    write_fruit()
    whole = UserTimelineView.of("alice").get_posts(query).items
    found, cursor = [], None
    for _ in range(len(whole)):
        page = UserTimelineView.of("alice").get_posts(query, limit=1, cursor=cursor)
        found += page.items
        cursor = page.next_cursor
    assert cursor is None
    assert found == whole


def test_it_says_when_there_is_no_further_page() -> None:
    write_fruit()
    assert UserTimelineView.of("alice").get_posts("*", limit=5).next_cursor is None
    assert UserTimelineView.of("alice").get_posts("apple", limit=3).next_cursor is None


def test_it_answers_with_what_it_has_after_a_long_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_STRETCH", 2)
    monkeypatch.setattr(views, "_LOOKED_AT_MOST", 2)
    write_fruit()
    page = UserPostsView.of("alice").search("pie")
    pages = 1
    while page.next_cursor is not None:
        page = UserPostsView.of("alice").search("pie", cursor=page.next_cursor)
        pages += 1
    assert texts(page.items) == ["apple pie"]
    assert pages == 3


def test_it_refuses_a_cursor_that_is_not_ours() -> None:
    with pytest.raises(CursorNotValid):
        UserTimelineView.of("alice").get_posts(cursor="nonsense!")


def test_a_timeline_is_searched_by_kind_of_connection(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("bob").connect("charlie", "following")
    step()
    write("by a friend", by="alice")
    write("by somebody followed", by="charlie")
    write("my own", by="bob")
    step()
    assert texts(timeline("bob", "connection_type:friend")) == ["by a friend"]
    assert texts(timeline("bob", "connection-type:following")) == ["by somebody followed"]
    assert texts(timeline("bob", "connection_type:follower")) == ["by somebody followed"]
    assert texts(timeline("bob", "connectiontype:friend somebody")) == []
    assert texts(timeline("bob", "by")) == ["by somebody followed", "by a friend"]


def test_a_timeline_is_searched_by_author(befriend: Befriend) -> None:
    befriend("alice", "bob")
    write("by a friend", by="alice")
    write("my own", by="bob")
    step()
    assert texts(timeline("bob", "created_by:bob")) == ["my own"]


def test_a_page_is_full_even_where_posts_are_gone(befriend: Befriend) -> None:
    befriend("alice", "bob")
    posts = [write(f"post {number}") for number in range(6)]
    step()
    for post_id in posts[3:]:
        Post.of(post_id).delete("alice")
    page = UserTimelineView.of("bob").get_posts("*", limit=2)
    assert texts(page.items) == ["post 2", "post 1"]
    rest = UserTimelineView.of("bob").get_posts("*", limit=2, cursor=page.next_cursor)
    assert texts(rest.items) == ["post 0"]


def test_a_block_hides_the_posts_of_both_from_each_other() -> None:
    write("by alice")
    write("by bob", by="bob")
    User.of("alice").block("bob")
    step()
    assert UserPostsView.of("alice").get_posts("bob").items == []
    assert UserPostsView.of("bob").search("*", "alice").items == []
    assert texts(UserPostsView.of("alice").get_posts("charlie").items) == ["by alice"]
    assert texts(UserPostsView.of("alice").get_posts("alice").items) == ["by alice"]
