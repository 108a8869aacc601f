"""What two people are to each other: rules that both sides apply alike. Pure functions.

Each of the two keeps the whole relation, and each may change it without waiting for the other. So
it is made of six *marks*, three per person: do I want to be friends, do I follow, do I block. A
mark counts its decisions (`at`, a clock of the pair, one above everything known when deciding).
Whoever changes something sends the whole relation; whoever receives one keeps the later of every
two marks. That merge is commutative, associative and idempotent: messages may cross, be late or
come twice, and both end with the same relation.

- friends: both want it. One alone is a request.
- a tie between two decisions is won by the one that connects less; a tie can only come about when
  both acted before hearing of each other.
- a wish counts while neither blocks, and if it was decided after every decision about a block:
  lifting one brings nothing back. This is how marks are read, not what is kept: erasing a wish when
  a block is heard of would make the outcome depend on the order of the news.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from socialnet.agents.schemas import AudienceType, ConnectionType


class Mark(BaseModel):
    """One yes or no, and the pair's clock when it was decided."""

    on: bool = False
    at: int = 0


class Stance(BaseModel):
    """What one of the two has decided about the other."""

    friend: Mark = Mark()
    follow: Mark = Mark()
    block: Mark = Mark()


class Relation(BaseModel):
    """Both stances, as seen from one side."""

    mine: Stance = Stance()
    theirs: Stance = Stance()

    @property
    def is_blocked(self) -> bool:
        """Whether a block in either direction parts the two."""
        return self.mine.block.on or self.theirs.block.on

    def counts(self, mark: Mark) -> bool:
        """Whether a wish holds."""
        return (
            mark.on
            and not self.is_blocked
            and mark.at > max(self.mine.block.at, self.theirs.block.at)
        )

    @property
    def are_friends(self) -> bool:
        """Whether both want it."""
        return self.counts(self.mine.friend) and self.counts(self.theirs.friend)

    @property
    def is_requested(self) -> bool:
        """Whether I asked to be friends and have no answer."""
        return self.counts(self.mine.friend) and not self.counts(self.theirs.friend)

    @property
    def is_asked(self) -> bool:
        """Whether the other asked to be friends and has no answer."""
        return self.counts(self.theirs.friend) and not self.counts(self.mine.friend)

    @property
    def is_chosen(self) -> bool:
        """Whether I follow the other, or am or want to be friends."""
        return self.counts(self.mine.friend) or self.counts(self.mine.follow)

    @property
    def connection_types(self) -> list[ConnectionType]:
        """What the other is to me, in the order of the contract."""
        types: list[ConnectionType] = []
        if self.are_friends:
            types.append("friend")
        if self.counts(self.theirs.follow):
            types.append("follower")
        if self.counts(self.mine.follow):
            types.append("following")
        return types

    @property
    def audience_type(self) -> AudienceType | None:
        """As what the other receives my posts, if at all."""
        if self.are_friends:
            return "friend"
        return "follower" if self.counts(self.theirs.follow) else None

    def seen_from_the_other_side(self) -> Relation:
        """The same relation as the other holds it."""
        return Relation(mine=self.theirs, theirs=self.mine)


Wish = tuple[Literal["mine", "theirs"], Literal["friend", "follow", "block"], bool]


def decide(relation: Relation, *wishes: Wish) -> Relation:
    """The relation after these decisions; decisions that change nothing leave it as it is."""
    clock = max(_clock(relation.mine), _clock(relation.theirs)) + 1
    decided = Relation(mine=relation.mine.model_copy(), theirs=relation.theirs.model_copy())
    for side, what, on in wishes:
        stance = getattr(decided, side)
        mark = getattr(stance, what)
        holds = mark.on if what == "block" else relation.counts(mark)
        if holds is not on:
            setattr(stance, what, Mark(on=on, at=clock))
    return decided


def merge(known: Relation, heard: Relation) -> Relation:
    """Everything that either of two states of one relation knows."""
    return Relation(
        mine=_merged(known.mine, heard.mine), theirs=_merged(known.theirs, heard.theirs)
    )


def connecting(kind: ConnectionType, *, at_once: bool) -> list[Wish]:
    """What connecting decides; `at_once` decides for the other side too."""
    if kind == "friend":
        asked: Wish = ("mine", "friend", True)
        return [asked, ("theirs", "friend", True)] if at_once else [asked]
    return [("theirs" if kind == "follower" else "mine", "follow", True)]


def disconnecting(kind: ConnectionType) -> list[Wish]:
    """What disconnecting decides; for friends it also withdraws or declines a request."""
    if kind == "friend":
        return [("mine", "friend", False), ("theirs", "friend", False)]
    return [("theirs" if kind == "follower" else "mine", "follow", False)]


def _clock(stance: Stance) -> int:
    return max(stance.friend.at, stance.follow.at, stance.block.at)


def _merged(one: Stance, other: Stance) -> Stance:
    return Stance(
        friend=max(one.friend, other.friend, key=_less_connecting_last),
        follow=max(one.follow, other.follow, key=_less_connecting_last),
        block=max(one.block, other.block, key=lambda mark: (mark.at, mark.on)),
    )


def _less_connecting_last(mark: Mark) -> tuple[int, bool]:
    return mark.at, not mark.on
