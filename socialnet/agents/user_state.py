"""What a person keeps of themselves and of others, and how that is shown."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core.collections import BoundCollection
from socialnet.agents.notices import NoticeKind
from socialnet.agents.relations import Relation
from socialnet.agents.schemas import (
    NEWEST_CONNECTIONS,
    ConnectionCounts,
    ConnectionType,
    ConnectionView,
)


class UserState(BaseModel):
    """The profile. Connections are rows; only their numbers are kept here. `avatar` is the SHA-256
    of the picture, which is a file.

    `shown`, `asking`, `blocked` and `muted` say how many rows there are to show; nobody's are not
    read.
    """

    name: str | None = None
    bio: str | None = None
    avatar: str | None = None
    email: str | None = None
    connection_counts: ConnectionCounts = ConnectionCounts()
    shown: int = 0
    asking: int = 0
    blocked: int = 0
    muted: int = 0
    created_at: datetime
    updated_at: datetime


class Connection(BaseModel):
    """What the two are to each other, and since when."""

    relation: Relation
    created_at: datetime
    updated_at: datetime


def notable(
    me: str, other_id: str, was: Relation, now: Relation
) -> list[tuple[NoticeKind, str, bool, bool]]:
    """What the other can do that I am told of: kind, subject, whether it held and holds."""
    accepted = now.are_friends and (was.are_friends or was.is_requested)
    return [
        ("friend_request", other_id, was.is_asked, now.is_asked),
        ("friend_accepted", other_id, was.are_friends, accepted),
        ("follow", me, was.counts(was.theirs.follow), now.counts(now.theirs.follow)),
    ]


def shows(relation: Relation) -> bool:
    """Whether its owner sees it: as a connection or as a request that waits."""
    return bool(relation.connection_types) or relation.is_requested


def seen_by_owner(relation: Relation) -> tuple[list[ConnectionType], bool, bool, bool]:
    """What its owner can tell it by; not whether the other blocks, which nobody is told."""
    return (
        relation.connection_types,
        relation.is_requested,
        relation.is_asked,
        relation.mine.block.on,
    )


def connection_view(other_id: str, connection: Connection) -> ConnectionView:
    """The connection as its owner holds it."""
    return ConnectionView(
        user_id=other_id,
        connection_types=connection.relation.connection_types,
        requested=connection.relation.is_requested,
        created_at=connection.created_at,
        updated_at=connection.updated_at,
    )


def mark(
    collection: BoundCollection[bool], key: str, was: bool, now_is: bool, now: datetime
) -> int:
    """Add or remove a key where that changed; by how much the number of keys grew."""
    if was == now_is:
        return 0
    if now_is:
        collection.put(key, True, sort=now)
        return 1
    collection.remove(key)
    return -1


def newest_keys(collection: BoundCollection[bool]) -> list[str]:
    """The newest 100 there are."""
    return [entry.key for entry in collection.page(limit=NEWEST_CONNECTIONS).items]
