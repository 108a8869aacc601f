"""The demo world: whole, the same every time, and finished by a second load."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from agents_core.clock import now
from agents_core.testing import step
from socialnet import demo
from socialnet.agents.chat_views import UserChatsView
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_index import UserIndex
from socialnet.agents.user_posts import UserPosts
from socialnet.demo import chats, world
from socialnet.demo.plan import FOLLOWINGS, FRIENDSHIPS, draw
from tests.socialnet.agents.conftest import timeline


@pytest.fixture(autouse=True)
def people(clean_world: None) -> None:
    """Nobody but the people of the demo world."""


def test_its_plan_is_the_same_every_time() -> None:
    assert draw() == draw()


def test_its_plan_is_as_large_as_promised() -> None:
    plan = draw()
    assert 95 <= len(plan.people) <= 105
    assert (len(plan.friendships), len(plan.followings)) == (FRIENDSHIPS, FOLLOWINGS)
    assert len(plan.posts) > 300
    assert len({post.content for post in plan.posts}) == len(plan.posts)
    assert {post.user_id for post in plan.posts} <= {person.user_id for person in plan.people}


def test_its_chats_are_those_of_people_there_are() -> None:
    ids = {person.user_id for person in draw().people}
    for talk in chats.talks():
        assert ids.issuperset(talk.people)
        assert {line.by for line in talk.lines} <= set(talk.people)
        ages = [line.age for line in talk.lines]
        assert ages == sorted(ages, reverse=True)


class Killed(Exception):
    """The load stops here."""


@pytest.mark.slow
def test_a_load_that_was_killed_is_finished_by_the_next() -> None:
    plan = draw()

    def kill(done: int, total: int, what: str) -> None:
        if what == "Stories are told" and done > total * 3 // 4:
            raise Killed

    with pytest.raises(Killed):
        demo.load(kill, password="secret-1")
    writer = plan.posts[0].user_id
    regretted = UserPosts.of(writer).get_posts(limit=1).items[0].post_id
    Post.of(regretted).delete(writer)
    User.of(plan.friendships[-1][0]).block(plan.friendships[-1][1])
    told: list[tuple[int, int, str]] = []
    demo.load(lambda *step: told.append(step), password="secret-1")
    assert told[-1][0] == told[-1][1]
    assert step() == 0

    posts = sum(UserPosts.of(person.user_id).count() for person in plan.people)
    assert posts == len(plan.posts) - 1
    known = sum(UserIndex.of(shard).count() for shard in range(UserIndex.shards()))
    assert known == len(plan.people)
    visitor = User.of(demo.SIGN_IN_AS).get_user()
    assert visitor is not None
    assert visitor.connection_counts.friend > 8
    assert len(visitor.requests or []) == 2
    assert len(timeline(demo.SIGN_IN_AS)) > 30
    assert all(post.created_at < now() for post in timeline(demo.SIGN_IN_AS))
    said = UserChatsView.of(demo.SIGN_IN_AS).get_rows()
    assert [row.ref.unread for row in said.items] == [3, 2, 0, 0, 0, 0]
    assert [row.chat.name for row in said.items if row.chat.name] == ["Street party, 12 June"]
    mine = UserChats.of(demo.SIGN_IN_AS)
    assert (mine.get_unread(), mine.count_requests()) == (5, 1)
    account = get_user_model().objects.get(username=demo.SIGN_IN_AS)
    assert account.check_password("secret-1")
    assert get_user_model().objects.count() == len(plan.people)


def test_nobody_can_sign_in_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    world._open_accounts(draw(), None)
    account = get_user_model().objects.get(username=demo.SIGN_IN_AS)
    assert not account.has_usable_password()


def test_a_visitor_signs_in(client: Client) -> None:
    world._open_accounts(draw(), "a-word-to-enter")
    credentials = {"login": demo.SIGN_IN_AS, "password": "a-word-to-enter"}
    client.post("/accounts/login/", credentials)
    assert client.session["_auth_user_id"]
