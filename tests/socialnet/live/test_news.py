"""The live socket: what is told, and that nothing is missed."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from asgiref.sync import sync_to_async

from accounts import user_socket
from agents_core.testing import step
from socialnet.agents.notifications import Notifications
from socialnet.agents.post import Post
from socialnet.agents.user import User as Person
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from tests.socialnet.live.client import Connect, Headers, carried, caught_up, hint, subscribe, write


async def test_it_says_hello(socket: Connect, alice: Headers) -> None:
    hello = await socket(**alice).open()
    assert (hello["type"], hello["user_id"]) == ("hello", "alice")
    assert abs(datetime.fromisoformat(hello["now"]) - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_post_arrives(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    post_id = await write()
    frame = await follower.frame()
    assert frame["type"] == "timeline.posts"
    assert [ref["post_id"] for ref in frame["posts"]] == [post_id]
    assert frame["posts"][0]["created_by_connection_type"] == "follower"
    assert await follower.receive_nothing()


async def test_nothing_is_told_that_was_there_before(socket: Connect, bob: Headers) -> None:
    await write()
    follower = socket(**bob)
    await follower.open()
    assert await follower.receive_nothing()


async def test_coming_back_with_since_misses_nothing(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    await write("one")
    seen = (await follower.frame())["posts"][-1]["updated_at"]
    await follower.disconnect()
    missed = [await write("two"), await write("three")]
    again = socket(f"?since={quote(seen)}", **bob)
    assert (await again.open())["type"] == "hello"
    assert [ref["post_id"] for ref in (await again.frame())["posts"]] == missed


async def test_a_clock_that_runs_ahead_silences_nothing(socket: Connect, bob: Headers) -> None:
    follower = socket("?since=2999-01-01T00:00:00Z", **bob)
    await follower.open()
    post_id = await write()
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [post_id]


async def test_a_burst_is_told_at_once(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    posts = await sync_to_async(
        lambda: [UserPosts.of("alice").create_post(f"{n}").post_id for n in range(20)]
    )()
    await sync_to_async(step)()
    told: list[str] = []
    frames = 0
    while len(told) < len(posts):
        told += [ref["post_id"] for ref in (await follower.frame())["posts"]]
        frames += 1
    assert sorted(told) == sorted(posts)
    assert frames <= 3


async def test_a_lost_hint_heals_with_the_next(
    socket: Connect, bob: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = socket(**bob)
    await follower.open()
    with monkeypatch.context() as lossy:
        lossy.setattr("agents_core.live.Announcer.add", lambda self, changed: None)
        lost = await write("lost")
    await hint(UserTimeline.of("bob").id)
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [lost]


async def test_a_lost_hint_heals_without_another(
    socket: Connect, bob: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_id = await write("before")
    monkeypatch.setattr(user_socket, "RECHECK_SECONDS", 0.2)
    follower = socket(**bob)
    await follower.open()
    await follower.send_json_to({"type": "subscribe", "post_id": post_id})
    monkeypatch.setattr("agents_core.live.Announcer.add", lambda self, changed: None)
    lost = await write("lost")
    frame = await follower.frame()
    assert [ref["post_id"] for ref in frame["posts"]] == [lost]
    # told once, and the post that has not changed is not told of, however often it looks
    assert await follower.receive_nothing(timeout=1)


async def test_what_a_hint_carries_is_told_as_it_is(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    known = await caught_up(follower)
    post_id, ref = carried()
    await hint(timeline, before=known, revision=known + 1, put=[ref])
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [post_id]


async def test_after_a_gap_what_a_hint_carries_is_not_the_news(
    socket: Connect, bob: Headers
) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    known = await caught_up(follower)
    await hint(timeline, before=known + 1, revision=known + 2, put=[carried()[1]])
    assert await follower.receive_nothing()


async def test_what_was_told_is_not_told_again(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    known = await caught_up(follower)
    _, ref = carried()
    await hint(timeline, before=known, revision=known + 1, put=[ref])
    await follower.frame()
    await hint(timeline, before=known + 1, revision=known + 2, put=[ref])
    assert await follower.receive_nothing()


async def test_a_hint_tells_nothing_of_whom_a_block_hides(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    timeline = UserTimeline.of("bob").id
    await sync_to_async(Person.of("bob").block)("alice")
    await sync_to_async(step)()
    await hint(timeline, revision=1_000)
    await hint(timeline, before=1_000, revision=1_001, put=[carried()[1]])
    assert await follower.receive_nothing()


async def test_a_hint_tells_nothing_of_whom_one_has_muted(socket: Connect, bob: Headers) -> None:
    follower = socket(**bob)
    await follower.open()
    known = await caught_up(follower)
    await sync_to_async(Person.of("bob").mute)("alice")
    await hint(UserTimeline.of("bob").id, before=known, revision=known + 1, put=[carried()[1]])
    assert await follower.receive_nothing()
    await sync_to_async(Person.of("bob").unmute)("alice")
    post_id, ref = carried()
    await hint(UserTimeline.of("bob").id, before=known + 1, revision=known + 2, put=[ref])
    assert [ref["post_id"] for ref in (await follower.frame())["posts"]] == [post_id]


async def test_it_counts_what_is_unread(socket: Connect, alice: Headers) -> None:
    client = socket(**alice)
    await client.open()
    await sync_to_async(lambda: (Person.of("carol").register(), step()))()
    await sync_to_async(lambda: (Person.of("carol").connect("alice", "friend"), step()))()
    assert await client.frame() == {"type": "notifications", "unread": 1}
    await sync_to_async(Notifications.of("alice").mark_read)()
    assert await client.frame() == {"type": "notifications", "unread": 0}
    await sync_to_async(Notifications.of("alice").mark_read)()
    assert await client.receive_nothing()


async def test_who_comes_back_hears_of_notices_meanwhile(socket: Connect, alice: Headers) -> None:
    client = socket(**alice)
    now = (await client.open())["now"]
    await client.disconnect()
    await sync_to_async(lambda: (Person.of("carol").register(), step()))()
    await sync_to_async(lambda: (Person.of("carol").connect("alice", "friend"), step()))()
    again = socket(f"?since={quote(now)}", **alice)
    await again.open()
    assert await again.frame() == {"type": "notifications", "unread": 1}
    fresh = socket(**alice)
    await fresh.open()
    assert await fresh.receive_nothing()


async def test_it_tells_of_posts_subscribed_to(socket: Connect, alice: Headers) -> None:
    post_id = await write()
    client = socket(**alice)
    await client.open()
    await subscribe(client, post_id)
    await hint(Post.of(post_id).id)
    frame = await client.frame()
    assert (frame["type"], frame["post_id"]) == ("post.updated", post_id)
    assert datetime.fromisoformat(frame["updated_at"]).tzinfo is not None
    await client.send_json_to({"type": "unsubscribe", "post_id": post_id})
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}
    await hint(Post.of(post_id).id)
    assert await client.receive_nothing()


async def test_it_tells_of_reactions_comments_and_edits(socket: Connect, alice: Headers) -> None:
    post_id = await write()
    client = socket(**alice)
    await client.open()
    await subscribe(client, post_id)
    for act in (
        lambda post: post.like("alice", "love"),
        lambda post: post.comment("alice", "Hi"),
        lambda post: post.edit("alice", "changed"),
    ):
        await sync_to_async(act)(Post.of(post_id))
        frame = await client.frame()
        found = await sync_to_async(Post.of(post_id).get_brief)()
        assert found is not None
        assert (frame["type"], frame["post_id"]) == ("post.updated", post_id)
        assert datetime.fromisoformat(frame["updated_at"]) == found.updated_at


async def test_it_does_not_tell_of_posts_one_may_not_see(socket: Connect, bob: Headers) -> None:
    post_id = await write()
    await sync_to_async(lambda: (Person.of("alice").block("bob"), step()))()
    client = socket(**bob)
    await client.open()
    await client.send_json_to({"type": "subscribe", "post_id": post_id})
    assert await client.frame() == {"type": "error", "code": "post_not_found", "post_id": post_id}


async def test_a_block_ends_a_subscription(socket: Connect, bob: Headers) -> None:
    post_id = await write()
    client = socket(**bob)
    await client.open()
    await subscribe(client, post_id)
    await sync_to_async(lambda: (Person.of("alice").block("bob"), step()))()
    await hint(Post.of(post_id).id)
    assert await client.receive_nothing(timeout=0.3)
