"""A post on its way to thousands of timelines, and every worker killed again and again."""

from __future__ import annotations

import pytest

from tests.faults.world import PATIENCE, World
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

READERS = 3_000
POSTS = 2


def test_a_killed_fan_out_leaves_no_gap_and_no_double(world: World) -> None:
    """Each timeline hears of each post exactly once."""
    world.call(("user:fan-author", "register", []))
    world.ask(
        # making three thousand followers by their own doors would be the longest part of the test
        "INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item) "
        "SELECT 'user:fan-author', 'readers', 'fan-' || n, n, '\"follower\"' "
        "FROM generate_series(1, %s) n RETURNING 1",
        READERS,
    )
    world.start_fleet()
    world.call(
        *[("user-posts:fan-author", "create_post", [f"Post {number}"]) for number in range(POSTS)]
    )
    for goal in (1, READERS // 3, READERS - 500):
        wait_for(lambda goal=goal: reached(world) >= goal, f"{goal} timelines", patience=PATIENCE)
        world.kill("interactive", "bulk")
        world.start_fleet()
    world.settle()
    timelines = world.ask(
        "SELECT a.revision, count(i) FROM agents_core_agent a "
        "JOIN agents_core_item i ON i.agent_id = a.id AND i.name = 'references' "
        "WHERE a.id LIKE 'user-timeline:fan-%%' GROUP BY a.id, a.revision"
    )
    # The author's own timeline hears of the posts too. One oplog entry a post: none came twice.
    assert timelines == [(POSTS, POSTS)] * (READERS + 1)


def reached(world: World) -> int:
    """How many timelines heard of something."""
    return world.number(
        "SELECT count(*) FROM agents_core_agent WHERE id LIKE 'user-timeline:fan-%%'"
    )
