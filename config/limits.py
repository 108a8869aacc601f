"""Who may do how much in which time: the one table, and its two doors, API and pages.

Staff are not limited: imports, load tests and support act for many. `RATE_LIMITS=false` lifts all.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.caller import Person
from accounts.limits import Limit, TooManyRequests, address_of
from accounts.pages import refused

MINUTE, HOUR = 60, 3600

OF_TOKEN = Limit("requests with one token", 300, 5 * MINUTE)
OF_USER = Limit("requests", 1500, 5 * MINUTE)
OF_ADDRESS = Limit("requests without signing in", 300, 5 * MINUTE)

POSTS = Limit("posts", 30, 15 * MINUTE)
TALK = Limit("comments and messages", 60, MINUTE)
CHATS = Limit("new chats", 20, HOUR)
CONNECTING = Limit("changes of connections", 60, HOUR)
SEARCHES = Limit("searches", 60, MINUTE)
CHECKOUTS = Limit("checkouts", 10, MINUTE)
DELETING = Limit("deletions", 30, 30 * MINUTE)
REPORTS = Limit("reports", 20, HOUR)

ACTIONS: dict[str, Limit] = {
    "create_post": POSTS,
    "compose": POSTS,
    "comment": TALK,
    "comments": TALK,
    "send": TALK,
    "send_message": TALK,
    "create_chat": CHATS,
    "new_chat": CHATS,
    "message_person": CHATS,
    "connect": CONNECTING,
    "disconnect": CONNECTING,
    "block": CONNECTING,
    "unblock": CONNECTING,
    "delete_post": DELETING,
    "delete_comment": DELETING,
    "remove": DELETING,
    "checkout": CHECKOUTS,
    "report": REPORTS,
}
"""Endpoints of the API and names of pages that change something."""

LOOKING: dict[str, Limit] = {
    "search_users": SEARCHES,
    "search_posts": SEARCHES,
    "search_products": SEARCHES,
    "people": SEARCHES,
    "products": SEARCHES,
}
"""Those that look for something, when they are told for what."""

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def take(name: str, request: HttpRequest, person: Person | None) -> None:
    """Count this request, or refuse it."""
    if person is not None and person.is_staff:
        return
    who = f"user:{person.user_id}" if person else f"address:{address_of(request)}"
    token = request.META.get("HTTP_AUTHORIZATION")
    if token is not None and person is not None:
        OF_TOKEN.take(hashlib.sha256(token.encode()).hexdigest())
    (OF_USER if person else OF_ADDRESS).take(who)
    if request.method in READS:
        limit = LOOKING.get(name) if request.GET else None
    else:
        limit = ACTIONS.get(name)
    if limit is not None:
        limit.take(who)


def within_limits(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Count each call of an endpoint of the API."""

    @wraps(endpoint)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        take(endpoint.__name__, request, getattr(request, "caller", None))
        return endpoint(request, *args, **kwargs)

    return counted


class PageLimits:
    """Counts each page. After `CallerMiddleware`; the API counts for itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path_info.startswith("/api/"):
            return None
        match = request.resolver_match
        try:
            take(match.url_name or "" if match else "", request, request.caller)  # type: ignore[attr-defined]
        except TooManyRequests as refusal:
            return refused(request, refusal)
        return None
