"""Who knows whom and who writes what when: drawn by lot, the same lot every time."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from socialnet.demo.people import PEOPLE, Person

FRIENDSHIPS = 200
FOLLOWINGS = 110
OLDEST_POST = timedelta(days=9)
NEWEST_POST = timedelta(minutes=4)
OLDEST_ACCOUNT_DAYS = 700
# The one visitors sign in as; has many friends and two requests to answer.
VISITOR = "ada"
VISITOR_FRIENDS = 14

_POSTS = Path(__file__).parent / "posts"


class PlannedPost(NamedTuple):
    """What is written, by whom, and how long before the world was loaded."""

    user_id: str
    content: str
    age: timedelta


class Plan(NamedTuple):
    """The whole world, before it is made."""

    people: tuple[Person, ...]
    days_since_joining: dict[str, int]
    friendships: list[tuple[str, str]]
    followings: list[tuple[str, str]]
    requests: list[tuple[str, str]]
    posts: list[PlannedPost]


def draw() -> Plan:
    """The plan; every call gives the same one."""
    lot = random.Random("a town by the water")
    joined = {person.user_id: lot.randint(12, OLDEST_ACCOUNT_DAYS) for person in PEOPLE}
    friendships = _draw_friendships(lot)
    taken = {frozenset(pair) for pair in friendships}
    strangers = [pair for pair in combinations(_ids(), 2) if frozenset(pair) not in taken]
    asking = lot.sample([pair for pair in strangers if VISITOR in pair], 2)
    requests = [(other, VISITOR) for pair in asking for other in pair if other != VISITOR]
    return Plan(
        people=PEOPLE,
        days_since_joining=joined,
        friendships=friendships,
        followings=_draw_followings(lot),
        requests=requests,
        posts=_draw_posts(lot),
    )


def _ids() -> list[str]:
    return [person.user_id for person in PEOPLE]


def _draw_friendships(lot: random.Random) -> list[tuple[str, str]]:
    """Friends share interests more often than not; some people have many, all have some."""
    themes = {person.user_id: set(person.themes) for person in PEOPLE}
    sociable = {user_id: lot.paretovariate(2.5) for user_id in themes}
    chances = {
        (one, other): lot.random()
        ** (1 / (sociable[one] * sociable[other] * (4 if themes[one] & themes[other] else 1)))
        for one, other in combinations(themes, 2)
    }
    likeliest = sorted(chances, key=lambda pair: -chances[pair])
    chosen = [pair for pair in likeliest if VISITOR in pair][:VISITOR_FRIENDS]
    others = [pair for pair in likeliest if VISITOR not in pair]
    met = Counter(user_id for pair in chosen for user_id in pair)
    for pair in others:
        if min(met[pair[0]], met[pair[1]]) < 2:
            chosen.append(pair)
            met.update(pair)
    missing = FRIENDSHIPS - len(chosen)
    return chosen + [pair for pair in others if pair not in set(chosen)][:missing]


def _draw_followings(lot: random.Random) -> list[tuple[str, str]]:
    """A few are followed by many, most by a few or nobody."""
    ids = _ids()
    fame = [lot.paretovariate(1.1) for _ in ids]
    chosen: dict[tuple[str, str], None] = {}
    while len(chosen) < FOLLOWINGS:
        follower, followed = lot.choice(ids), lot.choices(ids, fame)[0]
        if follower != followed:
            chosen[follower, followed] = None
    return list(chosen)


def _draw_posts(lot: random.Random) -> list[PlannedPost]:
    """Every text once, each by somebody who writes about such things; the newest last."""
    written: Counter[str] = Counter()
    planned: list[PlannedPost] = []
    for path in sorted(_POSTS.glob("*.txt")):
        writers = [person.user_id for person in PEOPLE if path.stem in person.themes]
        for content in path.read_text(encoding="utf-8").strip().split("\n\n"):
            fewest = min(written[writer] for writer in writers)
            user_id = lot.choice([who for who in writers if written[who] <= fewest + 1])
            written[user_id] += 1
            planned.append(PlannedPost(user_id, content, _draw_age(lot)))
    return sorted(planned, key=lambda post: -post.age)


def _draw_age(lot: random.Random) -> timedelta:
    """More posts today than last week, so that a timeline looks alive at the top."""
    share: float = lot.random() ** 1.7
    return NEWEST_POST + (OLDEST_POST - NEWEST_POST) * share
