"""News of connections that cross: both sides end alike."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from agents_core import database
from agents_core.testing import step
from socialnet.agents.errors import (
    UserBlocked,
    UserNotFound,
)
from socialnet.agents.schemas import CONNECTION_TYPES, ConnectionType
from socialnet.agents.user import User
from tests.socialnet.agents.people import deliver, person, take_news, types

# News that cross, made on purpose. A command first applies the mail that waits for its agent, so
# news only cross between processes; here they are taken out of the mailbox and come in later.

ACTS: list[tuple[str, ...]] = [
    ("connect", "friend"),
    ("connect", "following"),
    ("disconnect", "friend"),
    ("disconnect", "following"),
    ("disconnect", "follower"),
    ("block",),
    ("unblock",),
]

MIRRORED: dict[ConnectionType, ConnectionType] = {
    "friend": "friend",
    "follower": "following",
    "following": "follower",
}


def act(owner: str, other: str, what: tuple[str, ...]) -> None:
    """Do it if it is allowed just now."""
    with suppress(UserNotFound, UserBlocked):
        getattr(User.of(owner), what[0])(other, *what[1:])


def assert_consistent(one: str, other: str) -> None:
    """Both records say the same, and everything derived from them fits."""
    views = {user_id: person(user_id) for user_id in (one, other)}
    assert {MIRRORED[kind] for kind in types(one, other)} == set(types(other, one))
    for owner, peer in ((one, other), (other, one)):
        view = views[owner]
        connection = view.connected_users.get(peer)
        held = connection.connection_types if connection else []
        counts = view.connection_counts.model_dump()
        assert counts == {kind: int(kind in held) for kind in CONNECTION_TYPES}
        for kind in CONNECTION_TYPES:
            listed = User.of(owner).get_connections(kind).items
            assert [item.user_id for item in listed] == ([peer] if kind in held else [])
        receives = "friend" if "friend" in held else "follower" if "follower" in held else None
        assert User.of(owner).audience() == ([(peer, receives)] if receives else [])
        requested = bool(connection and connection.requested)
        assert (views[peer].requests == [owner]) == requested
    assert User.of(one).hides(other) == User.of(other).hides(one)
    assert User.of(one).hides(other) == bool(views[one].blocks or views[other].blocks)


@pytest.mark.parametrize("first", ACTS, ids=" ".join)
def test_acts_that_cross_end_alike(first: tuple[str, ...]) -> None:
    """Every act of the one crosses every act of the other, from friends who follow each other."""
    for number, second in enumerate(ACTS):
        one, other = f"one{number}", f"other{number}"
        for user_id in (one, other):
            User.of(user_id).register()
        User.of(one).connect(other, "friend", staff=True)
        User.of(one).connect(other, "following")
        User.of(one).connect(other, "follower", staff=True)
        step()
        act(one, other, first)
        news = take_news(other)
        act(other, one, second)
        deliver(other, news)
        step()
        assert_consistent(one, other)


@pytest.mark.parametrize("seed", range(6))
def test_news_in_any_order_and_twice_end_alike(seed: int) -> None:
    lot = random.Random(seed)
    kept: list[tuple[str, dict[str, Any]]] = []
    for _ in range(20):
        owner, other = lot.choice([("alice", "bob"), ("bob", "alice")])
        act(owner, other, lot.choice(ACTS))
        for user_id in ("alice", "bob"):
            kept += [(user_id, args) for args in take_news(user_id)]
        if kept and lot.random() < 0.5:
            user_id, args = lot.choice(kept)
            deliver(user_id, [args])
            if lot.random() < 0.7:
                kept.remove((user_id, args))
    lot.shuffle(kept)
    for user_id, args in kept:
        deliver(user_id, [args])
    step()
    assert_consistent("alice", "bob")
    assert step() == 0


def test_acts_at_the_very_same_time_end_alike() -> None:
    lot = random.Random(7)
    acts = [
        (*lot.choice([("alice", "bob"), ("bob", "alice")]), lot.choice(ACTS)) for _ in range(24)
    ]

    def run(part: list[tuple[str, str, tuple[str, ...]]]) -> None:
        try:
            for owner, other, what in part:
                act(owner, other, what)
        finally:
            for purpose in ("turn", "ledger"):
                database.discard(purpose)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, [acts[start::4] for start in range(4)]))
    step()
    assert_consistent("alice", "bob")
