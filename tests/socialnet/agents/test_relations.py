"""Two copies of a relation always end alike, whatever crosses. Pure rules, and lots of luck."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from socialnet.agents.relations import (
    Mark,
    Relation,
    Stance,
    connecting,
    decide,
    disconnecting,
    merge,
)

marks = st.builds(Mark, on=st.booleans(), at=st.integers(0, 4))
stances = st.builds(Stance, friend=marks, follow=marks, block=marks)
relations = st.builds(Relation, mine=stances, theirs=stances)


def test_it_makes_friends_of_two_who_ask() -> None:
    asked = decide(Relation(), *connecting("friend", at_once=False))
    assert asked.is_requested
    assert not asked.connection_types
    other = asked.seen_from_the_other_side()
    assert other.is_asked
    answered = decide(other, *connecting("friend", at_once=False))
    assert answered.connection_types == ["friend"]
    assert answered.seen_from_the_other_side().connection_types == ["friend"]


def test_it_leaves_a_relation_as_it_is_when_nothing_changes() -> None:
    friends = decide(Relation(), *connecting("friend", at_once=True))
    assert decide(friends, *connecting("friend", at_once=True)) == friends
    assert decide(Relation(), *disconnecting("friend")) == Relation()


def test_it_brings_nothing_back_when_a_block_is_lifted() -> None:
    friends = decide(Relation(), *connecting("friend", at_once=True))
    blocked = decide(friends, ("mine", "block", True))
    assert blocked.connection_types == []
    assert decide(blocked, ("mine", "block", False)).connection_types == []


def test_it_voids_a_follow_that_crossed_a_block_even_once_the_block_is_lifted() -> None:
    blocked = decide(Relation(), ("mine", "block", True))
    lifted = decide(blocked, ("mine", "block", False))
    followed = decide(Relation(), *connecting("following", at_once=False))
    at_theirs = merge(followed, blocked.seen_from_the_other_side())
    at_mine = merge(lifted, at_theirs.seen_from_the_other_side())
    assert at_mine.connection_types == []


def test_it_lets_what_connects_less_win_a_tie() -> None:
    """Both decided at once without knowing of each other: nobody is connected by accident."""
    follows = Relation(theirs=Stance(follow=Mark(on=True, at=3)))
    removed = Relation(theirs=Stance(follow=Mark(on=False, at=3)))
    assert merge(follows, removed) == merge(removed, follows) == removed


@given(relations, relations)
def test_it_does_not_matter_who_hears_first(one: Relation, other: Relation) -> None:
    assert merge(one, other) == merge(other, one)


@given(relations, relations, relations)
def test_it_does_not_matter_in_which_order_news_come(
    one: Relation, two: Relation, three: Relation
) -> None:
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@given(relations, relations)
def test_it_does_not_matter_how_often_news_come(one: Relation, other: Relation) -> None:
    merged = merge(one, other)
    assert merge(merged, other) == merged
    assert merge(merged, one) == merged


@given(relations, relations)
def test_it_looks_the_same_from_both_sides(one: Relation, other: Relation) -> None:
    assert (
        merge(one.seen_from_the_other_side(), other.seen_from_the_other_side())
        == merge(one, other).seen_from_the_other_side()
    )


wishes = st.one_of(
    st.sampled_from(["friend", "following", "follower"]).map(
        lambda kind: connecting(kind, at_once=True)
    ),
    st.just(connecting("friend", at_once=False)),
    st.sampled_from(["friend", "following", "follower"]).map(disconnecting),
    st.booleans().map(lambda on: [("mine", "block", on)]),
)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.sampled_from([0, 1]), wishes),
        st.tuples(st.just("deliver"), st.sampled_from([0, 1]), st.integers(0, 5)),
        st.tuples(st.just("deliver twice"), st.sampled_from([0, 1]), st.integers(0, 5)),
    ),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(acts)
def test_two_sides_always_end_alike(script: list[tuple[str, int, object]]) -> None:
    """Decisions on both sides, messages in any order, some twice; then everything arrives."""
    sides = [Relation(), Relation()]
    under_way: list[list[Relation]] = [[], []]  # to side 0, to side 1

    def keep(side: int, relation: Relation, heard: Relation | None) -> None:
        sides[side] = relation
        if heard is None or relation != heard:
            under_way[1 - side].append(relation.seen_from_the_other_side())

    def deliver(side: int, number: int, *, twice: bool = False) -> None:
        if not under_way[side]:
            return
        place = number % len(under_way[side])
        heard = under_way[side][place]
        if not twice:
            del under_way[side][place]
        keep(side, merge(sides[side], heard), heard)

    for act, side, what in script:
        if act == "decide":
            decided = decide(sides[side], *what)  # type: ignore[misc]
            if decided != sides[side]:
                keep(side, decided, None)
        else:
            deliver(side, what, twice=act == "deliver twice")  # type: ignore[arg-type]
    for _ in range(1_000):
        if not any(under_way):
            break
        deliver(0, 0)
        deliver(1, -1)
    assert not any(under_way), "the two never stop telling each other news"
    assert sides[0] == sides[1].seen_from_the_other_side()
