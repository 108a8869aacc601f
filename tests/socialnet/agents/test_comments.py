"""Comments on posts: writing, replying, changing, deleting, and how the news travels."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents_core import calling
from agents_core.testing import freeze, step
from socialnet.agents.errors import (
    CommentNotFound,
    CommentNotYours,
    ContentNotValid,
    NotTheAuthor,
    ParentCommentNotFound,
    PostNotFound,
    UserNotFound,
)
from socialnet.agents.post import MOVE_UP_AFTER, OVERDUE, Post
from socialnet.agents.schemas import COMMENT_MAX, PostView
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from tests.socialnet.agents.conftest import Befriend, texts, timeline

SOON = MOVE_UP_AFTER.total_seconds() + 1


@pytest.fixture
def post() -> Post:
    """A post by Alice."""
    return Post.of(UserPosts.of("alice").create_post("Hello").post_id)


def say(post: Post, content: str, to: str | None = None, by: str = "bob") -> str:
    return post.comment(by, content, to).comment_id


def read(post: Post, viewer: str | None = None) -> PostView:
    found = post.get_post(viewer)
    assert found is not None
    return found


def said(post: Post) -> list[str]:
    return [comment.content for comment in post.get_comments().items]


def test_it_is_said_under_the_post(post: Post) -> None:
    comment_id = say(post, "  Hi\r\nthere ")
    [comment] = read(post).comments
    assert (comment.comment_id, comment.content) == (comment_id, "Hi\nthere")
    assert (comment.created_by, comment.parent_comment_id) == ("bob", None)
    assert read(post).comment_count == 1


def test_every_call_says_it_again_and_one_key_says_it_once(post: Post) -> None:
    assert say(post, "Hi") != say(post, "Hi")
    for _ in range(2):
        with calling("bob", key="k"):
            say(post, "once")
    assert said(post) == ["Hi", "Hi", "once"]


@pytest.mark.parametrize("content", ["", " \n", "\u200b", "x" * (COMMENT_MAX + 1)])
def test_it_says_something_and_ends(post: Post, content: str) -> None:
    with pytest.raises(ContentNotValid):
        say(post, content)
    assert said(post) == []
    assert not post.unschedule("move up")


def test_a_reply_names_what_it_replies_to(post: Post) -> None:
    first = say(post, "first")
    reply = say(post, "reply", first)
    say(post, "reply to the reply", reply)
    parents = [comment.parent_comment_id for comment in read(post).comments]
    assert parents == [None, first, reply]


def test_there_is_no_reply_to_what_is_not_there(post: Post) -> None:
    other = Post.of(UserPosts.of("alice").create_post("Another").post_id)
    for parent in ("nothing", say(other, "elsewhere")):
        with pytest.raises(ParentCommentNotFound):
            say(post, "reply", parent)
    assert said(post) == []


def test_lists_show_the_newest_and_a_page_shows_the_first(post: Post, befriend: Befriend) -> None:
    befriend("alice", "bob")
    for number in range(5):
        say(post, str(number))
    [listed] = timeline("bob")
    assert [comment.content for comment in listed.comments] == ["2", "3", "4"]
    assert [comment.content for comment in read(post).comments] == ["0", "1", "2", "3", "4"]
    assert listed.comment_count == read(post).comment_count == 5


def test_they_are_read_oldest_first_page_by_page(post: Post) -> None:
    for number in range(5):
        say(post, str(number))
    first = post.get_comments(limit=3)
    second = post.get_comments(limit=3, cursor=first.next_cursor)
    assert [one.content for one in first.items + second.items] == ["0", "1", "2", "3", "4"]
    assert second.next_cursor is None


def test_one_goes_with_all_its_replies_and_nothing_else(post: Post) -> None:
    first = say(post, "first")
    reply = say(post, "reply", first)
    say(post, "beside", first)
    say(post, "second")
    say(post, "below", reply)
    post.delete_comment("bob", reply)
    assert said(post) == ["first", "beside", "second"]
    post.delete_comment("bob", first)
    assert said(post) == ["second"]
    assert [comment.content for comment in read(post).comments] == ["second"]
    assert read(post).comment_count == 1


def test_it_can_be_replied_to_after_its_replies_are_gone(post: Post) -> None:
    first = say(post, "first")
    post.delete_comment("bob", say(post, "reply", first))
    say(post, "another", first)
    post.delete_comment("bob", first)
    assert (said(post), read(post).comments) == ([], [])


@pytest.mark.parametrize(("by", "staff"), [("bob", False), ("alice", False), ("charlie", True)])
def test_its_author_the_posts_author_and_staff_delete_it(post: Post, by: str, staff: bool) -> None:
    comment_id = say(post, "Hi")
    post.delete_comment(by, comment_id, staff)
    assert said(post) == []
    with pytest.raises(CommentNotFound):
        post.delete_comment(by, comment_id, staff)


def test_nobody_else_deletes_it_not_even_who_is_replied_to(post: Post) -> None:
    first = say(post, "first", by="charlie")
    reply = say(post, "reply", first)
    with pytest.raises(CommentNotYours) as refusal:
        post.delete_comment("charlie", reply)
    assert refusal.value.status == 403
    assert said(post) == ["first", "reply"]


def test_what_people_thought_of_it_goes_with_it(post: Post) -> None:
    comment_id = say(post, "Hi")
    post.like_comment("charlie", comment_id, "love")
    post.like("charlie", "like")
    post.delete_comment("bob", comment_id)
    with pytest.raises(CommentNotFound):
        post.get_comment_likes(comment_id)
    with pytest.raises(CommentNotFound):
        post.like_comment("charlie", comment_id, "love")
    assert [like.like_type for like in post.get_likes().items] == ["like"]


def test_it_is_liked_like_a_post(post: Post) -> None:
    comment_id = say(post, "Hi")
    post.like_comment("alice", comment_id, "love")
    view = post.like_comment("charlie", comment_id, "dislike")
    assert view.comments == read(post, "charlie").comments
    [comment] = view.comments
    assert comment.likes == {"charlie": "dislike", "alice": "love"}
    assert (comment.my_like, comment.like_counts.love) == ("dislike", 1)
    assert post.like_comment("charlie", comment_id, "dislike") == view
    [comment] = post.unlike_comment("charlie", comment_id).comments
    assert (comment.likes, comment.my_like) == ({"alice": "love"}, None)


def test_nobody_says_nothing(post: Post) -> None:
    with pytest.raises(UserNotFound):
        post.comment("nobody", "Hi", staff=True)
    assert said(post) == []


@pytest.mark.parametrize(("blocker", "blocked"), [("alice", "bob"), ("bob", "alice")])
def test_there_is_no_post_to_speak_under_behind_a_block(
    post: Post, blocker: str, blocked: str
) -> None:
    comment_id = say(post, "Hi", by="charlie")
    User.of(blocker).block(blocked)
    step()
    for attempt in (
        lambda: post.comment("bob", "Hi"),
        lambda: post.like_comment("bob", comment_id, "like"),
        lambda: post.unlike_comment("bob", comment_id),
        lambda: post.delete_comment("bob", comment_id),
        lambda: post.edit_comment("bob", comment_id, "x"),
        lambda: post.edit("bob", "x"),
        lambda: post.delete("bob"),
    ):
        with pytest.raises(PostNotFound):
            attempt()
    assert said(post) == ["Hi"]
    assert post.comment("bob", "as support", staff=True)


def test_there_is_no_comment_behind_a_block(post: Post) -> None:
    comment_id = say(post, "Hi", by="charlie")
    User.of("charlie").block("bob")
    step()
    with pytest.raises(ParentCommentNotFound):
        say(post, "reply", comment_id)
    for attempt in (
        lambda: post.like_comment("bob", comment_id, "like"),
        lambda: post.delete_comment("bob", comment_id),
        lambda: post.edit_comment("bob", comment_id, "x"),
    ):
        with pytest.raises(CommentNotFound):
            attempt()
    assert say(post, "beside it")


# changing


def test_what_it_said_before_stays_to_be_read(post: Post) -> None:
    comment_id = say(post, "first")
    for content in ("second", "third"):
        view = post.edit_comment("bob", comment_id, content)
    [comment] = view.comments
    assert (comment.content, said(post)) == ("third", ["third"])
    assert comment.edited_at is not None
    edits = post.get_comment_edits(comment_id).items
    assert [edit.content for edit in edits] == ["second", "first"]
    assert edits[1].written_at == comment.created_at
    assert post.get_edits().items == []


def test_a_post_is_edited_and_what_it_said_before_stays_to_be_read(post: Post) -> None:
    view = post.edit("alice", " Goodbye ")
    assert (view.content, view.edited_at) == ("Goodbye", view.updated_at)
    assert [edit.content for edit in post.get_edits().items] == ["Hello"]
    assert post.edit("alice", "Goodbye") == view
    assert post.get_post_if_match("hello") is None


def test_nobody_else_edits(post: Post) -> None:
    comment_id = say(post, "Hi")
    with pytest.raises(NotTheAuthor):
        post.edit("bob", "x")
    with pytest.raises(CommentNotYours):
        post.edit_comment("alice", comment_id, "x")
    with pytest.raises(ContentNotValid):
        post.edit("alice", " ")
    assert (read(post).content, said(post)) == ("Hello", ["Hi"])


def test_a_deleted_post_keeps_nothing(post: Post) -> None:
    comment_id = say(post, "Hi")
    post.edit("alice", "Goodbye")
    post.delete("alice")
    for attempt in (
        lambda: post.get_comments(),
        lambda: post.get_comment_likes(comment_id),
        lambda: post.get_edits(),
        lambda: post.comment("bob", "Hi"),
        lambda: post.edit("alice", "x"),
    ):
        with pytest.raises(PostNotFound):
            attempt()


# how the news travels


def test_a_comment_moves_the_post_up_where_its_author_is_read(befriend: Befriend) -> None:
    """Bob reads Alice; Charlie, who reads Bob, hears nothing of what Bob says elsewhere."""
    befriend("alice", "bob")
    befriend("bob", "charlie")
    with freeze("2999-03-01T12:00:00Z") as time:
        post = Post.of(UserPosts.of("alice").create_post("old").post_id)
        UserPosts.of("alice").create_post("new")
        step()
        say(post, "Hi")
        step()
        assert texts(timeline("bob")) == ["new", "old"]
        time.tick(SOON)
        step()
        assert texts(timeline("bob")) == texts(timeline("alice")) == ["old", "new"]
        assert timeline("charlie") == []
        top = UserTimeline.of("bob").get_references().items[0]
        assert (top.created_by, top.created_by_connection_type) == ("alice", "friend")


def test_a_hundred_comments_are_told_of_once(befriend: Befriend) -> None:
    befriend("alice", "bob")
    with freeze("2999-03-01T12:00:00Z") as time:
        post = Post.of(UserPosts.of("alice").create_post("Hello").post_id)
        step()
        before = UserTimeline.of("bob").get_references().items[0].updated_at
        for number in range(10):
            say(post, str(number))
        time.tick(SOON)
        assert step() == 5  # the post, its author's list and notices, and two timelines
        after = UserTimeline.of("bob").get_references().items[0].updated_at
        assert after > before
        time.tick(60)
        assert step() == 0
        say(post, "and another")
        time.tick(SOON)
        step()
        assert UserTimeline.of("bob").get_references().items[0].updated_at > after


def test_an_edit_moves_the_post_up(befriend: Befriend) -> None:
    befriend("alice", "bob")
    with freeze("2999-03-01T12:00:00Z") as time:
        post = Post.of(UserPosts.of("alice").create_post("old").post_id)
        UserPosts.of("alice").create_post("new")
        step()
        post.edit("alice", "old, but better")
        time.tick(SOON)
        step()
        assert texts(timeline("bob")) == ["old, but better", "new"]


def test_news_of_a_deleted_post_do_not_bring_it_back(befriend: Befriend) -> None:
    befriend("alice", "bob")
    with freeze("2999-03-01T12:00:00Z") as time:
        post = Post.of(UserPosts.of("alice").create_post("Hello").post_id)
        step()
        say(post, "Hi")
        post.delete("alice")
        time.tick(SOON)
        step()
        assert UserTimeline.of("bob").get_references().items == []


def test_news_that_were_on_their_way_when_it_was_deleted_do_not_bring_it_back(
    befriend: Befriend,
) -> None:
    befriend("alice", "bob")
    post_id = UserPosts.of("alice").create_post("Hello").post_id
    step()
    Post.of(post_id).move_up()
    Post.of(post_id).delete("alice")
    step()
    assert UserTimeline.of("bob").get_references().items == []


def test_a_telling_that_was_taken_away_is_made_up_for(post: Post, befriend: Befriend) -> None:
    befriend("alice", "bob")
    with freeze("2999-03-01T12:00:00Z") as time:
        say(post, "Hi")
        assert post.unschedule("move up")
        time.tick((OVERDUE + timedelta(minutes=1)).total_seconds())
        say(post, "Hi again")
        time.tick(SOON)
        assert step() == 5
