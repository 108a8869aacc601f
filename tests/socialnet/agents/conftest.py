"""The cast of these tests: Alice writes, Bob is the one she meets, Charlie is a stranger."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents_core.testing import step
from socialnet.agents.schemas import PostView
from socialnet.agents.user import User
from socialnet.agents.views import UserTimelineView

Befriend = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def people(clean_world: None) -> None:
    """Three people who do not know each other."""
    for user_id in ("alice", "bob", "charlie"):
        User.of(user_id).register(user_id.title())
    step()


@pytest.fixture
def befriend() -> Befriend:
    """Make two people friends, and let the news arrive."""

    def make_friends(one: str, other: str) -> None:
        User.of(one).connect(other, "friend")
        step()
        User.of(other).connect(one, "friend")
        step()

    return make_friends


def timeline(user_id: str, query: str = "*") -> list[PostView]:
    """The posts on somebody's timeline, newest first."""
    return UserTimelineView.of(user_id).get_posts(query).items


def texts(posts: list[PostView]) -> list[str]:
    """What posts say."""
    return [post.content for post in posts]
