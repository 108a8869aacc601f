"""A post that very many people like and speak under is read and written like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from agents_core import wire
from agents_core.testing import step
from socialnet.agents import post as post_module
from socialnet.agents import reactions
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts

# So that few people are a crowd: what is shown of a popular post is cut down to a tenth.
SHOWN_LIKES, FIRST_COMMENTS = 10, 20
MANY = 30
CROWD = [f"crowd{number:04}" for number in range(MANY)]


@pytest.fixture(autouse=True)
def little_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "SHOWN_LIKES", SHOWN_LIKES)
    monkeypatch.setattr(post_module, "PAGE_MAX", FIRST_COMMENTS)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """How many statements a call asks of the database."""

    @contextmanager
    def counting() -> Iterator[list[int]]:
        send, one, asked = wire._send, wire._run_one, list[int]()

        def counted_send(connection: Any, steps: Any) -> Any:
            asked.append(len(steps))
            return send(connection, steps)

        def counted_one(*args: Any) -> Any:
            asked.append(1)
            return one(*args)

        with monkeypatch.context() as patch:
            patch.setattr(wire, "_send", counted_send)
            patch.setattr(wire, "_run_one", counted_one)
            yield asked

    def count(call: Callable[[], Any]) -> int:
        with counting() as asked:
            call()
        return sum(asked)

    return count


def write() -> Post:
    return Post.of(UserPosts.of("alice").create_post("Hello").post_id)


def comments_of(post: Post, number: int) -> str:
    """The id of one of the newest comments."""
    found = post.get_brief()
    assert found is not None
    return found.comments[-number].comment_id


@pytest.fixture
def popular() -> Post:
    """Liked and commented by everybody; so is its newest comment."""
    User.of_many(CROWD).trigger.register()
    step()
    post = write()
    for name in CROWD:
        post.trigger.like(name, "love")
        post.trigger.comment(name, f"says {name}")
    step()
    newest = comments_of(post, 1)
    for name in CROWD:
        post.trigger.like_comment(name, newest, "like")
    step()
    return post


def test_it_costs_as_many_statements_as_a_quiet_one(
    popular: Post, statements: Callable[..., int]
) -> None:
    quiet = write()
    for name in ("alice", "charlie"):
        quiet.like(name, "love")
        quiet.comment(name, "Hi")
        quiet.like_comment(name, comments_of(quiet, 1), "like")
    calls: list[tuple[int, Callable[[Post], Any]]] = [
        # (rows that are looked at besides, because not all are in the document; what is called)
        (1, lambda post: post.get_post("bob") and None),
        (0, lambda post: post.get_brief()),
        (0, lambda post: post.get_comments(50)),
        (0, lambda post: post.get_likes(50)),
        (1, lambda post: post.like("bob", "like")),
        (1, lambda post: post.unlike("bob")),
        (0, lambda post: post.comment("bob", "Hi")),
    ]
    for more, call in calls:
        call(quiet)
        call(popular)  # statements are prepared, and plans made
        few, many = statements(partial(call, quiet)), statements(partial(call, popular))
        assert 0 < many <= few + more


def test_it_shows_what_fits_and_knows_the_rest(popular: Post) -> None:
    view = popular.get_post(CROWD[0])
    assert view is not None
    assert (len(view.likes), view.like_counts.love, view.my_like) == (SHOWN_LIKES, MANY, "love")
    assert (len(view.comments), view.comment_count) == (FIRST_COMMENTS, MANY)
    [newest] = popular.get_comments(1, cursor=popular.get_comments(MANY - 1).next_cursor).items
    assert (len(newest.likes), newest.like_counts.like) == (SHOWN_LIKES, MANY)
    assert len(popular.get_comment_likes(newest.comment_id, MANY).items) == MANY
    assert popular.get_comments(1, None, CROWD[0]).items[0].my_like is None


def test_when_those_shown_leave_others_are_shown(popular: Post) -> None:
    for name in CROWD[-SHOWN_LIKES:]:
        popular.unlike(name)
    view = popular.get_post()
    assert view is not None
    assert list(view.likes) == CROWD[-2 * SHOWN_LIKES : -SHOWN_LIKES][::-1]


def test_a_long_thread_and_all_reactions_go_with_its_root(popular: Post) -> None:
    newest = comments_of(popular, 1)
    for name in CROWD:
        popular.trigger.comment(name, "reply", newest)
    step()
    popular.delete_comment("alice", newest)
    view = popular.get_brief()
    assert view is not None
    assert view.comment_count == MANY - 1
    assert [one.content for one in view.comments][-1] == f"says {CROWD[-2]}"
    assert len(popular.get_likes(200).items) == MANY
