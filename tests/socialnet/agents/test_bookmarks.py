"""Posts that are saved to be read again."""

import pytest

from agents_core.testing import step
from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.errors import PostNotFound, UserNotFound
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.views import BookmarksView, UserPostsView
from tests.socialnet.agents.conftest import Befriend, texts, timeline


def write(by: str, content: str, **how: str) -> str:
    return UserPosts.of(by).create_post(content, **how).post_id


def saved(user_id: str, query: str = "*") -> list[str]:
    return texts(BookmarksView.of(user_id).get_posts(query).items)


def test_what_is_saved_last_comes_first_and_once() -> None:
    early, late = write("alice", "Early"), write("alice", "Late")
    for post_id in (late, early, late):
        Bookmarks.of("bob").save(post_id)
    assert saved("bob") == ["Early", "Late"]
    assert saved("alice") == []
    for _ in range(2):
        Bookmarks.of("bob").unsave(early)
    assert saved("bob") == ["Late"]


def test_pages_follow_each_other() -> None:
    for number in range(5):
        Bookmarks.of("bob").save(write("alice", str(number)))
    first = BookmarksView.of("bob").get_posts(limit=3)
    rest = BookmarksView.of("bob").get_posts(limit=3, cursor=first.next_cursor)
    assert (texts(first.items), texts(rest.items)) == (["4", "3", "2"], ["1", "0"])
    assert rest.next_cursor is None


def test_nobody_saves_what_they_may_not_read(befriend: Befriend) -> None:
    befriend("alice", "bob")
    closed = write("alice", "For friends", audience="friends")
    Bookmarks.of("bob").save(closed)
    for refused, reader in ((PostNotFound, "charlie"), (UserNotFound, "nobody")):
        with pytest.raises(refused):
            Bookmarks.of(reader).save(closed)
        assert Bookmarks.of(reader).get_bookmarks().items == []
    assert saved("bob") == ["For friends"]


def test_what_one_may_not_see_any_more_is_gone(befriend: Befriend) -> None:
    befriend("alice", "bob")
    closed = write("alice", "For friends", audience="friends")
    deleted, kept = write("charlie", "Deleted"), write("charlie", "Kept")
    for post_id in (closed, deleted, kept):
        Bookmarks.of("bob").save(post_id)
    assert saved("bob") == ["Kept", "Deleted", "For friends"]

    Post.of(deleted).delete("charlie")
    User.of("bob").disconnect("alice", "friend")
    step()
    assert saved("bob") == ["Kept"]
    User.of("charlie").block("bob")
    step()
    assert saved("bob") == []
    User.of("charlie").unblock("bob")
    step()
    assert saved("bob") == ["Kept"]


def test_a_mute_takes_nothing_away_that_was_saved_on_purpose() -> None:
    Bookmarks.of("bob").save(write("charlie", "Worth it"))
    User.of("bob").mute("charlie")
    assert saved("bob") == ["Worth it"]


def test_they_are_searched_like_all_posts(befriend: Befriend) -> None:
    befriend("alice", "bob")
    Bookmarks.of("bob").save(write("alice", "Red lemons"))
    write("alice", "Green lemons")
    Bookmarks.of("bob").save(write("charlie", "Red pears"))
    step()
    assert saved("bob", "red created_by:alice") == ["Red lemons"]
    assert texts(timeline("bob", "lemons")) == ["Green lemons", "Red lemons"]
    assert texts(timeline("bob", "lemons in:bookmarks")) == ["Red lemons"]
    assert texts(timeline("bob", "lemons in:elsewhere")) == []
    posts = UserPostsView.of("alice")
    assert texts(posts.search("in:bookmarks", "bob").items) == ["Red lemons"]
    assert texts(posts.search("in:bookmarks", "alice").items) == []
