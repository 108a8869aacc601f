"""How posts travel: fan-out in chunks, order, backfill, farewells, killed half-way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents_core import ArgumentsNotValid, mailbox
from agents_core.clock import now
from agents_core.testing import fault_at, freeze, step
from socialnet.agents import timelines_updater
from socialnet.agents.post import Post
from socialnet.agents.schemas import BACKFILL, TIMELINE_MAX, PostRef
from socialnet.agents.timelines_updater import TimelinesUpdater
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from socialnet.agents.views import UserTimelineUpdates
from tests.socialnet.agents.conftest import Befriend, texts, timeline

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def write(content: str, by: str = "alice") -> str:
    return UserPosts.of(by).create_post(content).post_id


def kinds(user_id: str) -> dict[str, str | None]:
    """What a person is to the author of each post on their timeline."""
    refs = UserTimeline.of(user_id).get_references().items
    return {ref.post_id: ref.created_by_connection_type for ref in refs}


def follow(author: str, *followers: str) -> None:
    for follower in followers:
        User.of(follower).register()
        User.of(follower).connect(author, "following")
    step()


def ref(post_id: str, at: datetime = LONG_AGO, by: str = "alice") -> PostRef:
    return PostRef(post_id=post_id, created_by=by, created_at=at, updated_at=at)


# reach


def test_a_post_reaches_its_author_friends_and_followers(befriend: Befriend) -> None:
    befriend("alice", "bob")
    follow("alice", "charlie")
    post_id = write("Hello")
    step()
    assert kinds("alice") == {post_id: None}
    assert kinds("bob") == {post_id: "friend"}
    assert kinds("charlie") == {post_id: "follower"}


def test_a_post_does_not_reach_strangers_or_those_the_author_follows() -> None:
    User.of("alice").connect("bob", "following")
    step()
    write("Hello")
    step()
    assert timeline("bob") == timeline("charlie") == []


def test_a_friend_comes_before_a_follower(befriend: Befriend) -> None:
    befriend("alice", "bob")
    follow("alice", "bob")
    post_id = write("Hello")
    step()
    assert kinds("bob") == {post_id: "friend"}


def test_a_request_lets_nothing_through() -> None:
    User.of("bob").connect("alice", "friend")
    step()
    write("Hello")
    step()
    assert timeline("bob") == []


def test_posts_stand_in_the_order_they_were_written(befriend: Befriend) -> None:
    befriend("alice", "bob")
    write("one", by="bob")
    write("two", by="alice")
    write("three", by="bob")
    step()
    assert texts(timeline("alice")) == ["three", "two", "one"]


def test_a_fan_out_is_repeated_without_harm(befriend: Befriend) -> None:
    befriend("alice", "bob")
    post_id = write("Hello")
    step()
    TimelinesUpdater.of("alice").post_changed("put", ref(post_id, now()))
    step()
    assert texts(timeline("bob")) == ["Hello"]


# chunks


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timelines_updater, "AT_ONCE", 2)
    monkeypatch.setattr(timelines_updater, "FIRST_CHUNK", 1)
    monkeypatch.setattr(timelines_updater, "CHUNK", 3)


FANS = [f"fan{number}" for number in range(7)]


@pytest.mark.usefixtures("small_chunks")
def test_a_large_audience_is_told_in_chunks() -> None:
    follow("alice", *FANS)
    write("Hello")
    step()
    assert [texts(timeline(fan)) for fan in FANS] == [["Hello"]] * 7


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("fans", [1, 2, 3, 4, 5])
def test_an_audience_that_just_fits_its_chunks_is_told_once(fans: int) -> None:
    follow("alice", *FANS[:fans])
    write("one")
    write("two")
    step()
    assert [texts(timeline(fan)) for fan in FANS[:fans]] == [["two", "one"]] * fans


@pytest.mark.usefixtures("small_chunks")
def test_the_author_sees_the_post_before_a_large_audience_is_told() -> None:
    follow("alice", *FANS)
    for number in range(3):
        write(f"post {number}")
        TimelinesUpdater.of("alice").go_on()
    mailbox.drain(["user-timeline:alice"])
    assert texts(timeline("alice")) == ["post 2", "post 1", "post 0"]


@pytest.mark.usefixtures("small_chunks")
def test_posts_that_wait_for_a_large_audience_arrive_in_order() -> None:
    follow("alice", *FANS)
    posts = [write(f"post {number}") for number in range(4)]
    step()
    for fan in FANS:
        refs = UserTimeline.of(fan).get_updates(LONG_AGO)
        assert [found.post_id for found in refs] == posts


@pytest.mark.usefixtures("small_chunks")
def test_a_post_deleted_while_it_travels_is_nowhere_at_last() -> None:
    follow("alice", *FANS)
    gone = write("goes")
    write("stays")
    TimelinesUpdater.of("alice").go_on()
    Post.of(gone).delete("alice")
    step()
    for reader in ("alice", *FANS):
        refs = UserTimeline.of(reader).get_references().items
        assert len(refs) == 1


@pytest.mark.usefixtures("small_chunks")
def test_whoever_leaves_while_a_post_travels_is_left_alone() -> None:
    follow("alice", *FANS)
    write("Hello")
    TimelinesUpdater.of("alice").go_on()
    User.of("fan0").disconnect("alice", "following")
    User.of("fan6").disconnect("alice", "following")
    step()
    assert timeline("fan0") == timeline("fan6") == []
    assert texts(timeline("fan3")) == ["Hello"]


@pytest.mark.usefixtures("small_chunks")
def test_whoever_joins_while_a_post_travels_gets_it_once() -> None:
    follow("alice", *FANS)
    write("Hello")
    TimelinesUpdater.of("alice").go_on()
    User.of("early").register()
    User.of("zoe").register()
    User.of("early").connect("alice", "following")
    User.of("zoe").connect("alice", "following")
    step()
    assert texts(timeline("early")) == texts(timeline("zoe")) == ["Hello"]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_fan_out_that_loses_its_database_goes_on_where_it_was(side: str) -> None:
    follow("alice", *FANS)
    posts = [write(f"post {number}") for number in range(2)]
    with fault_at("turn", side, times=3):  # type: ignore[arg-type]
        for _ in range(6):
            mailbox.drain(["timelines-updater:alice"])
    step()
    for fan in FANS:
        refs = UserTimeline.of(fan).get_updates(LONG_AGO)
        assert [found.post_id for found in refs] == posts


@pytest.mark.usefixtures("small_chunks")
def test_it_changes_nothing_to_go_on_when_nothing_is_under_way() -> None:
    TimelinesUpdater.of("alice").go_on()
    assert step() == 0


# backfill and farewell


def test_a_new_friend_brings_the_newest_posts(befriend: Befriend) -> None:
    for number in range(BACKFILL + 5):
        write(f"post {number}")
    step()
    befriend("alice", "bob")
    assert texts(timeline("bob")) == [f"post {24 - number}" for number in range(BACKFILL)]
    assert set(kinds("bob").values()) == {"friend"}


def test_following_brings_the_newest_posts() -> None:
    post_id = write("before")
    step()
    follow("alice", "bob")
    assert kinds("bob") == {post_id: "follower"}


def test_being_followed_brings_nothing() -> None:
    write("by bob", by="bob")
    follow("alice", "bob")
    assert timeline("alice") == []


def test_what_is_brought_stands_at_its_own_time() -> None:
    write("old, by alice")
    write("new, by bob", by="bob")
    step()
    follow("alice", "bob")
    assert texts(timeline("bob")) == ["new, by bob", "old, by alice"]


def test_losing_the_last_connection_takes_everything_out(befriend: Befriend) -> None:
    write("before")
    befriend("alice", "bob")
    write("after")
    write("by charlie", by="charlie")
    follow("charlie", "bob")
    User.of("bob").disconnect("alice", "friend")
    step()
    assert texts(timeline("bob")) == ["by charlie"]


def test_posts_stay_while_one_connection_is_left(befriend: Befriend) -> None:
    befriend("alice", "bob")
    follow("alice", "bob")
    post_id = write("Hello")
    step()
    User.of("bob").disconnect("alice", "friend")
    step()
    assert kinds("bob") == {post_id: "follower"}
    User.of("bob").disconnect("alice", "following")
    step()
    assert kinds("bob") == {}


def test_becoming_a_friend_changes_what_the_posts_are(befriend: Befriend) -> None:
    follow("alice", "bob")
    post_id = write("Hello")
    step()
    befriend("alice", "bob")
    assert kinds("bob") == {post_id: "friend"}


def test_a_removed_follower_keeps_nothing() -> None:
    follow("alice", "bob")
    write("Hello")
    step()
    User.of("alice").disconnect("bob", "follower")
    step()
    assert timeline("bob") == []


def test_a_block_takes_the_posts_out_of_both_timelines(befriend: Befriend) -> None:
    befriend("alice", "bob")
    write("by alice")
    write("by bob", by="bob")
    step()
    User.of("alice").block("bob")
    assert texts(timeline("alice")) == ["by alice"]
    step()
    assert texts(timeline("alice")) == ["by alice"]
    assert texts(timeline("bob")) == ["by bob"]
    assert len(UserTimeline.of("bob").get_references().items) == 1


def test_coming_back_brings_the_posts_back() -> None:
    write("Hello")
    follow("alice", "bob")
    User.of("bob").disconnect("alice", "following")
    step()
    User.of("bob").connect("alice", "following")
    step()
    assert texts(timeline("bob")) == ["Hello"]


def test_a_farewell_and_a_return_that_cross_a_post_lose_nothing() -> None:
    follow("alice", "bob")
    write("one")
    User.of("bob").disconnect("alice", "following")
    write("two")
    User.of("bob").connect("alice", "following")
    write("three")
    step()
    assert texts(timeline("bob")) == ["three", "two", "one"]


# the timeline itself


def test_it_keeps_the_newest_references() -> None:
    own = UserTimeline.of("bob")
    for number in range(TIMELINE_MAX + 10):
        at = LONG_AGO + timedelta(seconds=number)
        own.trigger.add_reference(ref(f"p{number:03}", at))
    step()
    page = own.get_references(limit=TIMELINE_MAX + 100)
    assert len(page.items) == TIMELINE_MAX
    assert page.items[0].post_id == "p509"
    assert page.items[-1].post_id == "p010"


def test_it_moves_a_post_up_that_changed() -> None:
    own = UserTimeline.of("bob")
    own.add_reference(ref("p1", LONG_AGO))
    own.add_reference(ref("p2", LONG_AGO + timedelta(hours=1)))
    own.add_reference(ref("p1", LONG_AGO + timedelta(hours=2)))
    assert [found.post_id for found in own.get_references().items] == ["p1", "p2"]


def test_it_forgets_what_is_not_there_without_ado() -> None:
    UserTimeline.of("bob").remove_reference("p1")
    UserTimeline.of("bob").forget_author("alice")
    assert UserTimeline.of("bob").get_references().items == []


def test_it_tells_what_changed_since_and_nothing_twice() -> None:
    own = UserTimeline.of("bob")
    own.add_reference(ref("p1", now()))
    first = own.get_updates(LONG_AGO)
    assert [found.post_id for found in first] == ["p1"]
    assert own.get_updates(first[-1].updated_at) == []
    own.add_reference(ref("p2", now()))
    assert [found.post_id for found in own.get_updates(first[-1].updated_at)] == ["p2"]


def test_it_tells_of_a_post_that_was_long_under_way() -> None:
    """Its time lies before what the reader has seen; its arrival does not."""
    own = UserTimeline.of("bob")
    with freeze("2026-03-01T12:00:00Z") as time:
        written = datetime(2026, 3, 1, 12, tzinfo=UTC)
        time.tick(60)
        own.add_reference(ref("quick", written + timedelta(seconds=59)))
        seen = own.get_updates(LONG_AGO)[-1].updated_at
        time.tick(60)
        own.add_reference(ref("slow", written))
        assert [found.post_id for found in own.get_updates(seen)] == ["slow"]
        assert [found.post_id for found in own.get_references().items] == ["quick", "slow"]


def test_it_tells_nothing_of_people_a_block_hides(befriend: Befriend) -> None:
    befriend("alice", "bob")
    write("Hello")
    step()
    User.of("bob").block("alice")
    assert UserTimelineUpdates.of("bob").get_updates(LONG_AGO) == []
    assert len(UserTimelineUpdates.of("alice").get_updates(LONG_AGO)) == 1


def test_it_tells_everything_since_the_beginning_of_time() -> None:
    own = UserTimeline.of("bob")
    own.add_reference(ref("p1", LONG_AGO))
    assert len(own.get_updates(datetime.min.replace(tzinfo=UTC))) == 1


def test_it_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ArgumentsNotValid):
        UserTimeline.of("bob").get_updates(datetime(2026, 1, 1))
