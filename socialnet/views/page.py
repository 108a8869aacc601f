"""What all pages share: who may see them, and what becomes of a refusal."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from django_htmx.middleware import HtmxDetails

from accounts import names
from accounts.caller import CallerRequest
from agents_core import AgentError, Caller, calling
from agents_core.context import Calling
from socialnet.agents.errors import PostNotFound, UserNotFound
from socialnet.ids import is_uuid

PAGE_SIZE = 20
TITLES = {
    403: "This is not yours to do",
    404: "Nothing stands here",
    409: "That does not go together",
    503: "We will be back in a moment",
}


class PageRequest(CallerRequest):
    """A request of a person who has signed in, by a browser."""

    htmx: HtmxDetails


View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """For people who have signed in; a refusal by an agent becomes a page, or a toast for htmx."""

    @wraps(view)
    def shown(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.caller is None:
            login = redirect_to_login(request.get_full_path())
            return HttpResponseClientRedirect(login.url) if request.htmx else login
        try:
            response = view(request, *args, **kwargs)
        except AgentError as refusal:
            response = refused(request, refusal)
        # One address answers with a page or with a part of it; Back must not show the part.
        patch_vary_headers(response, ("HX-Request",))
        return response

    return shown


def refused(request: HttpRequest, refusal: AgentError) -> HttpResponse:
    """The answer to somebody who asked for what cannot be."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=refusal.status)
        response["X-Message"] = quote(refusal.message)
        return response
    context = {
        "status": refusal.status,
        "title": TITLES.get(refusal.status, "That did not work"),
        "message": refusal.message,
    }
    return render(request, "error.html", context, status=refusal.status)


def user_id_of(text: str) -> str:
    """A user id out of an address; what cannot be one is not found, like any other."""
    user_id = names.fold(text)
    if not names.is_valid(user_id):
        raise UserNotFound(user_id=text[: names.MAX_LENGTH])
    return user_id


def post_id_of(text: str) -> str:
    """A post id out of an address; what cannot be one is not found, like any other."""
    if not is_uuid(text):
        raise PostNotFound(post_id=text[:36])
    return text


def cursor_of(request: HttpRequest) -> str | None:
    """Where the page begins; nothing for the newest."""
    return request.GET.get("cursor") or None


def once(request: PageRequest) -> AbstractContextManager[Calling]:
    """Name the caller to agents, and the form's key: sent twice, the form acts once."""
    key = request.POST.get("idempotency_key", "")
    scoped = f"page:{request.path}:{request.caller.user_id}:{key[:64]}" if key else None
    return calling(Caller(request.caller.user_id), key=scoped)


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To where the form says it stood, if that is here."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = otherwise
    return redirect(target)


def done(request: PageRequest, response: HttpResponse, text: str) -> HttpResponse:
    """Say what was done: at once in the page for htmx, on the next page otherwise."""
    if request.htmx:
        return trigger_client_event(response, "toast", {"text": text})
    messages.success(request, text)
    return response
