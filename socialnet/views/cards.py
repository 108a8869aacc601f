"""People as templates show them: what agents know, joined in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from socialnet.agents.schemas import ConnectionView, ProfileView, UserView
from socialnet.agents.user import User


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonCard:
    """A person, and what they and the viewer are to each other."""

    user_id: str
    name: str | None
    joined: datetime
    bio: str | None = None
    avatar: str | None = None
    email: str | None = None
    note: str = ""
    is_me: bool = False
    friend: bool = False
    followed: bool = False
    follows_me: bool = False
    asked: bool = False
    asks_me: bool = False
    blocked: bool = False
    muted: bool = False


def names_of(user_ids: Iterable[str]) -> dict[str, str | None]:
    """The display names of these people."""
    return {profile.user_id: profile.name for profile in profiles_of(user_ids)}


def profiles_of(user_ids: Iterable[str]) -> list[ProfileView]:
    """Those of these people who exist, in the given order."""
    ids = list(user_ids)
    found = User.of_many(ids).get_profile() if ids else []
    return [profile for profile in found if profile is not None]


def person_cards(
    people: Sequence[ProfileView | UserView],
    me: UserView,
    notes: Mapping[str, str] | None = None,
) -> list[PersonCard]:
    """The people as this viewer meets them."""
    others = [person.user_id for person in people if person.user_id != me.user_id]
    connections = User.of(me.user_id).connections_among(others) if others else {}
    return [
        person_card(person, me, connections.get(person.user_id), (notes or {}).get(person.user_id))
        for person in people
    ]


def person_card(
    person: ProfileView | UserView,
    me: UserView,
    connection: ConnectionView | None,
    note: str | None = None,
) -> PersonCard:
    """One person as this viewer meets them; the connection is the viewer's."""
    types = connection.connection_types if connection else []
    return PersonCard(
        user_id=person.user_id,
        name=person.name,
        joined=person.created_at,
        bio=getattr(person, "bio", None),
        avatar=person.avatar,
        email=getattr(person, "email", None),
        note=note or "",
        is_me=person.user_id == me.user_id,
        friend="friend" in types,
        followed="following" in types,
        follows_me="follower" in types,
        asked=connection is not None and connection.requested,
        asks_me=person.user_id in (me.requests or []),
        blocked=person.user_id in (me.blocks or []),
        muted=person.user_id in (me.mutes or []),
    )


def request_cards(me: UserView, limit: int = 20) -> list[PersonCard]:
    """Who asks to be the viewer's friend, newest first."""
    return person_cards(profiles_of((me.requests or [])[:limit]), me)
