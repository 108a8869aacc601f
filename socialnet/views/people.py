"""Finding people, and what one may be to them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialnet.access import get_user_for
from socialnet.agents.schemas import UserView
from socialnet.agents.search import UserSearch
from socialnet.agents.suggestions import Suggestions
from socialnet.agents.user import User
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
    "email": "E-mail",
}
FOR_STAFF = frozenset({"email"})
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
    found = UserSearch.of().search_profiles(
        query or EVERYTHING, caller.user_id, staff=caller.is_staff, limit=PAGE_SIZE, cursor=cursor
    )
    cards = person_cards(found.items, me_of(request))
    shown = [card for card in cards if query or not card.is_me]
    context: dict[str, Any] = {"people": shown, "next_cursor": found.next_cursor, "query": query}
    if request.htmx and cursor:
        return render(request, "socialnet/_people_rows.html", context | {"place": "results"})
    if request.htmx:
        return render(request, "socialnet/_results.html", context)
    context["scopes"] = [
        Scope(value, label, value == scope)
        for value, label in SCOPES.items()
        if caller.is_staff or value not in FOR_STAFF
    ]
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
    found = Suggestions.of(me.user_id).get_suggestions(SUGGESTIONS)
    notes = {one.user_id: f"{one.in_common} in common" for one in found if one.in_common}
    people = person_cards(profiles_of([one.user_id for one in found]), me, notes)
    return render(request, "socialnet/_suggestions.html", {"people": people})


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
