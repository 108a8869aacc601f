"""The chats of a person: their list, a conversation, and who takes part in it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents_core import AgentError
from socialnet.access import get_chat_for, get_user_for
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatRef, ChatSettings, ChatView
from socialnet.agents.chat_views import UserChatsView
from socialnet.agents.errors import NameNotValid, UserNotFound
from socialnet.agents.schemas import NAME_MAX
from socialnet.agents.search import UserSearch
from socialnet.agents.user_chats import UserChats
from socialnet.company import company_of, online_among
from socialnet.views.chat_cards import (
    Face,
    chat_cards,
    faces_of,
    message_cards,
    seen_card,
    title_of,
)
from socialnet.views.page import (
    PAGE_SIZE,
    PageRequest,
    back,
    chat_id_of,
    cursor_of,
    done,
    message_id_of,
    once,
    page,
    user_id_of,
)

MESSAGES = 40  # on one page
CHOICE = 100  # people to choose from; who has more connections filters them by name
MAX_QUERY = 400
LABELS = {
    "presence": ("That you are here", "A dot beside your name, while a page of yours is open."),
    "receipts": ("That you have read", "“Seen” below the last message of who wrote to you."),
    "typing": ("That you type", "“… is typing”, while you write a message."),
}


@require_GET
@page
def chats(request: PageRequest) -> HttpResponse:
    """The list, the most recently written in first; for htmx its rows alone."""
    context = list_of(request)
    if request.htmx and context["older"]:
        return render(request, "socialnet/_chat_rows.html", context)
    if request.htmx:
        return render(request, "socialnet/_chat_list.html", context)
    return render(request, "socialnet/chats.html", context)


def list_of(request: PageRequest, chat_id: str = "", requests: bool = False) -> dict[str, Any]:
    """What the list shows; `chat_id` is the one that is open. Requests are a list by themselves."""
    viewer = request.caller.user_id
    query = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUERY]
    cursor = cursor_of(request)
    found = UserChatsView.of(viewer).get_rows(query or "*", PAGE_SIZE, cursor, requests)
    return {
        "rows": chat_cards(found.items, viewer),
        "next_cursor": found.next_cursor,
        "older": cursor is not None,
        "query": query,
        "open_id": chat_id or request.GET.get("open", ""),
        "request_count": UserChats.of(viewer).count_requests(),
        "requests": requests,
        "here": "chats",
    }


@require_GET
@page
def chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """A conversation with its newest messages, or those older than `before`; for htmx these."""
    return show_chat(request, chat_id_of(chat_id))


def show_chat(request: PageRequest, chat_id: str, status: int = 200, **more: str) -> HttpResponse:
    """The conversation, with whatever the form has to say."""
    before = request.GET.get("before")
    found = get_chat_for(
        request.caller,
        chat_id,
        message_id_of(before) if before else None,
        MESSAGES,
        deleted=True,
    )
    ref = UserChats.of(request.caller.user_id).get_ref(chat_id)
    context: dict[str, Any] = {
        "chat": found,
        "said": message_cards(chat_id, found.messages, request.caller, ref),
        "before": before,
    }
    if request.htmx:
        return render(request, "socialnet/_messages.html", context)
    asked = bool(ref and ref.requested_by)
    context |= list_of(request, chat_id, asked) | heading_of(request, found, ref) | more
    if not before:
        context["seen"] = seen_card(found, request.caller.user_id, context["faces"])
    return render(request, "socialnet/chat.html", context, status=status)


def heading_of(request: PageRequest, found: ChatView, ref: ChatRef | None) -> dict[str, Any]:
    """What stands above a conversation, and what its script has to know."""
    viewer = request.caller.user_id
    faces = faces_of(found.participants)
    asker = faces.get(ref.requested_by) if ref and ref.requested_by else None
    company = company_of(viewer, [found.chat_id])
    return {
        "title": title_of(found, viewer, faces),
        "faces": faces,
        "asker": asker,
        "company": sorted(company),
        "online": online_among(viewer, company),
        "typing_shown": UserChats.of(viewer).get_settings().typing,
        "people": list(faces.values()),
        "others": [face for face in faces.values() if face.user_id != viewer],
        "names": {face.user_id: face.shown for face in faces.values()},
        "ref": ref,
        "takes_part": viewer in found.participants,
        "is_owner": found.owner == viewer or request.caller.is_staff,
    }


@require_http_methods(["GET", "POST"])
@page
def new_chat(request: PageRequest) -> HttpResponse:
    """Choose people and begin; with one of them one finds the chat one has."""
    if request.method == "GET":
        return render(request, "socialnet/new_chat.html", choice_of(request, set()))
    chosen = people_in(request)
    try:
        with once(request):
            opened = UserChats.of(request.caller.user_id).create_chat(chosen)
            if name := request.POST.get("name", "").strip():
                Chat.of(opened.chat_id).set_name(request.caller.user_id, name)
    except AgentError as refusal:
        context = choice_of(request, set()) | {"error": refusal.message, "chosen": chosen}
        return render(request, "socialnet/new_chat.html", context, status=422)
    return redirect("chat", opened.chat_id)


def people_in(request: PageRequest) -> list[str]:
    """Who was chosen, and whose username was typed."""
    typed = request.POST.get("usernames", "").replace(",", " ").split()
    return [user_id_of(one.removeprefix("@")) for one in [*request.POST.getlist("people"), *typed]]


def choice_of(request: PageRequest, without: set[str]) -> dict[str, Any]:
    """The viewer's connections, to choose from."""
    viewer = request.caller.user_id
    query = request.GET.get("q", "").replace("\x00", "").replace('"', "").strip()[:MAX_QUERY]
    wanted = f'connected_users:"{viewer}"' + (f' name:"{query}"' if query else "")
    found = UserSearch.of().search(wanted, viewer, staff=False, limit=CHOICE)
    offered = [
        Face(user_id=one.user_id, name=one.name, picture=one.avatar)
        for one in found.items
        if one.user_id not in without and one.user_id != viewer
    ]
    return {"offered": offered, "query": query, "here": "chats", "name_max": NAME_MAX}


@require_GET
@page
def seen(request: PageRequest, chat_id: str) -> HttpResponse:
    """Who has read what the viewer wrote last, by itself."""
    viewer, found = request.caller.user_id, get_chat_for(request.caller, chat_id_of(chat_id))
    context = {"seen": seen_card(found, viewer, faces_of(found.participants))}
    return render(request, "socialnet/_seen.html", context)


@require_POST
@page
def message_person(request: PageRequest, user_id: str) -> HttpResponse:
    """Open the chat of two, beginning it where there is none yet."""
    other = get_user_for(request.caller, user_id_of(user_id))
    if other.user_id == request.caller.user_id:
        raise UserNotFound(user_id=other.user_id)
    with once(request):
        opened = UserChats.of(request.caller.user_id).create_chat([other.user_id])
    return redirect("chat", opened.chat_id)


@require_GET
@page
def chat_details(request: PageRequest, chat_id: str) -> HttpResponse:
    """Who takes part, what it is called, and leaving it."""
    return show_details(request, chat_id_of(chat_id))


def show_details(
    request: PageRequest, chat_id: str, status: int = 200, **more: str
) -> HttpResponse:
    """The same, with whatever a form has to say."""
    found = get_chat_for(request.caller, chat_id, limit=1)
    ref = UserChats.of(request.caller.user_id).get_ref(chat_id)
    context = heading_of(request, found, ref) | choice_of(request, set(found.participants))
    context |= {"chat": found} | more
    return render(request, "socialnet/chat_details.html", context, status=status)


@require_POST
@page
def name_chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """Call the chat something, or nothing."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    name = request.POST.get("name", "")
    try:
        with once(request):
            Chat.of(chat_id).set_name(caller.user_id, name, caller.is_staff)
    except NameNotValid as refusal:
        return show_details(request, chat_id, 422, name_error=refusal.message, typed_name=name)
    return done(request, redirect("chat", chat_id), "The chat has a new name")


@require_POST
@page
def add_people(request: PageRequest, chat_id: str) -> HttpResponse:
    """Take people in; those who are there already are left out."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    share_history = request.POST.get("share_history") == "yes"
    try:
        people = people_in(request)
        with once(request):
            Chat.of(chat_id).add_participants(
                caller.user_id, people, share_history, caller.is_staff
            )
    except AgentError as refusal:
        get_chat_for(caller, chat_id, limit=1)
        return show_details(request, chat_id, 422, add_error=refusal.message)
    return done(request, redirect("chat_details", chat_id), "They take part now")


@require_POST
@page
def remove_person(request: PageRequest, chat_id: str, user_id: str) -> HttpResponse:
    """Have somebody leave; the owner may."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    with once(request):
        Chat.of(chat_id).remove_participant(caller.user_id, user_id_of(user_id), caller.is_staff)
    return done(request, redirect("chat_details", chat_id), "They do not take part any more")


@require_http_methods(["GET", "POST"])
@page
def leave_chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """Ask, then leave."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    get_chat_for(caller, chat_id, limit=1)
    if request.method == "GET":
        context = {
            "title": "Leave this chat?",
            "text": "You will not see it any more. What you wrote stays.",
            "button": "Leave",
            "back": reverse("chat_details", args=[chat_id]),
        }
        return render(request, "socialnet/confirm.html", context)
    with once(request):
        Chat.of(chat_id).remove_participant(caller.user_id, caller.user_id)
    # At once: who has left does not look for it.
    UserChats.of(caller.user_id).forget(chat_id)
    return done(request, redirect("chats"), "You have left the chat")


@require_POST
@page
def mute_chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """Count the chat among what waits, or not."""
    muted = request.POST.get("action") != "unmute"
    with once(request):
        UserChats.of(request.caller.user_id).mute(chat_id_of(chat_id), muted)
    response = back(request, reverse("chat", args=[chat_id]))
    said = "Muted: it no longer counts as unread" if muted else "It counts as unread again"
    return done(request, response, said)


@require_http_methods(["GET", "POST"])
@page
def settings(request: PageRequest) -> HttpResponse:
    """Choose what to show of oneself, and to see of others."""
    mine = UserChats.of(request.caller.user_id)
    form = SettingsForm(initial=mine.get_settings().model_dump())
    if request.method == "POST":
        with once(request):
            mine.set_settings(ChatSettings(**{one: one in request.POST for one in LABELS}))
        return done(request, redirect("chats"), "Saved")
    return render(request, "socialnet/chat_settings.html", {"form": form, "here": "chats"})


class SettingsForm(forms.Form):
    """A box for each of what is shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, help_text) in LABELS.items():
            self.fields[name] = forms.BooleanField(required=False, label=label, help_text=help_text)
