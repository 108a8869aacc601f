"""Chats that strangers began: a list by themselves, until one accepts or deletes them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from socialnet.agents.chat import Chat
from socialnet.agents.user_chats import UserChats
from socialnet.views.chats import list_of
from socialnet.views.page import PageRequest, chat_id_of, done, once, page


@require_GET
@page
def chat_requests(request: PageRequest) -> HttpResponse:
    """The requests, the newest first; for htmx their rows alone."""
    context = list_of(request, requests=True)
    if request.htmx:
        part = "_chat_rows" if context["older"] else "_chat_list"
        return render(request, f"socialnet/{part}.html", context)
    return render(request, "socialnet/chats.html", context)


@require_POST
@page
def accept_chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """Have a request among the chats; one that is accepted stays so."""
    chat_id = chat_id_of(chat_id)
    with once(request):
        UserChats.of(request.caller.user_id).accept(chat_id)
    return done(request, redirect("chat", chat_id), "Accepted: say hello")


@require_POST
@page
def decline_chat(request: PageRequest, chat_id: str) -> HttpResponse:
    """Take no part: nobody is told, and what was written is not seen any more."""
    viewer, chat_id = request.caller.user_id, chat_id_of(chat_id)
    with once(request):
        Chat.of(chat_id).remove_participant(viewer, viewer)
    # At once: who has deleted it does not look for it.
    UserChats.of(viewer).forget(chat_id)
    return done(request, redirect("chat_requests"), "Request deleted")
