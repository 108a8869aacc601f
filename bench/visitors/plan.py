"""The town and the shop that visitors come to, drawn by lot, the same every time.

Knows nothing of Django, so that the visitors, who run in a process of Locust, can be told of it.
Growth is made of copies: town 7 is town 0 with another mark in every id and family name.
"""

from __future__ import annotations

import hashlib
import random
from itertools import combinations
from typing import NamedTuple

PEOPLE = 100
FRIENDSHIPS = 198
FOLLOWINGS = 113
POSTS = 262
CHATS = 100
MESSAGES = 5
"""In each chat."""

PRODUCTS = 50
SHOPPERS = 10
BRANDS = ("Aldermoor", "Brightwell", "Cinderby", "Dunlark", "Eastmere", "Farrowgate")
THINGS = ("Lamp", "Kettle", "Rucksack", "Notebook", "Headphones", "Bicycle Bell", "Tent", "Radio")
TAGS = ("outdoors", "kitchen", "office", "light", "sound", "travel", "gift", "repairable")

_LETTERS = "aeioubdfgklmnrst"
FIRST_MARK = "a60a0000"
FIRST_NAME_MARK = "zzzz"
FIRST_SHELF = "b70b0000"

_FIRST = ("Al", "Bea", "Cor", "Del", "Eli", "Fen", "Gre", "Hal", "Iva", "Jo")
_LAST = ("da", "lia", "nek", "mar", "sine", "to", "ric", "vy", "wen", "zo")
_FAMILY = ("Ash", "Brook", "Calder", "Dale", "Elm", "Ford", "Glen", "Holt", "Inch", "Kirk")
_WORDS = (
    *("morning", "harbour", "garden", "rain", "market", "bread", "music", "bicycle", "window"),
    *("letter", "bridge", "evening", "soup", "story", "winter", "boat", "neighbour", "library"),
    *("walk", "tea", "repair", "train", "cloud", "festival", "orchard", "lantern", "river"),
)


class Town(NamedTuple):
    """Who knows whom, by number; posts as (author, text), chats as their people."""

    friendships: list[tuple[int, int]]
    followings: list[tuple[int, int]]
    posts: list[tuple[int, str]]
    chats: list[tuple[int, ...]]

    def connections(self) -> dict[int, list[int]]:
        """Whom everybody knows in any way."""
        known: dict[int, list[int]] = {person: [] for person in range(PEOPLE)}
        for one, other in {*self.friendships, *self.followings}:
            known[one].append(other)
            known[other].append(one)
        return known


def mark(town: int) -> str:
    """What tells the ids of one town from another's."""
    return f"{FIRST_MARK[:4]}{town:04x}"


def shelf(number: int) -> str:
    """What tells the ids of copied products from the originals'."""
    return f"{FIRST_SHELF[:4]}{number:04x}"


def name_mark(town: int) -> str:
    """What family names of a town end with."""
    return "".join(_LETTERS[int(digit, 16)] for digit in f"{town:04x}") if town else FIRST_NAME_MARK


def user_id(person: int, town: int = 0) -> str:
    return f"u{person:02}-{mark(town)}"


def family_name(person: int, town: int = 0) -> str:
    """One of ten in each town."""
    return _FAMILY[person * 7 % 10] + name_mark(town)


def full_name(person: int, town: int = 0) -> str:
    return f"{_FIRST[person // 10]}{_LAST[person % 10]} {family_name(person, town)}"


def token(name: str, secret: str) -> str:
    """The API token of an account: anybody's can be worked out, so no list has to be kept."""
    return f"agora_{hashlib.sha256(f'{secret} {name}'.encode()).hexdigest()}"


def product_id(number: int, copy: int = 0) -> str:
    return f"p{number:02}-{shelf(copy)}"


def text(lot: random.Random, words: int) -> str:
    """Something to say."""
    return " ".join(lot.choices(_WORDS, k=words)).capitalize() + "."


def draw() -> Town:
    """The town; every call gives the same one."""
    lot = random.Random("a town to visit")
    pairs = list(combinations(range(PEOPLE), 2))
    friendships = lot.sample(pairs, FRIENDSHIPS)
    taken = set(friendships)
    strangers = [pair for pair in pairs if pair not in taken]
    followings = [
        pair if lot.random() < 0.5 else pair[::-1] for pair in lot.sample(strangers, FOLLOWINGS)
    ]
    posts = [(lot.randrange(PEOPLE), text(lot, lot.randint(8, 60))) for _ in range(POSTS)]
    chats = [tuple(lot.sample(range(PEOPLE), lot.randint(3, 5))) for _ in range(CHATS)]
    return Town(friendships, followings, posts, chats)
