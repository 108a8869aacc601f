"""Limits: what is too much is refused, says for how long, and changes nothing."""

import logging
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from pytest_django.fixtures import Settings

from accounts import limits, tokens
from accounts.limits import Limit, TooManyRequests
from accounts.models import User
from config.api import api
from config.limits import ACTIONS, FREE, LOOKING, OF_ADDRESS, OF_USER
from socialnet.agents.user_posts import UserPosts
from tests.callers import Api, joining, refusal

SOCIAL = "/api/v1/social-net"


@pytest.fixture(autouse=True)
def limited(settings: Settings) -> Iterator[None]:
    settings.RATE_LIMITS = True
    limits._script.cache_clear()
    limits._away.until = 0.0
    yield
    limits._script.cache_clear()
    limits._away.until = 0.0


@pytest.fixture
def ann() -> Iterator[Api]:
    for join in joining(lambda name, token: Api(name, token, SOCIAL)):
        yield join("ann")


@pytest.fixture
def root() -> Iterator[Api]:
    for join in joining(lambda name, token: Api(name, token, SOCIAL)):
        yield join("root", staff=True)


def post(who: Api, author: str) -> HttpResponse:
    return who.post(f"/users/{author}/posts", {"content": "hello"})


def posts_of(author: str) -> int:
    return len(UserPosts.of(author).get_posts().items)


def allow(name: str, amount: int) -> mock._patch_dict:
    limit = ACTIONS.get(name) or LOOKING[name]
    table = ACTIONS if name in ACTIONS else LOOKING
    return mock.patch.dict(table, {name: Limit(limit.what, amount, limit.seconds)})


def test_what_is_too_much_is_refused_and_does_not_happen(ann: Api) -> None:
    with allow("create_post", 2):
        assert [post(ann, "ann").status_code for _ in range(2)] == [201, 201]
        answer = post(ann, "ann")

    assert refusal(answer) == (429, "too_many_requests")
    assert "at most 2 posts in 15 minutes" in answer.json()["detail"]
    assert answer.headers["RateLimit-Limit"] == "2"
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert answer.headers["RateLimit-Reset"] == answer.headers["Retry-After"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 15 * 60
    assert posts_of("ann") == 2
    assert ann.get("/users/ann/posts").status_code == 200


def test_the_window_moves_with_the_clock() -> None:
    limit = Limit("things", 2, 60)
    with mock.patch("accounts.limits.time.time") as clock:
        for second in (0, 30):
            clock.return_value = 1_000_000 + second
            limit.take("ann")
        with pytest.raises(TooManyRequests):
            limit.take("ann")
        limit.take("ben")
        clock.return_value += 31
        limit.take("ann")
        with pytest.raises(TooManyRequests):
            limit.take("ann")


def test_staff_act_for_many_and_are_not_limited(root: Api) -> None:
    with allow("create_post", 1):
        assert [post(root, "root").status_code for _ in range(3)] == [201] * 3


@pytest.mark.parametrize("script", [True, False])
def test_a_page_says_so_too(script: bool) -> None:
    client = Client()
    client.force_login(User.objects.create_user("ann"))
    headers = {"HX-Request": "true"} if script else {}
    with allow("compose", 1):
        first, second = (
            client.post("/posts/", {"content": "hello"}, headers=headers) for _ in range(2)
        )

    assert first.status_code < 400
    assert second.status_code == 429
    assert int(second.headers["Retry-After"]) > 1
    words = second.headers["X-Message"] if script else second.content.decode()
    assert "at%20most%201%20posts" in words if script else "at most 1 posts" in words
    assert posts_of("ann") == 1


def test_searching_is_limited_and_looking_is_not(ann: Api) -> None:
    with allow("search_users", 1):
        found = [ann.get("/users/search?query=ann").status_code for _ in range(2)]
    client = Client()
    client.force_login(User.objects.create_user("ben"))
    with allow("people", 1):
        pages = [client.get("/people/").status_code for _ in range(3)]
        searched = [client.get("/people/?query=ann").status_code for _ in range(2)]

    assert found == [200, 429]
    assert pages == [200, 200, 200]
    assert searched == [200, 429]


def test_visitors_count_by_where_they_come_from(client: Client) -> None:
    with mock.patch("config.limits.OF_ADDRESS", Limit(OF_ADDRESS.what, 2, OF_ADDRESS.seconds)):
        near = [client.get("/api/v1/", REMOTE_ADDR="2001:db8::1").status_code for _ in range(2)]
        same_line = client.get("/api/v1/", REMOTE_ADDR="2001:db8::2")
        far = client.get("/api/v1/", REMOTE_ADDR="2001:db8:0:1::1")

    assert near == [200, 200]
    assert refusal(same_line) == (429, "too_many_requests")
    assert far.status_code == 200


def test_where_the_server_does_not_tell_they_count_as_one(client: Client) -> None:
    with mock.patch("config.limits.OF_ADDRESS", Limit(OF_ADDRESS.what, 2, OF_ADDRESS.seconds)):
        codes = [client.get("/api/v1/", REMOTE_ADDR="").status_code for _ in range(3)]

    assert codes == [200, 200, 429]


def test_everything_one_does_counts_together(ann: Api) -> None:
    client = Client()
    client.force_login(User.objects.get(username="ann"))
    with mock.patch("config.limits.OF_USER", Limit(OF_USER.what, 2, OF_USER.seconds)):
        answers = [ann.get("/users/me"), client.get("/people/"), ann.get("/users/me")]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_guessing_tokens_ends_soon() -> None:
    tokens.forget()
    guesser = Api("guesser", "agora_wrong", SOCIAL)
    with mock.patch("accounts.auth.WRONG_TOKENS", Limit("wrong tokens", 2, 60)):
        codes = [guesser.get("/users/me").status_code for _ in range(3)]

    assert codes == [401, 401, 429]


def test_without_valkey_nothing_is_limited(
    ann: Api, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with allow("create_post", 1), caplog.at_level(logging.WARNING, "agora.limits"):
        assert [post(ann, "ann").status_code for _ in range(3)] == [201] * 3

    assert len([one for one in caplog.records if one.name == "agora.limits"]) == 1


def test_what_one_limit_refuses_counts_for_no_other() -> None:
    narrow, wide = Limit("narrow", 1, 60), Limit("wide", 2, 60)
    limits.take([(wide, "ann"), (narrow, "ann")])
    for _ in range(2):
        with pytest.raises(TooManyRequests, match="at most 1 narrow"):
            limits.take([(wide, "ann"), (narrow, "ann")])
    wide.take("ann")
    with pytest.raises(TooManyRequests, match="at most 2 wide"):
        wide.take("ann")


def test_a_request_asks_valkey_once(ann: Api) -> None:
    with mock.patch.object(limits, "_ask", wraps=limits._ask) as asked:
        assert post(ann, "ann").status_code == 201

    assert [len(call.args[0]) for call in asked.mock_calls] == [3]


def test_they_hold_when_valkey_starts_anew() -> None:
    limit = Limit("things", 1, 60)
    limits._script().registered_client.script_flush()
    limit.take("ann")
    with pytest.raises(TooManyRequests):
        limit.take("ann")


def operations() -> Iterator[Any]:
    for _, router in api._routers:
        for path in router.path_operations.values():
            yield from path.operations


def pages(resolver: Any) -> Iterator[Any]:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from pages(pattern)
        else:
            yield pattern


def methods_of(view: Any) -> set[str]:
    """What `require_http_methods` lets through to it; where it is not used, everything."""
    while view is not None:
        code = getattr(view, "__code__", None)
        if code is not None and "request_method_list" in code.co_freevars:
            where = code.co_freevars.index("request_method_list")
            return set(view.__closure__[where].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return {"POST"}


def test_the_table_names_everything_that_changes_something() -> None:
    by_themselves = ("allauth.", "django.", "operators.", "config.")  # those of staff and probes
    resolver = get_resolver()
    changing = {
        page.name
        for part in resolver.url_patterns
        if str(part.pattern) not in ("admin/", "api/v1/")
        for page in (pages(part) if hasattr(part, "url_patterns") else [part])
        if "POST" in methods_of(page.callback)
        and not page.callback.__module__.startswith(by_themselves)
    } | {
        operation.view_func.__name__
        for operation in operations()
        if set(operation.methods) - {"GET"}
        and not operation.view_func.__module__.startswith(by_themselves)
    }
    looking = {page.name for page in pages(resolver)} | {
        operation.view_func.__name__ for operation in operations()
    }

    assert changing - (ACTIONS.keys() | FREE) == set()
    assert (ACTIONS.keys() | FREE) - changing == set()
    assert not ACTIONS.keys() & FREE
    assert LOOKING.keys() <= looking
