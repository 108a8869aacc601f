"""Who may do how much in which time: the one table, and its two doors, API and pages.

Staff are not limited: imports, load tests and support act for many. `RATE_LIMITS=false` lifts all.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts import limits
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
MEMBERS = Limit("changes of who is in a chat", 60, HOUR)
SHOPPING = Limit("changes of carts and orders", 120, MINUTE)
REFRESHES = Limit("new recommendations", 5, HOUR)
PROFILES = Limit("changes of a profile", 60, HOUR)
EXPORTS = Limit("archives", 5, HOUR)
TOKENS = Limit("new tokens", 20, HOUR)
TICKETS = Limit("tickets", 60, MINUTE)

ACTIONS: dict[str, Limit] = {
    name: limit
    for limit, names in {
        POSTS: ("create_post", "compose"),
        TALK: (
            *("comment", "comments", "send", "send_message"),
            *("edit_post", "edit_comment", "edit_message", "edit"),
        ),
        CHATS: ("create_chat", "new_chat", "message_person"),
        MEMBERS: (
            *("add_people", "remove_person", "leave_chat", "name_chat"),
            *("add_participants", "remove_participant"),
        ),
        CONNECTING: ("connect", "disconnect", "block", "unblock"),
        DELETING: ("delete_post", "delete_comment", "delete_message", "remove"),
        CHECKOUTS: ("checkout",),
        SHOPPING: (
            *("cart_add", "cart_quantity", "cart_remove", "cart_clear", "cart_prices"),
            *("edit_order", "cancel_order", "order_again"),
            *("order_add", "order_quantity", "order_remove"),
            *("add_item", "set_quantity", "remove_item", "clear_cart", "accept_prices"),
            *("set_billing_address", "set_shipping_address", "cancel"),
        ),
        REFRESHES: ("refresh_recommendations", "recommend"),
        PROFILES: ("edit_profile",),
        REPORTS: ("report",),
        EXPORTS: ("ask_for_export",),
        TOKENS: ("create_token",),
        TICKETS: ("create_ticket",),
    }.items()
    for name in names
}
"""Endpoints of the API and names of pages that change something."""

FREE = frozenset(
    {
        # One's own marks and settings: cheap, nobody else hears of them, or once at most.
        *("react_post", "react_comment", "react_message", "mute", "unmute", "mute_chat"),
        *("like_post", "unlike_post", "like_comment", "unlike_comment", "like", "unlike"),
        *("bookmark", "save_post", "unsave_post", "restore_post", "restore_message"),
        *("read_chat", "unread_message", "mark_read"),
        *("notification_settings", "set_settings", "chat_settings", "set_chat_settings"),
        *("accept_chat", "decline_chat", "theme", "time_zone", "live"),
        *("choose_market", "set_market"),
        *("set_name", "set_bio", "set_email", "forget_address"),
        *("not_interested", "interested", "recommendations_llm"),
        *("set_not_interested", "set_interested", "set_llm"),
        *("revoke_token", "leave", "leaving"),
        # Staff's.
        *("put_product", "put_pricing", "change_pricing", "ship", "ship_order"),
    }
)
"""What changes something and counts as a request alone. allauth counts for its pages by itself."""

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
    counts = [(OF_USER if person else OF_ADDRESS, who)]
    token = request.META.get("HTTP_AUTHORIZATION")
    if token is not None and person is not None:
        counts.append((OF_TOKEN, hashlib.sha256(token.encode()).hexdigest()))
    if request.method in READS:
        limit = LOOKING.get(name) if request.GET else None
    else:
        limit = ACTIONS.get(name)
    if limit is not None:
        counts.append((limit, who))
    limits.take(counts)


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
