"""What is done to a post is told to those it concerns, once."""

from __future__ import annotations

from agents_core.testing import step
from socialnet.agents.notifications import Notifications
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from tests.socialnet.agents.conftest import Befriend


def write(content: str = "Hello", audience: str = "public") -> tuple[Post, str]:
    post_id = UserPosts.of("alice").create_post(content, audience).post_id
    return Post.of(post_id), post_id


def told(user_id: str) -> list[tuple[str, str, list[str]]]:
    """(kind, subject, actors) of what somebody is told of posts, the latest first."""
    step()
    items = Notifications.of(user_id).get_notifications().items
    kinds = ("mention", "comment", "reply", "like")
    return [(one.kind, one.subject, one.actors) for one in items if one.kind in kinds]


def test_the_author_is_told_of_comments_and_reactions() -> None:
    post, post_id = write()
    post.like("bob", "love")
    post.like("bob", "like")
    post.comment("charlie", "Hi there")
    post.comment("bob", "And me")
    post.like("alice", "like")
    post.comment("alice", "Myself")
    assert told("alice") == [
        ("comment", post_id, ["bob", "charlie"]),
        ("like", post_id, ["bob"]),
    ]
    assert Notifications.of("alice").get_notifications().items[0].text == "And me"
    assert told("bob") == []


def test_a_reaction_that_is_taken_back_is_taken_out() -> None:
    post, post_id = write()
    comment_id = post.comment("bob", "Hi").comment_id
    post.like("charlie", "love")
    post.like_comment("charlie", comment_id, "like")
    assert told("bob") == [("like", comment_id, ["charlie"])]
    post.unlike("charlie")
    post.unlike_comment("charlie", comment_id)
    assert told("bob") == []
    assert told("alice") == [("comment", post_id, ["bob"])]


def test_who_is_replied_to_is_told_and_the_author_of_the_post_too_but_nobody_twice() -> None:
    post, post_id = write()
    first = post.comment("bob", "Hi").comment_id
    reply = post.comment("charlie", "Hi @bob, @alice", first).comment_id
    post.comment("charlie", "And again", reply)
    assert told("bob") == [("reply", first, ["charlie"])]
    assert told("alice") == [("comment", post_id, ["charlie", "bob"])]
    assert told("charlie") == []
    own = post.comment("alice", "Mine").comment_id
    post.comment("bob", "To you", own)
    assert told("alice")[0] == ("reply", own, ["bob"])
    assert len(told("alice")) == 2


def test_who_is_named_is_told_once_though_it_is_edited() -> None:
    post, post_id = write("@bob, @charlie and @alice")
    post.edit("alice", "@bob and @charlie")
    post.edit("alice", "@charlie, @bob!")
    comment_id = post.comment("bob", "for @charlie").comment_id
    post.edit_comment("bob", comment_id, "for @charlie and @alice")
    assert told("charlie") == [("mention", comment_id, ["bob"]), ("mention", post_id, ["alice"])]
    assert told("bob") == [("mention", post_id, ["alice"])]
    assert ("mention", comment_id, ["bob"]) in told("alice")


def test_who_may_not_read_it_is_not_told(befriend: Befriend) -> None:
    befriend("alice", "bob")
    User.of("charlie").connect("alice", "following")
    step()
    _, post_id = write("@bob and @charlie", "friends")
    assert told("bob") == [("mention", post_id, ["alice"])]
    assert told("charlie") == []
    _, post_id = write("@bob and @charlie", "followers")
    assert told("charlie") == [("mention", post_id, ["alice"])]
