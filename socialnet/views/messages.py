"""Messages of a conversation: writing, changing, reading, taking back."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialnet import company
from socialnet.access import get_chat_for, get_message_for
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import MESSAGE_MAX, MessageView
from socialnet.agents.errors import ContentNotValid, NotYourMessage
from socialnet.views.chat_cards import faces_of, message_cards, message_reactions
from socialnet.views.chats import MESSAGES, show_chat
from socialnet.views.page import (
    PageRequest,
    back,
    chat_id_of,
    done,
    message_id_of,
    once,
    page,
)
from socialnet.views.posts import kind_of

NEW_AT_ONCE = 100


@require_GET
@page
def messages(request: PageRequest, chat_id: str) -> HttpResponse:
    """The messages `id`, as they stand on the page; without any, the newest."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    asked = [message_id_of(one) for one in request.GET.getlist("id")[:NEW_AT_ONCE]]
    found = get_chat_for(caller, chat_id, None, 1 if asked else MESSAGES, deleted=True)
    shown = found.messages
    if asked:
        shown = Chat.of(chat_id).get_messages(asked, caller.user_id, caller.is_staff, True)
    context = {"chat": found, "said": message_cards(chat_id, shown, caller), "news": True}
    return render(request, "socialnet/_messages.html", context)


@require_POST
@page
def send_message(request: PageRequest, chat_id: str) -> HttpResponse:
    """Write a message; sending the same form again writes no other."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    content = request.POST.get("content", "")
    try:
        with once(request):
            message_id = Chat.of(chat_id).send(caller.user_id, content).message_id
    except ContentNotValid as refusal:
        if request.htmx:
            raise
        said = refusal.message if content.strip() else "Write something first."
        return show_chat(request, chat_id, refusal.status, typed=content, error=said)
    if not request.htmx:
        return redirect("chat", chat_id)
    shown = Chat.of(chat_id).get_messages([message_id], caller.user_id, deleted=True)
    return show_these(request, chat_id, shown)


def show_these(request: PageRequest, chat_id: str, shown: list[MessageView]) -> HttpResponse:
    """Messages by themselves."""
    found = get_chat_for(request.caller, chat_id, limit=1)
    cards = message_cards(chat_id, shown, request.caller)
    context = {"chat": found, "said": cards, "news": True}
    return render(request, "socialnet/_messages.html", context)


@require_http_methods(["GET", "POST"])
@page
def edit_message(request: PageRequest, chat_id: str, message_id: str) -> HttpResponse:
    """Say it otherwise; only its author may."""
    caller, chat_id, message_id = request.caller, chat_id_of(chat_id), message_id_of(message_id)
    message = get_message_for(caller, chat_id, message_id)
    if message.created_by != caller.user_id:
        raise NotYourMessage(message_id=message_id)
    if request.method == "GET" and request.htmx and "cancel" in request.GET:
        return show_these(request, chat_id, [message])
    context: dict[str, Any] = {
        "chat_id": chat_id,
        "message": message,
        "content": request.POST.get("content", message.content),
        "limit": MESSAGE_MAX,
        "here": "chats",
    }
    template = "socialnet/_edit_message.html" if request.htmx else "socialnet/edit_message.html"
    if request.method == "GET":
        return render(request, template, context)
    try:
        with once(request):
            edited = Chat.of(chat_id).edit(message_id, caller.user_id, context["content"])
    except ContentNotValid as refusal:
        context["error"] = refusal.message if context["content"].strip() else "Say something."
        return render(request, template, context, status=refusal.status)
    if request.htmx:
        return show_these(request, chat_id, [edited])
    return done(request, redirect("chat", chat_id), "Changes saved")


@require_http_methods(["GET", "POST"])
@page
def delete_message(request: PageRequest, chat_id: str, message_id: str) -> HttpResponse:
    """Ask, then take it away; only its author and staff may."""
    caller, chat_id, message_id = request.caller, chat_id_of(chat_id), message_id_of(message_id)
    message = get_message_for(caller, chat_id, message_id)
    if not caller.may_act_for(message.created_by):
        raise NotYourMessage(message_id=message_id)
    if request.method == "GET":
        context = {
            "title": "Delete this message?",
            "text": "Everybody sees that there was one, and nobody what it said.",
            "quote": message.content,
            "button": "Delete message",
            "back": reverse("chat", args=[chat_id]),
        }
        return render(request, "socialnet/confirm.html", context)
    chat = Chat.of(chat_id)
    with once(request):
        chat.remove(message_id, caller.user_id, caller.is_staff, undoable=bool(request.htmx))
    if not request.htmx:
        return done(request, redirect("chat", chat_id), "Message deleted")
    gone = chat.get_messages([message_id], caller.user_id, caller.is_staff, True)
    return show_these(request, chat_id, gone)


@require_POST
@page
def restore_message(request: PageRequest, chat_id: str, message_id: str) -> HttpResponse:
    """Take a deletion back; for htmx the message, to stand where it stood."""
    caller, chat_id, message_id = request.caller, chat_id_of(chat_id), message_id_of(message_id)
    chat = Chat.of(chat_id)
    with once(request):
        chat.restore(message_id, caller.user_id, caller.is_staff)
    if not request.htmx:
        return done(request, redirect("chat", chat_id), "The message is back")
    shown = chat.get_messages([message_id], caller.user_id, caller.is_staff)
    return done(request, show_these(request, chat_id, shown), "The message is back")


@require_POST
@page
def react_message(request: PageRequest, chat_id: str, message_id: str) -> HttpResponse:
    """React as `like_type` says, or not at all; the same again changes nothing."""
    chat_id, viewer = chat_id_of(chat_id), request.caller.user_id
    with once(request):
        message = Chat.of(chat_id).like(message_id_of(message_id), viewer, kind_of(request))
    if not request.htmx:
        return back(request, reverse("chat", args=[chat_id]))
    card = message_reactions(chat_id, message, viewer)
    return render(request, "socialnet/_reactions.html", {"r": card})


@require_GET
@page
def who_reacted(request: PageRequest, chat_id: str, message_id: str) -> HttpResponse:
    """Who reacted to a message, and how."""
    caller, chat_id = request.caller, chat_id_of(chat_id)
    message = get_message_for(caller, chat_id, message_id_of(message_id))
    faces = faces_of(message.likes)
    context = {
        "chat_id": chat_id,
        "quote": message.content,
        "r": message_reactions(chat_id, message, caller.user_id),
        "likes": [(kind, faces[user_id]) for user_id, kind in message.likes.items()],
        "here": "chats",
    }
    return render(request, "socialnet/message_reactions.html", context)


@require_POST
@page
def read_chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """Have read up to `message_id`, or everything; never less than before."""
    chat_id, asked = chat_id_of(chat_id), request.POST.get("message_id")
    with once(request):
        company.mark_read(request.caller.user_id, chat_id, message_id_of(asked) if asked else None)
    return HttpResponse(status=204) if request.htmx else redirect("chat", chat_id)


@require_POST
@page
def unread_message(request: PageRequest, chat_id: str, message_id: str) -> HttpResponse:
    """Mark this message and what comes after it as unread."""
    caller, chat_id, message_id = request.caller, chat_id_of(chat_id), message_id_of(message_id)
    earlier = get_chat_for(caller, chat_id, message_id, 1, deleted=True).messages
    with once(request):
        company.mark_read(
            caller.user_id, chat_id, earlier[-1].message_id if earlier else "", back=True
        )
    return done(request, redirect("chats"), "Marked as unread")
