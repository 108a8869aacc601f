"""A person's page, and their connections."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from socialnet.access import get_connections_for, get_user_for, search_posts_for
from socialnet.agents.schemas import CONNECTION_TYPES, ConnectionType, UserView
from socialnet.agents.user import User
from socialnet.views.cards import person_card, person_cards, profiles_of, request_cards
from socialnet.views.page import PAGE_SIZE, PageRequest, cursor_of, page, user_id_of
from socialnet.views.people import EVERYTHING, me_of
from socialnet.views.post_cards import post_cards
from socialnet.views.timeline import composer_choices

LABELS: dict[str, str] = {
    "friend": "Friends",
    "following": "Following",
    "follower": "Followers",
    "requests": "Requests",
    "blocked": "Blocked",
    "muted": "Muted",
}
NOBODY = {
    "friend": "Friends are people who have both said yes.",
    "following": "Whom one follows, one reads at home.",
    "follower": "Followers read what one posts.",
    "requests": "When somebody asks to be your friend, you answer here.",
    "blocked": "You have blocked nobody.",
    "muted": "You have muted nobody.",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of connection, and how many there are."""

    type: str
    label: str
    count: int | None
    current: bool = False

    @property
    def counted(self) -> str:
        """The word that follows the number."""
        return self.label.lower().removesuffix("s" if self.count == 1 else "")


@require_GET
@page
def profile(request: PageRequest, user_id: str) -> HttpResponse:
    """Who somebody is and what they wrote; for htmx the next posts alone."""
    found = get_user_for(request.caller, user_id_of(user_id))
    cursor = cursor_of(request)
    posts = search_posts_for(request.caller, found.user_id, EVERYTHING, PAGE_SIZE, cursor)
    context: dict[str, Any] = {
        "posts": post_cards(posts.items, request.caller),
        "next_cursor": posts.next_cursor,
    }
    if request.htmx:
        return render(request, "socialnet/_posts.html", context)
    me = me_of(request)
    connection = (
        None if is_mine(request, found) else User.of(me.user_id).get_connection(found.user_id)
    )
    context |= {
        "person": person_card(found, me, connection),
        "tabs": tabs_of(found)[: len(CONNECTION_TYPES)],
        "older": cursor is not None,
        "here": "me" if is_mine(request, found) else "",
        "requests": request_cards(me) if is_mine(request, found) else [],
        "suggest": True,
    }
    if is_mine(request, found):
        context |= {"my_name": me.name, **composer_choices(request)}
    return render(request, "socialnet/profile.html", context)


@require_GET
@page
def connections(request: PageRequest, user_id: str) -> HttpResponse:
    """A person's connections of one kind, newest first; for htmx the next rows alone."""
    found = get_user_for(request.caller, user_id_of(user_id))
    mine = is_mine(request, found)
    kind = request.GET.get("type", "friend")
    if kind not in LABELS or (not mine and kind not in CONNECTION_TYPES):
        kind = "friend"
    me = me_of(request)
    user_ids, next_cursor = ids_of(request, found, kind)
    context: dict[str, Any] = {
        "people": person_cards(profiles_of(user_ids), me),
        "next_cursor": next_cursor,
        "place": "list",
    }
    if request.htmx:
        return render(request, "socialnet/_people_rows.html", context)
    context |= {
        "person": person_card(found, me, None),
        "tabs": tabs_of(found, current=kind),
        "here": "me" if mine else "",
        "empty_text": NOBODY[kind],
        "suggest": True,
    }
    return render(request, "socialnet/connections.html", context)


def ids_of(request: PageRequest, person: UserView, kind: str) -> tuple[list[str], str | None]:
    """The people of one tab, and where the next ones begin."""
    if kind == "requests":
        return person.requests or [], None
    if kind == "blocked":
        return person.blocks or [], None
    if kind == "muted":
        return person.mutes or [], None
    as_type: ConnectionType = next(known for known in CONNECTION_TYPES if known == kind)
    page = get_connections_for(
        request.caller, person.user_id, as_type, PAGE_SIZE, cursor_of(request)
    )
    return [connection.user_id for connection in page.items], page.next_cursor


def tabs_of(person: UserView, current: str = "") -> list[Tab]:
    """The kinds of connection there are to see; requests, blocks and mutes are one's own alone."""
    counts = person.connection_counts.model_dump()
    own = {
        "requests": len(person.requests or []),
        "blocked": len(person.blocks or []),
        "muted": len(person.mutes or []),
    }
    kinds = ["friend", "following", "follower", *(kind for kind in own if own[kind])]
    if current and current not in kinds:
        kinds.append(current)
    return [Tab(kind, LABELS[kind], (counts | own)[kind], kind == current) for kind in kinds]


def is_mine(request: PageRequest, person: UserView) -> bool:
    """Whether the viewer looks at their own page."""
    return person.user_id == request.caller.user_id
