"""Three people do whatever they like; sets in memory say what must come of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from agents_core import AgentError
from agents_core.testing import step
from socialnet.agents.schemas import ConnectionType
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

PEOPLE = ("alice", "bob", "charlie")
Pair = tuple[str, str]


@dataclass
class Model:
    """Who wants to be whose friend, who follows whom, who blocks whom."""

    wants: set[Pair] = field(default_factory=set)
    follows: set[Pair] = field(default_factory=set)
    blocks: set[Pair] = field(default_factory=set)

    def act(self, me: str, other: str, what: str, kind: str) -> str | None:
        """Do it; the code of the refusal, if it must be refused."""
        if (other, me) in self.blocks and not (what == "unblock" and (me, other) in self.blocks):
            return "user_not_found"
        if what == "connect" and kind == "follower":
            return "consent_needed"
        if what == "connect" and (me, other) in self.blocks:
            return "user_blocked"
        getattr(self, what)(me, other, kind)
        return None

    def connect(self, me: str, other: str, kind: str) -> None:
        (self.wants if kind == "friend" else self.follows).add((me, other))

    def disconnect(self, me: str, other: str, kind: str) -> None:
        if kind == "friend":
            self.wants -= {(me, other), (other, me)}
        else:
            self.follows.discard((me, other) if kind == "following" else (other, me))

    def block(self, me: str, other: str, kind: str) -> None:
        self.blocks.add((me, other))
        self.wants -= {(me, other), (other, me)}
        self.follows -= {(me, other), (other, me)}

    def unblock(self, me: str, other: str, kind: str) -> None:
        self.blocks.discard((me, other))

    def types(self, me: str, other: str) -> list[ConnectionType]:
        """What the other is to me."""
        types: list[ConnectionType] = []
        if {(me, other), (other, me)} <= self.wants:
            types.append("friend")
        if (other, me) in self.follows:
            types.append("follower")
        if (me, other) in self.follows:
            types.append("following")
        return types

    def authors(self, me: str) -> dict[str, str | None]:
        """Whose posts reach me, and as what."""
        authors: dict[str, str | None] = {me: None}
        for other in PEOPLE:
            if "friend" in self.types(me, other):
                authors[other] = "friend"
            elif (me, other) in self.follows:
                authors[other] = "follower"
        return authors


def assert_alike(model: Model) -> None:
    for me in PEOPLE:
        view = User.of(me).get_user()
        assert view is not None
        for other in PEOPLE:
            if other == me:
                continue
            connection = view.connected_users.get(other)
            assert (connection.connection_types if connection else []) == model.types(me, other)
            mine, theirs = (me, other) in model.wants, (other, me) in model.wants
            assert bool(connection and connection.requested) == (mine and not theirs)
            assert (other in (view.requests or [])) == (theirs and not mine)
            assert (other in (view.blocks or [])) == ((me, other) in model.blocks)
            hidden = bool({(me, other), (other, me)} & model.blocks)
            assert User.of(me).hides(other) == hidden
        refs = UserTimeline.of(me).get_references().items
        authors = {ref.created_by: ref.created_by_connection_type for ref in refs}
        assert authors == model.authors(me)


@pytest.mark.parametrize("seed", range(3))
def test_it_does_what_a_plain_model_does(seed: int) -> None:
    lot = random.Random(seed)
    model = Model()
    for user_id in PEOPLE:
        UserPosts.of(user_id).create_post(f"Hello from {user_id}")
    for _ in range(30):
        me, other = lot.sample(PEOPLE, 2)
        what = lot.choices(["connect", "disconnect", "block", "unblock"], [8, 4, 1, 2])[0]
        kind = lot.choice(["friend", "follower", "following"])
        refusal = None
        try:
            method = getattr(User.of(me), what)
            method(other, kind) if what.endswith("connect") else method(other)
        except AgentError as error:
            refusal = error.code
        assert refusal == model.act(me, other, what, kind)
        step()
        assert_alike(model)
