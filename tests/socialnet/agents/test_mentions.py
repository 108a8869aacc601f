"""Who is named in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.caller import Person
from agents_core.testing import step
from socialnet.access import get_post_for
from socialnet.agents.mentions import MENTIONS_MAX, candidates, parts
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("hello @bob", ["bob"]),
        ("(@Bob), @alice.", ["bob", "alice.", "alice"]),
        ("@a_b-c.d and @a_b-c.d", ["a_b-c.d"]),
        ("mail bob@example.org, https://example.org/@bob, @@bob", []),
        ("@ alone, @", []),
        ("@" + "x" * 65, ["x" * 64]),
    ],
)
def test_it_finds_names(content: str, found: list[str]) -> None:
    assert candidates(content) == found


def test_it_looks_at_the_first_names_only() -> None:
    assert len(candidates(" ".join(f"@p{number}" for number in range(50)))) == MENTIONS_MAX


@given(st.text("@ab. \n"), st.sets(st.sampled_from(["a", "b", "ab", "a."])))
def test_the_pieces_are_the_text(content: str, mentions: set[str]) -> None:
    pieces = list(parts(content, mentions))
    assert "".join(piece for piece, _ in pieces) == content
    assert all(piece == f"@{named}" for piece, named in pieces if named)


def test_a_post_knows_whom_it_names() -> None:
    User.of("bob").block("alice")
    step()
    post = Post.of(UserPosts.of("alice").create_post("@charlie, @nobody, @bob: hi").post_id)
    view = post.edit("alice", "@charlie! @alice")
    assert view.mentions == ["charlie", "alice"]
    post.comment("charlie", "not @alice but @bob.")
    found = post.get_post()
    assert found is not None
    assert [one.mentions for one in found.comments] == [["alice", "bob"]]
    post.edit_comment("charlie", found.comments[0].comment_id, "nobody")
    found = post.get_post()
    assert found is not None
    assert [one.mentions for one in found.comments] == [[]]


def test_who_is_hidden_from_the_reader_is_not_named_to_them() -> None:
    post_id = UserPosts.of("alice").create_post("@charlie and @bob").post_id
    User.of("bob").block("charlie")
    step()
    assert get_post_for(Person("charlie"), post_id).mentions == ["charlie"]
    assert get_post_for(Person("alice"), post_id).mentions == ["charlie", "bob"]
