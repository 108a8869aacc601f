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

from accounts import limits
from accounts.caller import CallerRequest
from agents_core import AgentError, Caller, calling
from agents_core.context import Calling

TITLES = {
    403: "This is not yours to do",
    404: "Nothing stands here",
    409: "That does not go together",
    429: "A little slower, please",
    503: "We will be back in a moment",
}


# No username has a tilde: nobody who signs in can be taken for somebody who has not.
VISITOR = "~visitor"


class PageRequest(CallerRequest):
    """A request by a browser; `caller` is None for a visitor on a page that is open to them."""

    htmx: HtmxDetails


View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """For people who have signed in; a refusal by an agent becomes a page, or a toast for htmx."""
    guarded = open_page(view)

    @wraps(view)
    def shown(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.caller is None:
            login = redirect_to_login(request.get_full_path())
            return HttpResponseClientRedirect(login.url) if request.htmx else login
        return guarded(request, *args, **kwargs)

    return shown


def open_page(view: View) -> View:
    """For anyone, signed in or not; `request.caller` is None for a visitor."""

    @wraps(view)
    def shown(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
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
    else:
        context = {
            "status": refusal.status,
            "title": TITLES.get(refusal.status, "That did not work"),
            "message": refusal.message,
        }
        response = render(request, "error.html", context, status=refusal.status)
    if isinstance(refusal, limits.TooManyRequests):
        for name, value in limits.headers(refusal.facts).items():
            response[name] = value
    return response


def cursor_of(request: HttpRequest) -> str | None:
    """Where the page begins; nothing for the newest."""
    return request.GET.get("cursor") or None


def once(request: PageRequest) -> AbstractContextManager[Calling]:
    """Name the caller to agents, and the form's key: sent twice, the form acts once."""
    who = request.caller.user_id if request.caller else VISITOR
    key = request.POST.get("idempotency_key", "")
    scoped = f"page:{request.path}:{who}:{key[:64]}" if key else None
    return calling(Caller(who), key=scoped)


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
