"""Comments as a page shows them: thread by thread, from any of them on, and what is new."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.caller import Person
from agents_core import AgentError, clock
from agents_core.testing import step
from socialnet.access import get_news_for, get_threads_for
from socialnet.agents.post import Post
from socialnet.agents.schemas import ThreadPage
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts


@pytest.fixture
def post() -> Post:
    return Post.of(UserPosts.of("alice").create_post("Hello").post_id)


def say(post: Post, content: str, to: str | None = None, by: str = "bob") -> str:
    return post.comment(by, content, to).comment_id


def id_of(post: Post) -> str:
    found = post.get_brief()
    assert found is not None
    return found.post_id


def words(page: ThreadPage) -> list[str]:
    return [one.content for one in page.items]


def test_replies_follow_what_they_reply_to(post: Post) -> None:
    first, second = say(post, "first"), say(post, "second")
    reply = say(post, "to first", first)
    say(post, "to second", second)
    say(post, "to that", reply)
    page = post.get_threads()
    assert words(page) == ["first", "to first", "to that", "second", "to second"]
    assert (page.made, page.next_cursor) == (5, None)


def test_a_short_thread_is_not_cut(post: Post) -> None:
    roots = [say(post, name) for name in ("a", "b", "c")]
    for number in range(2):
        say(post, f"c{number}", roots[2])
    first = post.get_threads(4)
    assert words(first) == ["a", "b"]
    assert words(post.get_threads(4, first.next_cursor)) == ["c", "c0", "c1"]


def test_a_long_thread_is(post: Post) -> None:
    root = say(post, "root")
    for number in range(5):
        say(post, str(number), root)
    first = post.get_threads(4)
    assert words(first) == ["root", "0", "1", "2"]
    assert words(post.get_threads(4, first.next_cursor)) == ["3", "4"]


def test_it_begins_where_a_comment_is(post: Post) -> None:
    for number in range(3):
        say(post, str(number))
    root = say(post, "root")
    replies = [say(post, f"r{number}", root) for number in range(6)]
    say(post, "after")
    assert words(post.get_threads(3, begin_at=replies[1])) == ["root", "r0", "r1"]
    assert words(post.get_threads(3, begin_at=replies[4])) == ["r4", "r5", "after"]
    with pytest.raises(AgentError, match="no comment"):
        post.get_threads(3, begin_at=post.get_threads().items[0].comment_id[:-1] + "x")


def test_who_keeps_the_replies_leaves_a_place(post: Post) -> None:
    root = say(post, "@alice look")
    reply = say(post, "reply", root, by="charlie")
    post.edit_comment("bob", root, "look @alice")
    post.like_comment("alice", root, "love")
    post.delete_comment("bob", root, keep_replies=True)
    found = post.get_post("alice")
    assert found is not None
    [place, kept] = found.comments
    assert found.comment_count == 1
    assert (place.content, place.likes, place.mentions, place.edited_at) == ("", {}, [], None)
    assert place.deleted_at is not None
    assert kept.content == "reply"
    for call in (
        lambda: post.comment("alice", "Hi", root),
        lambda: post.edit_comment("bob", root, "Hi"),
        lambda: post.like_comment("alice", root, "like"),
        lambda: post.delete_comment("bob", root),
        lambda: post.get_comment_likes(root),
    ):
        with pytest.raises(AgentError, match="no comment"):
            call()
    post.delete_comment("charlie", reply, keep_replies=True)
    assert words(post.get_threads()) == []


def test_the_posts_author_takes_a_whole_thread_away(post: Post) -> None:
    root = say(post, "root")
    say(post, "reply", root, by="charlie")
    post.delete_comment("bob", root, keep_replies=True)
    post.delete_comment("alice", root)
    found = post.get_brief()
    assert found is not None
    assert (found.comment_count, found.comments, words(post.get_threads())) == (0, [], [])


def test_news_are_what_a_reader_does_not_know(post: Post) -> None:
    kept, changed, gone = (say(post, name) for name in ("kept", "changed", "gone"))
    known, seen = post.get_threads(), clock.now()
    assert get_news_for(Person("alice"), id_of(post), known.made, seen, [kept]).comments == []
    post.like_comment("alice", changed, "love")
    post.delete_comment("bob", gone)
    say(post, "new", kept)
    news = get_news_for(Person("alice"), id_of(post), known.made, seen, [kept, changed, gone])
    assert [one.content for one in news.comments] == ["changed", "new"]
    assert (news.gone, news.made) == ([gone], 4)
    User.of("bob").block("charlie")
    step()
    hidden = get_news_for(Person("charlie"), id_of(post), 0, seen - timedelta(1), [kept])
    assert (hidden.comments, hidden.gone) == ([], [])


def test_they_are_for_those_who_may_read_the_post(post: Post) -> None:
    say(post, "Hi")
    User.of("alice").block("charlie")
    step()
    for call in (
        lambda: get_threads_for(Person("charlie"), id_of(post), 5, None),
        lambda: get_news_for(Person("charlie"), id_of(post), 0, clock.now(), []),
    ):
        with pytest.raises(AgentError, match="no post"):
            call()
    assert words(get_threads_for(Person("bob"), id_of(post), 5, None)) == ["Hi"]
