"""Finding people, and what one may be to them."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialnet.access import get_user_for
from socialnet.agents.schemas import UserView
from socialnet.agents.search import UserSearch
from socialnet.agents.user import User
from socialnet.agents.user_index import UserIndex
from socialnet.views.cards import person_card, person_cards, profiles_of
from socialnet.views.page import (
    PAGE_SIZE,
    PageRequest,
    back,
    cursor_of,
    done,
    once,
    page,
    user_id_of,
)

MAX_QUERY = 400
SUGGESTIONS = 4
ASKED_FRIENDS = 6  # whose connections are looked through for people to suggest
LOOKED_THROUGH = 30  # connections of each

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a search looks: a field of the query language, or everywhere."""

    value: str
    label: str
    current: bool


SCOPES = {
    "": "Everywhere",
    "name": "Name",
    "user_id": "Username",
    "connected_users": "Connected with",
}
PLACES = frozenset({"suggestions", "requests", "results", "list", "profile", "notices"})


def me_of(request: PageRequest) -> UserView:
    """The viewer, once per request; registered here if an account came before its person."""
    known: UserView | None = getattr(request, "me", None)
    if known is None:
        user = User.of(request.caller.user_id)
        known = user.get_user() or user.register()
        request.me = known  # type: ignore[attr-defined]
    return known


@require_GET
@page
def people(request: PageRequest) -> HttpResponse:
    """Search people by the query language; for htmx the results alone."""
    query, scope = query_of(request)
    cursor = cursor_of(request)
    caller = request.caller
    found = UserSearch.of().search(
        query or EVERYTHING, caller.user_id, staff=caller.is_staff, limit=PAGE_SIZE, cursor=cursor
    )
    cards = person_cards(found.items, me_of(request))
    shown = [card for card in cards if query or not card.is_me]
    context: dict[str, Any] = {"people": shown, "next_cursor": found.next_cursor, "query": query}
    if request.htmx and cursor:
        return render(request, "socialnet/_people_rows.html", context | {"place": "results"})
    if request.htmx:
        return render(request, "socialnet/_results.html", context)
    context["scopes"] = [Scope(value, label, value == scope) for value, label in SCOPES.items()]
    context |= {"typed": request.GET.get("q", "").strip()[:MAX_QUERY], "suggest": True}
    return render(request, "socialnet/people.html", context)


def query_of(request: PageRequest) -> tuple[str, str]:
    """What to search for, and the scope that was chosen; a chosen field makes a filter of it."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUERY]
    scope = request.GET.get("in", "")
    if scope not in SCOPES:
        scope = ""
    if scope and typed and ":" not in typed:
        word = typed.replace('"', "")
        return f'{scope}:"{word}"', scope
    return typed, scope


@require_GET
@page
def suggestions(request: PageRequest) -> HttpResponse:
    """People the viewer may know: connections of connections, else whoever is here."""
    me = me_of(request)
    common = connections_in_common(me)
    ids = [user_id for user_id, _ in common.most_common(SUGGESTIONS)]
    notes = {user_id: f"{common[user_id]} in common" for user_id in ids}
    if len(ids) < SUGGESTIONS:
        ids += [user_id for user_id in some_people(me) if user_id not in ids]
    hidden = set(User.of(me.user_id).hidden_among(ids)) if ids else set()
    shown = [user_id for user_id in ids if user_id not in hidden][:SUGGESTIONS]
    context: dict[str, Any] = {"people": person_cards(profiles_of(shown), me, notes)}
    return render(request, "socialnet/_suggestions.html", context)


def connections_in_common(me: UserView) -> Counter[str]:
    """Who is connected to how many of the viewer's own connections, and not to the viewer."""
    known = known_to(me)
    mine = [
        user_id for user_id, connection in me.connected_users.items() if connection.connection_types
    ]
    counted: Counter[str] = Counter()
    for friend in mine[:ASKED_FRIENDS]:
        for connection in User.of(friend).get_connections(limit=LOOKED_THROUGH).items:
            if connection.connection_types and connection.user_id not in known:
                counted[connection.user_id] += 1
    return counted


def known_to(me: UserView) -> set[str]:
    """Those whom the viewer need not be told of."""
    return {me.user_id, *me.connected_users, *(me.requests or []), *(me.blocks or [])}


def some_people(me: UserView) -> list[str]:
    """A few people at random, for somebody who knows nobody yet."""
    known = known_to(me)
    after = random.choice("0abcdefghijklmnopqrst")
    shard = UserIndex.of(random.randrange(UserIndex.shards()))
    found = shard.list_users(after, 8) or shard.list_users("", 8)
    return [user_id for user_id in found if user_id not in known]


@require_POST
@page
def connect(request: PageRequest, user_id: str) -> HttpResponse:
    """Follow, befriend and their opposites; doing it twice changes nothing."""
    other = get_user_for(request.caller, user_id_of(user_id))
    user = User.of(request.caller.user_id)
    with once(request):
        match request.POST.get("action"):
            case "follow":
                me, said = user.connect(other.user_id, "following"), "You follow {}"
            case "unfollow":
                me, said = user.disconnect(other.user_id, "following"), "You no longer follow {}"
            case "befriend":
                me, said = user.connect(other.user_id, "friend"), "Friend request sent to {}"
            case "unfriend":
                me, said = user.disconnect(other.user_id, "friend"), "Done"
            case "remove_follower":
                me, said = user.disconnect(other.user_id, "follower"), "{} no longer follows you"
            case _:
                return back(request, reverse("profile", args=[other.user_id]))
    card = person_card(other, me, user.get_connection(other.user_id))
    if said.startswith("Friend request") and card.friend:
        said = "You and {} are friends now"
    if not request.htmx:
        response = back(request, reverse("profile", args=[other.user_id]))
        return done(request, response, said.format(other.display_name))
    place = request.POST.get("place", "")
    context = {
        "person": card,
        "place": place if place in PLACES else "list",
        "brief": place != "profile",
        "next": request.POST.get("next", ""),
    }
    response = render(request, "socialnet/_connect.html", context)
    return done(request, response, said.format(other.display_name))


@require_http_methods(["GET", "POST"])
@page
def block(request: PageRequest, user_id: str) -> HttpResponse:
    """Ask, then part the two; only the viewer will know."""
    other = get_user_for(request.caller, user_id_of(user_id))
    if request.method == "GET":
        context = {
            "title": f"Block {other.display_name}?",
            "text": "You will not see each other here any more. Only you will know.",
            "button": "Block",
        }
        return render(request, "socialnet/confirm.html", context)
    with once(request):
        User.of(request.caller.user_id).block(other.user_id)
    return done(request, redirect("people"), f"{other.display_name} is blocked")


@require_POST
@page
def mute(request: PageRequest, user_id: str) -> HttpResponse:
    """Be spared what somebody does, or no longer; the other is not told."""
    other = get_user_for(request.caller, user_id_of(user_id))
    user, muted = User.of(request.caller.user_id), request.POST.get("action") != "unmute"
    with once(request):
        user.mute(other.user_id) if muted else user.unmute(other.user_id)
    said = "{} is muted: you do not hear of them" if muted else "You hear of {} again"
    response = back(request, reverse("profile", args=[other.user_id]))
    return done(request, response, said.format(other.display_name))


@require_POST
@page
def unblock(request: PageRequest, user_id: str) -> HttpResponse:
    """Lift a block; what it cut does not come back."""
    with once(request):
        User.of(request.caller.user_id).unblock(user_id_of(user_id))
    return done(request, redirect(f"{my_connections(request)}?type=blocked"), "Block lifted")


def my_connections(request: PageRequest) -> str:
    """The address of the viewer's own connections."""
    return reverse("connections", args=[request.caller.user_id])
