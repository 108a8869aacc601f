"""The visitors' world and their report: as large as it says, copied truly, judged as asked."""

from __future__ import annotations

from datetime import UTC, datetime

from agents_core.testing import step
from bench.database import connect
from bench.visitors import copies, plan
from bench.visitors.page import between, grown_verdict, verdict_of
from socialnet.agents.search import UserSearch
from socialnet.agents.user import User
from socialnet.agents.user_index import UserIndex
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline


def test_the_town_is_as_large_as_the_originals() -> None:
    town = plan.draw()
    assert len({frozenset(pair) for pair in town.friendships}) == 198
    assert len({frozenset(pair) for pair in town.followings}) == 113
    assert len(town.posts) == 262
    assert len({plan.user_id(person) for person in range(plan.PEOPLE)}) == 100
    assert plan.draw() == town


def test_ids_and_names_of_copies_differ_in_their_marks_alone() -> None:
    assert plan.user_id(7, 300) == plan.user_id(7).replace(plan.FIRST_MARK, plan.mark(300))
    assert plan.full_name(7, 300) != plan.full_name(7, 301)
    assert plan.full_name(7, 300).removesuffix(plan.name_mark(300)) == plan.full_name(
        7
    ).removesuffix(plan.name_mark(0))


def test_a_copy_is_what_its_agents_would_have_written() -> None:
    one, other = plan.user_id(0), plan.user_id(1)
    for person, user_id in enumerate((one, other)):
        User.of(user_id).register(plan.full_name(person))
    User.of(one).connect(other, "friend", staff=True)
    step()
    UserPosts.of(other).create_post("Good morning!")
    step()
    with connect() as connection:
        try:
            copies.keep_aside(connection, "test", copies.types_of("socialnet.agents"))
            copies.copy(connection, "test", plan.FIRST_MARK, 1, 3)
            copies.register(connection, [1, 2, 3])
        finally:
            for table in copies.existing(connection):
                connection.execute(f"DROP TABLE IF EXISTS bench_test_{table}")

    copy = plan.user_id(0, 3)
    view = User.of(copy).get_user()
    assert view is not None
    assert (view.name, list(view.connected_users)) == (plan.full_name(0, 3), [plan.user_id(1, 3)])
    found = UserSearch.of().search(f'name:"{plan.full_name(0, 3)}"', one)
    assert [user.user_id for user in found.items] == [copy]
    (ref,) = UserTimeline.of(copy).get_updates(datetime(2026, 1, 1, tzinfo=UTC))
    assert ref.created_by == plan.user_id(1, 3)
    assert [post.post_id for post in UserPosts.of(ref.created_by).get_posts().items] == [
        ref.post_id
    ]
    assert UserIndex.for_user(copy).list_users().count(copy) == 1
    # and it lives: what is written to it goes its own way
    UserPosts.of(ref.created_by).create_post("Good evening!")
    step()
    assert len(UserTimeline.of(copy).get_references().items) == 2
    assert len(UserTimeline.of(one).get_references().items) == 1


def test_ten_times_better_is_reached_by_all_or_by_one_alone() -> None:
    assert verdict_of(10, None, busy=True) == verdict_of(12, 9, busy=False) == "reached"
    assert verdict_of(9.9, 10, busy=False) == "reached alone"
    assert verdict_of(9.9, 9.9, busy=False) == "**missed**"
    assert verdict_of(9.9, None, busy=False) == "not asked alone"
    assert verdict_of(9.9, None, busy=True) == "machine busy"


def test_a_median_may_double() -> None:
    assert grown_verdict(2.0, busy=False) == "reached"
    assert grown_verdict(2.01, busy=False) == "**missed**"
    assert grown_verdict(2.0, busy=True) == "machine busy"
    assert grown_verdict(None, busy=False) == ""


def test_tables_are_put_between_their_marks() -> None:
    page = "before\n<!-- x -->\nold\n<!-- /x -->\nafter"
    assert between(page, "x", ["new"]) == "before\n<!-- x -->\nnew\n<!-- /x -->\nafter"
