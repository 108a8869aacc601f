"""Reacting to posts: one reaction per person, counts, and who."""

from __future__ import annotations

import pytest

from agents_core.testing import step
from socialnet.agents import reactions
from socialnet.agents.errors import PostNotFound, UserNotFound
from socialnet.agents.post import Post
from socialnet.agents.schemas import LikeType, PostView
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from tests.socialnet.agents.conftest import Befriend, texts, timeline


@pytest.fixture
def post() -> Post:
    """A post by Alice."""
    return Post.of(UserPosts.of("alice").create_post("Hello").post_id)


def read(post: Post, viewer: str | None = None) -> PostView:
    found = post.get_post(viewer)
    assert found is not None
    return found


def counts(view: PostView) -> dict[str, int]:
    return {kind: number for kind, number in view.like_counts if number}


def test_it_counts_each_kind_and_says_who(post: Post) -> None:
    post.like("bob", "love")
    post.like("charlie", "dislike")
    view = read(post, "bob")
    assert counts(view) == {"love": 1, "dislike": 1}
    assert list(view.likes.items()) == [("charlie", "dislike"), ("bob", "love")]
    assert view.my_like == "love"
    assert read(post, "alice").my_like is None


def test_a_person_has_one_reaction_and_the_later_one_stays(post: Post) -> None:
    post.like("bob", "like")
    assert counts(post.like("bob", "insightful")) == {"insightful": 1}
    assert read(post).likes == {"bob": "insightful"}


def test_the_same_again_changes_nothing(post: Post) -> None:
    first = post.like("bob", "like")
    assert post.like("bob", "like") == first


def test_a_reaction_can_be_taken_back(post: Post) -> None:
    post.like("bob", "like")
    view = post.unlike("bob")
    assert (counts(view), view.likes, view.my_like) == ({}, {}, None)
    assert post.unlike("bob") == view


def test_it_does_not_move_the_post_up(post: Post, befriend: Befriend) -> None:
    befriend("alice", "bob")
    UserPosts.of("alice").create_post("newer")
    step()
    post.like("bob", "like")
    step()
    assert texts(timeline("bob")) == ["newer", "Hello"]


def test_it_lists_who_reacted_newest_first_and_page_by_page(post: Post) -> None:
    for name in ("alice", "bob", "charlie"):
        post.like(name, "like")
    post.like("alice", "love")
    first = post.get_likes(limit=2)
    second = post.get_likes(limit=2, cursor=first.next_cursor)
    found = [(like.user_id, like.like_type) for like in first.items + second.items]
    assert found == [("alice", "love"), ("charlie", "like"), ("bob", "like")]
    assert second.next_cursor is None


def test_those_to_its_comments_are_none_of_its_own(post: Post) -> None:
    comment_id = post.comment("bob", "Hi").comment_id
    post.like("alice", "like")
    post.like_comment("charlie", comment_id, "love")
    assert [like.user_id for like in post.get_likes().items] == ["alice"]
    page = post.get_comment_likes(comment_id)
    assert ([like.user_id for like in page.items], page.next_cursor) == (["charlie"], None)


def test_it_shows_the_newest_and_knows_all(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "SHOWN_LIKES", 2)
    names: list[LikeType] = ["like", "love", "insightful"]
    for name, kind in zip(("alice", "bob", "charlie"), names, strict=True):
        post.like(name, kind)
    view = read(post, "alice")
    assert (list(view.likes), view.my_like) == (["charlie", "bob"], "like")
    assert counts(view) == {"like": 1, "love": 1, "insightful": 1}
    assert counts(post.like("alice", "dislike")) == {"love": 1, "insightful": 1, "dislike": 1}
    post.unlike("charlie")
    assert list(read(post).likes) == ["alice", "bob"]


def test_it_counts_those_beyond_what_is_shown_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "SHOWN_LIKES", 1)
    post.like("bob", "like")
    post.like("charlie", "like")
    first = read(post)
    post.like("bob", "like")
    assert read(post) == first
    assert counts(post.unlike("bob")) == {"like": 1}


def test_nobody_does_not_react(post: Post) -> None:
    with pytest.raises(UserNotFound):
        post.like("nobody", "like", staff=True)
    assert counts(read(post)) == {}


@pytest.mark.parametrize(("blocker", "blocked"), [("alice", "bob"), ("bob", "alice")])
def test_there_is_nothing_to_react_to_behind_a_block(
    post: Post, blocker: str, blocked: str
) -> None:
    User.of(blocker).block(blocked)
    step()
    with pytest.raises(PostNotFound):
        post.like("bob", "like")
    assert counts(read(post)) == {}
    assert counts(post.like("bob", "like", staff=True)) == {"like": 1}


def test_a_deleted_post_takes_no_reaction_and_has_none(post: Post) -> None:
    post.like("bob", "like")
    post.delete("alice")
    with pytest.raises(PostNotFound):
        post.like("bob", "love")
    with pytest.raises(PostNotFound):
        post.get_likes()


def test_lists_show_reactions_and_the_viewers_own(post: Post, befriend: Befriend) -> None:
    befriend("alice", "bob")
    step()
    post.like("bob", "love")
    [view] = timeline("bob")
    assert (counts(view), view.my_like) == ({"love": 1}, "love")


def test_lists_hide_what_those_did_whom_a_block_hides(post: Post, befriend: Befriend) -> None:
    befriend("alice", "bob")
    post.like("charlie", "love")
    post.comment("charlie", "Hi")
    step()
    [view] = timeline("bob")
    assert (list(view.likes), len(view.comments)) == (["charlie"], 1)
    User.of("bob").block("charlie")
    step()
    [view] = timeline("bob")
    assert (list(view.likes), view.comments) == ([], [])
