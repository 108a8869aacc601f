"""A person's page, their connections, and editing one's own profile."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.text import EmailNotValid
from agents_core import AgentError
from socialnet.access import get_connections_for, get_user_for, search_posts_for
from socialnet.agents.errors import NameNotValid
from socialnet.agents.schemas import CONNECTION_TYPES, NAME_MAX, ConnectionType, UserView
from socialnet.agents.user import User
from socialnet.views.cards import person_card, person_cards, post_cards, profiles_of, request_cards
from socialnet.views.page import PAGE_SIZE, PageRequest, cursor_of, done, once, page, user_id_of
from socialnet.views.people import EVERYTHING, me_of

LABELS: dict[str, str] = {
    "friend": "Friends",
    "following": "Following",
    "follower": "Followers",
    "requests": "Requests",
    "blocked": "Blocked",
}
NOBODY = {
    "friend": "Friends are people who have both said yes.",
    "following": "Whom one follows, one reads at home.",
    "follower": "Followers read what one posts.",
    "requests": "When somebody asks to be your friend, you answer here.",
    "blocked": "You have blocked nobody.",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of connection, and how many there are."""

    type: str
    label: str
    count: int | None
    current: bool = False


@require_GET
@page
def profile(request: PageRequest, user_id: str) -> HttpResponse:
    """Who somebody is and what they wrote; for htmx the next posts alone."""
    found = get_user_for(request.caller, user_id_of(user_id))
    cursor = cursor_of(request)
    posts = search_posts_for(request.caller, found.user_id, EVERYTHING, PAGE_SIZE, cursor)
    context: dict[str, Any] = {
        "posts": post_cards(posts.items, request.caller.user_id),
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
    as_type: ConnectionType = next(known for known in CONNECTION_TYPES if known == kind)
    page = get_connections_for(
        request.caller, person.user_id, as_type, PAGE_SIZE, cursor_of(request)
    )
    return [connection.user_id for connection in page.items], page.next_cursor


def tabs_of(person: UserView, current: str = "") -> list[Tab]:
    """The kinds of connection there are to see; requests and blocks are one's own alone."""
    counts = person.connection_counts.model_dump()
    own = {"requests": len(person.requests or []), "blocked": len(person.blocks or [])}
    kinds = ["friend", "following", "follower", *(kind for kind in own if own[kind])]
    if current and current not in kinds:
        kinds.append(current)
    return [Tab(kind, LABELS[kind], (counts | own)[kind], kind == current) for kind in kinds]


def is_mine(request: PageRequest, person: UserView) -> bool:
    """Whether the viewer looks at their own page."""
    return person.user_id == request.caller.user_id


class ProfileForm(forms.Form):
    """The name others see, and the address nobody does. The agent checks what it is given."""

    name = forms.CharField(
        required=False,
        max_length=NAME_MAX,
        help_text="How others see you. Without one they see your username.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        required=False,
        label="E-mail",
        max_length=320,
        help_text="Only you see it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_http_methods(["GET", "POST"])
@page
def edit_profile(request: PageRequest) -> HttpResponse:
    """Change one's name and e-mail address."""
    me = me_of(request)
    form = ProfileForm(request.POST or None, initial={"name": me.name, "email": me.email})
    if request.method == "POST" and form.is_valid() and save(request, form):
        return done(request, redirect("profile", me.user_id), "Profile saved")
    status = 422 if form.errors else 200
    return render(
        request, "socialnet/edit_profile.html", {"form": form, "here": "account"}, status=status
    )


def save(request: PageRequest, form: ProfileForm) -> bool:
    """Hand both to the agent; what it refuses becomes the field's error."""
    user = User.of(request.caller.user_id)
    with once(request):
        try:
            user.set_name(form.cleaned_data["name"] or None)
            user.set_email(form.cleaned_data["email"] or None)
        except NameNotValid as refusal:
            return refuse(form, "name", refusal)
        except EmailNotValid as refusal:
            return refuse(form, "email", refusal)
    return True


def refuse(form: ProfileForm, field: str, refusal: AgentError) -> bool:
    """Put the refusal beside its field."""
    form.add_error(field, refusal.message)
    return False
