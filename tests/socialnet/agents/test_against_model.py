"""Three people do whatever they like to each other; sets in memory say what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, permutations
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from agents_core import AgentError
from agents_core.testing import step
from socialnet.agents.notifications import Notifications
from socialnet.agents.schemas import ConnectionType
from socialnet.agents.search import UserSearch
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from socialnet.agents.views import UserTimelineView

Pair = tuple[str, str]
PAIRS = list(permutations(range(3), 2))
Connecting = Literal["connect", "disconnect"]
Setting = Literal["block", "unblock", "mute", "unmute"]


@dataclass
class Model:
    """Who wants to be whose friend, who follows, blocks, mutes whom, and who was told what."""

    people: list[str]
    wants: set[Pair] = field(default_factory=set)
    follows: set[Pair] = field(default_factory=set)
    blocks: set[Pair] = field(default_factory=set)
    mutes: set[Pair] = field(default_factory=set)
    told: set[tuple[str, str, str]] = field(default_factory=set)  # to whom, of whom, what

    def refusal(self, me: str, other: str, what: str, kind: str) -> str | None:
        """The code of the refusal, if it must be refused."""
        takes_back = {"unblock": self.blocks, "unmute": self.mutes}.get(what, set())
        if (other, me) in self.blocks and (me, other) not in takes_back:
            return "user_not_found"
        if what == "connect" and kind == "follower":
            return "consent_needed"
        if what == "connect" and (me, other) in self.blocks:
            return "user_blocked"
        return None

    def act(self, me: str, other: str, what: str, kind: str) -> None:
        """Do it, and have the others told of what they are told of."""
        before = self.facts()
        getattr(self, what)(me, other, kind)
        after = self.facts()
        self.told -= before - after
        if (me, other) in self.mutes or self.is_hidden(me, other):
            self.told -= {fact for fact in self.told if fact[:2] == (me, other)}
        if self.is_hidden(me, other):
            self.told -= {fact for fact in self.told if fact[:2] == (other, me)}
        if (other, me) not in self.mutes:
            self.told |= {fact for fact in after - before if fact[:2] == (other, me)}

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

    def mute(self, me: str, other: str, kind: str) -> None:
        self.mutes.add((me, other))

    def unmute(self, me: str, other: str, kind: str) -> None:
        self.mutes.discard((me, other))

    def facts(self) -> set[tuple[str, str, str]]:
        """What there is to tell: to whom, of whom, what. `friend_accepted` is told by whoever comes
        second, so of the two only the other one is told."""
        pairs = list(permutations(self.people, 2))
        asked = {
            (me, other, "friend_request")
            for me, other in pairs
            if (other, me) in self.wants and (me, other) not in self.wants
        }
        friends = {
            (me, other, "friend_accepted")
            for me, other in pairs
            if {(me, other), (other, me)} <= self.wants
        }
        return asked | friends | {(other, me, "follow") for me, other in self.follows}

    def is_hidden(self, me: str, other: str) -> bool:
        return bool({(me, other), (other, me)} & self.blocks)

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
        for other in self.people:
            if "friend" in self.types(me, other):
                authors[other] = "friend"
            elif (me, other) in self.follows:
                authors[other] = "follower"
        return authors


class People(RuleBasedStateMachine):
    """Three people who meet nobody else. Each example has three of its own."""

    numbers = count()

    @initialize()
    def begin(self) -> None:
        number = next(self.numbers)
        self.model = Model([f"{name}-{number}" for name in ("alice", "bob", "charlie")])
        for user_id in self.model.people:
            User.of(user_id).register()
            UserPosts.of(user_id).create_post(f"Hello from {user_id}")
        step()

    @rule(
        pair=st.sampled_from(PAIRS),
        what=st.sampled_from(["connect", "connect", "disconnect"]),
        kind=st.sampled_from(["friend", "following", "follower"]),
    )
    def choose(self, pair: tuple[int, int], what: Connecting, kind: ConnectionType) -> None:
        self.do(pair, what, kind, lambda user, other: getattr(user, what)(other, kind))

    @rule(pair=st.sampled_from(PAIRS), what=st.sampled_from(["block", "unblock", "mute", "unmute"]))
    def set_apart(self, pair: tuple[int, int], what: Setting) -> None:
        self.do(pair, what, "", lambda user, other: getattr(user, what)(other))

    def do(
        self, pair: tuple[int, int], what: str, kind: str, call: Callable[[User, str], object]
    ) -> None:
        me, other = (self.model.people[which] for which in pair)
        refusal = self.model.refusal(me, other, what, kind)
        assert refusal_of(call, User.of(me), other) == refusal
        if refusal is None:
            self.model.act(me, other, what, kind)
        step()
        self.compare(me)
        self.compare(other)

    def compare(self, me: str) -> None:
        model, view = self.model, User.of(me).get_user()
        assert view is not None
        others = [other for other in model.people if other != me]
        for other in others:
            connection = view.connected_users.get(other)
            assert (connection.connection_types if connection else []) == model.types(me, other)
            mine, theirs = (me, other) in model.wants, (other, me) in model.wants
            assert bool(connection and connection.requested) == (mine and not theirs)
            assert (other in (view.requests or [])) == (theirs and not mine)
            assert (other in (view.blocks or [])) == ((me, other) in model.blocks)
            assert (other in (view.mutes or [])) == ((me, other) in model.mutes)
            assert User.of(me).hides(other) == model.is_hidden(me, other)
        self.compare_what_is_shown(me, others)

    def compare_what_is_shown(self, me: str, others: list[str]) -> None:
        model = self.model
        refs = UserTimeline.of(me).get_references().items
        authors = {ref.created_by: ref.created_by_connection_type for ref in refs}
        assert authors == model.authors(me)
        shown = {post.created_by for post in UserTimelineView.of(me).get_posts().items}
        assert shown == {one for one in authors if (me, one) not in model.mutes}
        page = Notifications.of(me).get_notifications()
        told = {(me, actor, item.kind) for item in page.items for actor in item.actors}
        assert told == {fact for fact in model.told if fact[0] == me}
        assert page.unread == len(page.items)
        for other in others:
            found = UserSearch.of().search(f"user_id:{other}", me).items
            assert [user.user_id for user in found] == [other] * (not model.is_hidden(me, other))

    def teardown(self) -> None:
        for user_id in self.model.people if hasattr(self, "model") else []:
            self.compare(user_id)


def refusal_of(call: Callable[[User, str], object], user: User, other: str) -> str | None:
    try:
        call(user, other)
    except AgentError as refusal:
        return refusal.code
    return None


@pytest.mark.slow
def test_people_are_to_each_other_what_a_plain_model_says() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        People,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
