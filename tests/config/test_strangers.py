"""Whoever is neither friend nor staff, and whoever is nobody, meets a shut door on every route and
page of what is alice's, and nothing behind it changes.

The routes are those of the OpenAPI document and the pages those of the URL configuration, so what
is added is tried too; what a stranger may do is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import tokens
from accounts.models import DataExport, User
from config.api import api
from tests.callers import Api
from tests.config.world import ADDRESS, small_world

SHUT = {403, 404}
PRICES: dict[str, Any] = {"msrp_prices": [], "list_prices": [], "sale_prices": []}
BODIES: dict[str, dict[str, Any]] = {
    "Address": ADDRESS,
    "BioIn": {"bio": "Mallory was here"},
    "ChatNameIn": {"name": "Mallory was here"},
    "ChatSettings": {"typing": False},
    "CommentEditIn": {"content": "Mallory was here"},
    "CommentIn": {"content": "Mallory was here"},
    "EmailIn": {"email": "mallory@example.com"},
    "LikeIn": {"like_type": "like"},
    "LlmIn": {"may_ask_llm": True},
    "MarketIn": {"currency": "USD", "zone": "global"},
    "MessageIn": {"content": "Mallory was here"},
    "NameIn": {"name": "Mallory was here"},
    "NewParticipantsIn": {"participants": ["mallory"]},
    "NotificationSettings": {"like": False},
    "ParticipantsIn": {"participants": ["bob"]},
    "PostEditIn": {"content": "Mallory was here"},
    "PostIn": {"content": "Mallory was here"},
    "PricingChange": {},
    "PricingIn": PRICES,
    "ProductDetails": {"name": "Mallory was here", "brand": "Mallory"},
    "QuantityIn": {"quantity": 3},
    "ReadIn": {},
    "RevertIn": {"last": 1},
    "UpdateIn": {"version": 1, "mode": "automatic"},
}
"""What is sent along, by the names of the document's schemas."""

Operation = tuple[str, str]


def operations() -> dict[Operation, dict[str, Any] | None]:
    """Method and path of each operation on something that is named, and what is sent along."""
    found: dict[Operation, dict[str, Any] | None] = {}
    document = api.get_openapi_schema()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "{" not in path:
                continue
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            name = (
                body["schema"].get("$ref", "").rpartition("/")[2].rstrip("0123456789")
                if body
                else ""
            )
            found[method.upper(), path.removeprefix("/api/v1")] = BODIES[name] if name else None
    return found


OPERATIONS = operations()
OPEN_ROUTES: set[Operation] = {
    ("GET", "/shopping/products/{product_id}"),
    ("GET", "/shopping/pricing/{product_id}"),
    ("GET", "/shopping/pricing/{product_id}/price"),
}
"""What everybody may read."""
OPEN_TO_PEOPLE: set[Operation] = OPEN_ROUTES | {
    ("GET", "/social-net/users/{user_id}"),
    ("GET", "/social-net/users/{user_id}/connections"),
    ("GET", "/social-net/users/{user_id}/posts"),
    ("GET", "/social-net/users/{user_id}/posts/search"),
}
"""What everybody may who is signed in."""


OF_REQUESTS = {
    *("accounts_apitoken", "agents_core_oplog", "agents_core_sample"),
    *("django_session", "usersessions_usersession"),
}
"""Tables that tell that somebody asked, and was refused."""


def everything() -> set[tuple[str, str]]:
    """All that the site keeps of agents and people, row by row."""
    found = set()
    with connection.cursor() as cursor:
        for table in sorted({*connection.introspection.table_names()} - OF_REQUESTS):
            # a refusal counts as a revision of an agent, and leaves its document as it was
            kept = "(id, state)::text" if table == "agents_core_agent" else "kept::text"
            cursor.execute(f"SELECT {kept} FROM {table} AS kept")
            found |= {(table, row) for (row,) in cursor.fetchall()}
    return found


@pytest.fixture
def people() -> Iterator[dict[str, Api]]:
    tokens.forget()
    made = {"nobody": Api("nobody", None, "/api/v1")}
    for name in ("alice", "bob", "mallory", "root"):
        account = User.objects.create_user(name, is_staff=name == "root")
        made[name] = Api(name, tokens.create(account, "test")[1], "/api/v1")
    yield made
    tokens.forget()


@pytest.fixture
def ids(people: dict[str, Api]) -> dict[str, str]:
    found = small_world(people["alice"], people["root"], audience="friends")
    return found | {
        "agent_id": "user:alice",
        "method": "set_name",
        "name": "readers",
        "connection_type": "friend",
    }


@pytest.mark.parametrize("who", ["mallory", "nobody"])
def test_no_route_lets_a_stranger_in(who: str, people: dict[str, Api], ids: dict[str, str]) -> None:
    shut, may = (SHUT, OPEN_TO_PEOPLE) if who == "mallory" else ({401}, OPEN_ROUTES)
    before = everything()
    let_in = {}
    for (method, path), body in OPERATIONS.items():
        asked = path.format_map(ids) + "?query=hello&since=2026-01-01T00:00:00Z"
        answer = people[who].call(method, asked, body)
        if answer.status_code not in shut:
            let_in[method, path] = answer.status_code
        assert everything() ^ before == set(), f"{method} {path} answered {answer.status_code}"
    assert let_in == dict.fromkeys(may, 200)


FIELDS = {
    "content": "Mallory was here",
    "kind": "like",
    "like_type": "like",
    "name": "Mallory was here",
    "quantity": "3",
    "usernames": "mallory",
    "reason": "spam",
}
OF_ONES_OWN = {
    *("connect", "mute", "block", "unblock", "message_person"),
    *("cart_add", "cart_quantity", "cart_remove", "interested", "not_interested"),
}
"""What people do with what is their own, whomever or whatever the address names."""
OPEN_PAGES = {"product"}
"""What everybody may look at."""
NOT_OURS = ("api/", "admin/", "accounts/")
OPEN_PAGES_TO_PEOPLE = OPEN_PAGES | {"profile", "connections"}


def pages(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every page of ours on something that is named."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern) and pattern.name and pattern.pattern.converters:
            yield pattern.name, route
        elif isinstance(pattern, URLResolver) and not route.startswith(
            ("api/", "admin/", "accounts/")
        ):
            yield from pages(pattern, route)


PAGES = dict(pages())


@pytest.fixture
def of_alice(ids: dict[str, str], people: dict[str, Api]) -> dict[str, str]:
    """What the addresses of pages name, beyond what those of routes do."""
    alice = User.objects.get(username="alice")
    export = DataExport.objects.create(user=alice, total=1)
    return ids | {
        "token_id": str(alice.api_tokens.get().id),
        "export_id": str(export.id),
        "kind": "post",
        "subject": ids["post_id"],
        "version": "nothing",
        "digest": "nothing",
    }


def address(route: str, of_alice: dict[str, str]) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: of_alice[found[1]], route)


@pytest.mark.parametrize("who", ["mallory", "nobody"])
def test_no_page_lets_a_stranger_in(who: str, of_alice: dict[str, str]) -> None:
    client = Client()
    if who == "mallory":
        client.force_login(User.objects.get(username="mallory"))
    before = everything()
    let_in = {}
    for name, route in PAGES.items():
        if name in OF_ONES_OWN:
            continue
        path = address(route, of_alice)
        for answer in (client.get(path), client.post(path, FIELDS)):
            sent_away = answer.headers.get("Location", "").startswith("/accounts/login/")
            if answer.status_code not in SHUT | {405} and not (who == "nobody" and sent_away):
                let_in[name] = answer.status_code
            assert everything() ^ before == set(), f"{path} answered {answer.status_code}"
    may = OPEN_PAGES_TO_PEOPLE if who == "mallory" else OPEN_PAGES
    assert let_in == dict.fromkeys(may, 200)
