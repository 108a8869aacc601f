"""Who reacted to something, and how: the part that its reader is shown, and the rows behind it.

A post and its comments are *subjects*: the post is number 0, its comments are counted from 1 as
they are written. The reactions to all of them are rows of one collection, in which those to one
subject stand together in the order they came. What is shown first (counts, and the newest 100) is
kept with the subject, so that neither reading nor reacting depends on how many there are.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from agents_core import Page
from agents_core.collections import BoundCollection, encode_cursor
from socialnet.agents.schemas import LikeCounts, LikeType, LikeView

T = TypeVar("T")

SHOWN_LIKES = 100
# Rows of one subject have sort keys within a span of so many: enough for every reaction there will
# ever be, and eight million subjects of a post fit into 64 bits.
_SPAN = 1 << 40


class Like(BaseModel):
    """What somebody thinks of it, and since when."""

    like_type: LikeType
    created_at: datetime


class Reactions(BaseModel):
    """What is kept with a subject: how many of each kind, and the newest, newest first."""

    counts: LikeCounts = LikeCounts()
    newest: list[tuple[str, LikeType]] = []
    made: int = 0

    @property
    def total(self) -> int:
        """How many people reacted."""
        counts = self.counts
        return counts.like + counts.insightful + counts.love + counts.dislike

    @property
    def shown(self) -> dict[str, LikeType]:
        """The newest, newest first."""
        return dict(self.newest)

    @property
    def are_all_shown(self) -> bool:
        """Whether nobody reacted but those who are shown."""
        return self.total <= len(self.newest)


def place(subject: int, number: int) -> int:
    """The sort key of a subject's row of that number."""
    return subject * _SPAN + number


def subject_of(place: int) -> int:
    """The subject whose row has that sort key."""
    return place // _SPAN


def key_of(subject: int, name: str | int) -> str:
    """The key of a subject's row."""
    return f"{subject}/{name}"


def page_of(
    rows: BoundCollection[T],
    subject: int,
    *,
    limit: int,
    cursor: str | None = None,
    oldest_first: bool = False,
) -> Page[T]:
    """A page of one subject's rows, of a collection that has those of many."""
    first, end = place(subject, 0), place(subject + 1, 0)
    start = encode_cursor(first if oldest_first else end, "")
    page = rows.page(limit=limit, cursor=cursor or start, oldest_first=oldest_first)
    items = [entry for entry in page.items if first <= entry.sort < end]
    return Page(items, page.next_cursor if len(items) == len(page.items) else None)


def like_of(
    rows: BoundCollection[Like], subject: int, reactions: Reactions, user_id: str
) -> LikeType | None:
    """How that person reacted; reads a row only where not all are shown."""
    shown = reactions.shown.get(user_id)
    if shown is not None or reactions.are_all_shown:
        return shown
    row = rows.get(key_of(subject, user_id))
    return row.like_type if row else None


def react(
    rows: BoundCollection[Like],
    subject: int,
    reactions: Reactions,
    user_id: str,
    like_type: LikeType | None,
    *,
    now: datetime,
) -> bool:
    """Have that person react like this alone, or not at all; whether that changed anything."""
    was = like_of(rows, subject, reactions, user_id)
    if was == like_type:
        return False
    others = [pair for pair in reactions.newest if pair[0] != user_id]
    if was is not None:
        setattr(reactions.counts, was, getattr(reactions.counts, was) - 1)
    if like_type is None:
        rows.remove(key_of(subject, user_id))
        reactions.newest = others
        if not reactions.are_all_shown and len(others) < SHOWN_LIKES:
            reactions.newest = _newest(rows, subject)
        return True
    setattr(reactions.counts, like_type, getattr(reactions.counts, like_type) + 1)
    reactions.made += 1
    reactions.newest = [(user_id, like_type), *others][:SHOWN_LIKES]
    row = Like(like_type=like_type, created_at=now)
    rows.put(key_of(subject, user_id), row, sort=place(subject, reactions.made))
    return True


def forget(rows: BoundCollection[Like], subject: int, reactions: Reactions) -> None:
    """Remove a subject's rows; reads them only where not all are shown."""
    keys = [key_of(subject, user_id) for user_id, _ in reactions.newest]
    if not reactions.are_all_shown:
        keys = []
        cursor: str | None = None
        while True:
            page = page_of(rows, subject, limit=1_000, cursor=cursor)
            keys += [entry.key for entry in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    for key in keys:
        rows.remove(key)


def views_of(page: Page[Like]) -> list[LikeView]:
    """The rows as readers see them."""
    return [
        LikeView(
            user_id=entry.key.partition("/")[2],
            like_type=entry.item.like_type,
            created_at=entry.item.created_at,
        )
        for entry in page.items
    ]


def _newest(rows: BoundCollection[Like], subject: int) -> list[tuple[str, LikeType]]:
    page = page_of(rows, subject, limit=SHOWN_LIKES)
    return [(entry.key.partition("/")[2], entry.item.like_type) for entry in page.items]
