"""The registry of users."""

from __future__ import annotations

from agents_core.testing import step
from socialnet.agents.user import User
from socialnet.agents.user_index import UserIndex


def test_it_knows_everybody_once() -> None:
    for user_id in ("alice", "dora", "erik"):
        User.of(user_id).register()
    step()
    shards = [UserIndex.of(shard) for shard in range(UserIndex.shards())]
    known = sorted(user_id for shard in shards for user_id in shard.list_users())
    assert known == ["alice", "bob", "charlie", "dora", "erik"]
    assert sum(shard.count() for shard in shards) == 5


def test_it_takes_the_same_user_in_once() -> None:
    UserIndex.of(0).register("dora")
    before = UserIndex.of(0).count()
    UserIndex.of(0).register("dora")
    assert UserIndex.of(0).count() == before


def test_it_lists_users_in_order_and_in_stretches() -> None:
    for user_id in ("x3", "x1", "x2"):
        UserIndex.of(0).register(user_id)
    assert UserIndex.of(0).list_users(after="w", limit=2) == ["x1", "x2"]
    assert UserIndex.of(0).list_users(after="x2") == ["x3"]


def test_it_always_finds_the_same_shard() -> None:
    assert UserIndex.for_user("alice").id == UserIndex.for_user("alice").id


def test_it_spreads_users_over_all_shards() -> None:
    ids = {UserIndex.for_user(f"u{number:03}").id for number in range(200)}
    assert len(ids) == UserIndex.shards()
