"""A post is for everybody, for followers or for friends; and some of them may comment."""

from __future__ import annotations

import pytest

from accounts.caller import Person
from agents_core import AgentError
from agents_core.testing import step
from socialnet import access
from socialnet.agents.audience import may_comment, may_read
from socialnet.agents.post import Post
from socialnet.agents.schemas import Audience, Commenting, ConnectionType
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from socialnet.agents.views import UserPostsView, UserTimelineView
from tests.socialnet.agents.conftest import Befriend, texts, timeline

READERS = ("alice", "bob", "charlie")  # the author, a friend, a follower
WHO_READS: list[tuple[Audience, set[str]]] = [
    ("public", {"alice", "bob", "charlie", "dora"}),
    ("followers", {"alice", "bob", "charlie"}),
    ("friends", {"alice", "bob"}),
]


@pytest.fixture(autouse=True)
def relations(befriend: Befriend) -> None:
    """Bob is a friend of Alice's, Charlie follows her, Dora is a stranger."""
    User.of("dora").register("Dora")
    befriend("alice", "bob")
    User.of("charlie").connect("alice", "following")
    step()


def write(audience: Audience = "public", commenting: Commenting = "everyone") -> str:
    return UserPosts.of("alice").create_post(f"for {audience}", audience, commenting).post_id


def refused(user_id: str, method: str, *args: object) -> str | None:
    try:
        getattr(access, method)(Person(user_id), *args)
    except AgentError as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(("audience", "readers"), WHO_READS)
def test_it_travels_to_those_it_is_for(audience: Audience, readers: set[str]) -> None:
    write(audience)
    step()
    for user_id in READERS:
        assert texts(timeline(user_id)) == [f"for {audience}"] * (user_id in readers)
        references = UserTimeline.of(user_id).get_references().items
        assert len(references) == (user_id in readers)


@pytest.mark.parametrize(("audience", "readers"), WHO_READS)
def test_it_is_read_by_those_it_is_for_whatever_way_they_come(
    audience: Audience, readers: set[str]
) -> None:
    post_id = write(audience)
    comment_id = Post.of(post_id).comment("alice", "Hi").comment_id
    for user_id in ("alice", "bob", "charlie", "dora"):
        expected = None if user_id in readers else "post_not_found"
        for method, *args in [
            ("get_post_for", post_id),
            ("get_brief_post_for", post_id),
            ("get_comments_for", post_id, 5, None),
            ("get_threads_for", post_id, 5, None),
            ("get_likes_for", post_id, 5, None),
            ("get_edits_for", post_id, 5, None),
            ("get_comment_likes_for", post_id, comment_id, 5, None),
            ("get_comment_edits_for", post_id, comment_id, 5, None),
        ]:
            assert refused(user_id, str(method), *args) == expected, (user_id, method)
        known = len(readers & {user_id})
        person = Person(user_id)
        assert len(access.get_post_refs_for(person, "alice", 5, None).items) == known
        assert len(access.search_posts_for(person, "alice", "*", 5, None).items) == known
        assert len(UserPostsView.of("alice").search("for", user_id).items) == known
        assert len(UserTimelineView.of(user_id).get_these([post_id])) == known
    assert refused("root", "get_post_for", post_id) == (
        None if audience == "public" else "post_not_found"
    )
    assert access.get_post_for(Person("root", is_staff=True), post_id).post_id == post_id


def test_nobody_else_writes_to_it() -> None:
    post_id = write("friends")
    comment_id = Post.of(post_id).comment("bob", "Hi").comment_id
    post = Post.of(post_id)
    calls: list[tuple[str, tuple[object, ...]]] = [
        ("like", ("like",)),
        ("unlike", ()),
        ("comment", ("Hi",)),
        ("edit", ("x",)),
        ("delete", ()),
        ("edit_comment", (comment_id, "x")),
        ("like_comment", (comment_id, "like")),
        ("unlike_comment", (comment_id,)),
        ("delete_comment", (comment_id,)),
    ]
    for name, args in calls:
        with pytest.raises(AgentError) as refusal:
            getattr(post, name)("charlie", *args)
        assert refusal.value.code == "post_not_found", name
    before = post.get_post()
    assert post.like("bob", "love").my_like == "love"
    post.unlike("bob")
    assert before is not None
    assert before.comment_count == 1


def test_who_joins_is_brought_what_is_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for audience, _ in WHO_READS:
        write(audience)
    User.of("dora").connect("alice", "following")
    step()
    assert texts(timeline("dora")) == ["for followers", "for public"]
    User.of("dora").connect("alice", "friend")
    step()
    User.of("alice").connect("dora", "friend")
    step()
    assert texts(timeline("dora")) == ["for friends", "for followers", "for public"]


def test_who_was_a_friend_and_follows_keeps_what_is_for_followers() -> None:
    User.of("bob").connect("alice", "following")
    for audience, _ in WHO_READS:
        write(audience)
    step()
    assert len(timeline("bob")) == 3
    User.of("alice").disconnect("bob", "friend")
    step()
    assert texts(timeline("bob")) == ["for followers", "for public"]
    assert len(UserTimeline.of("bob").get_references().items) == 2


@pytest.mark.parametrize(
    ("commenting", "speakers"),
    [
        ("everyone", {"alice", "bob", "charlie", "dora"}),
        ("connections", {"alice", "bob", "charlie"}),
        ("nobody", {"alice"}),
    ],
)
def test_the_author_says_who_may_comment(commenting: Commenting, speakers: set[str]) -> None:
    post = Post.of(write(commenting=commenting))
    view = post.get_post()
    assert view is not None
    for user_id in ("alice", "bob", "charlie", "dora"):
        may = user_id in speakers
        assert (view.post_id in access.open_to(Person(user_id), [view])) is may
        if may:
            post.comment(user_id, "Hi")
            continue
        with pytest.raises(AgentError) as refusal:
            post.comment(user_id, "Hi")
        assert (refusal.value.code, refusal.value.status) == ("comments_closed", 403)
        assert post.like(user_id, "like").my_like == "like"
    after = post.get_brief()
    assert after is not None
    assert after.comment_count == len(speakers)


def test_comments_can_be_closed_and_opened_later() -> None:
    post = Post.of(write())
    post.comment("dora", "Hi")
    assert post.edit("alice", "for public", "nobody").commenting == "nobody"
    with pytest.raises(AgentError, match="not opened"):
        post.comment("dora", "Hi again")
    view = post.edit("alice", "changed")
    assert (view.commenting, view.comment_count) == ("nobody", 1)
    post.edit("alice", "changed", "everyone")
    assert post.comment("dora", "Hi again").comment_id


@pytest.mark.parametrize(
    ("types", "reads", "comments"),
    [
        ([], {"public"}, {"everyone"}),
        (["follower"], {"public"}, {"everyone", "connections"}),
        (["following"], {"public", "followers"}, {"everyone", "connections"}),
        (["friend"], {"public", "followers", "friends"}, {"everyone", "connections"}),
    ],
)
def test_the_rules(types: list[ConnectionType], reads: set[str], comments: set[str]) -> None:
    audiences: tuple[Audience, ...] = ("public", "followers", "friends")
    assert {one for one in audiences if may_read(one, types)} == reads
    all_of_them: tuple[Commenting, ...] = ("everyone", "connections", "nobody")
    assert {one for one in all_of_them if may_comment(one, types)} == comments
