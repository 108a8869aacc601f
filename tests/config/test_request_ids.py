"""Request ids: taken or made, answered, shown where something went wrong, kept on sockets."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from channels.testing import ApplicationCommunicator, WebsocketCommunicator
from django.test import Client

from agents_core import hints, trace
from config.asgi import application
from config.named_connections import NamedConnections

GOOD = ["r", "0b1c-42", "a" * 64, "with spaces {and} <odd> things"]
BAD = ["", "a" * 65, "caf\xe9", "tab\tbed", "\x7f"]


@pytest.fixture
def site(settings: Any) -> Client:
    """A site with pages that call talkers."""
    settings.ROOT_URLCONF = "tests.config.talking.urls"
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/", "/nowhere", "/accounts/login/"])
def test_every_answer_has_the_id_it_was_asked_with(client: Client, path: str) -> None:
    assert client.get(path, headers={"X-Request-ID": "r-1"})["X-Request-ID"] == "r-1"


@pytest.mark.parametrize("id_", GOOD)
def test_a_good_id_is_taken(client: Client, id_: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": id_})["X-Request-ID"] == id_


@pytest.mark.parametrize("id_", BAD)
def test_another_becomes_a_new_one(client: Client, id_: str) -> None:
    given = client.get("/healthz", HTTP_X_REQUEST_ID=id_)["X-Request-ID"]

    assert given not in BAD
    assert 0 < len(given) <= trace.MAX_REQUEST_ID


def test_each_request_without_one_gets_its_own(client: Client) -> None:
    assert len({client.get("/healthz")["X-Request-ID"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("get", "/nowhere", 404, {}),
        ("get", "/call/ada/stumble", 500, {}),
        ("post", "/accounts/login/", 403, {}),
        ("get", "/", 400, {"host": "elsewhere.example"}),
    ],
)
def test_error_pages_show_it(
    site: Client, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = getattr(site, method)(path, headers={"X-Request-ID": "<r&1>", **headers})

    assert answer.status_code == status
    assert "Request &lt;r&amp;1&gt;" in answer.content.decode()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer no"}])
def test_problems_show_it(client: Client, headers: dict[str, str]) -> None:
    path = "/api/v1/social-net/users/me"
    answer = client.get(path, headers={"X-Request-ID": "r-1", **headers})

    assert (answer.status_code, answer.json()["request_id"]) == (401, "r-1")
    assert answer["X-Request-ID"] == "r-1"


async def test_a_plain_request_at_live_has_it_too() -> None:
    asked = ApplicationCommunicator(
        application,
        {
            "type": "http",
            "method": "GET",
            "path": "/healthz",
            "query_string": b"",
            "headers": [(b"x-request-id", b"r-1")],
        },
    )
    await asked.send_input({"type": "http.request", "body": b""})

    start = await asked.receive_output(5)
    assert dict(start["headers"])[b"X-Request-ID"] == b"r-1"
    await asked.receive_output(5)
    await asked.wait(5)


async def _say_id(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An application that tells which id it runs under."""
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": trace.request_id()})


async def test_a_socket_keeps_one_for_as_long_as_it_is_open() -> None:
    app = NamedConnections(_say_id)
    named = WebsocketCommunicator(app, "/x", [(b"x-request-id", b"r-1")])
    other = WebsocketCommunicator(app, "/x")
    await named.connect()
    await other.connect()

    heard = []
    for socket in (named, other, named, other):
        await socket.send_to(text_data="who?")
        heard.append(await socket.receive_from(5))

    assert heard[0] == heard[2] == "r-1"
    assert heard[1] == heard[3] != "r-1"
    await named.disconnect()
    await other.disconnect()


@pytest.mark.parametrize(
    ("agents", "packed"),
    [
        (["a:1", "a:2"], None),
        ({"a:1": None, "a:2": None}, None),
        ({"a:1": "r", "a:2": "r"}, "r"),
        ({"a:1": "r", "a:2": None, "a:3": "s"}, ["r", None, "s"]),
    ],
)
def test_a_hint_says_in_short_which_request_mailed_whom(agents: Any, packed: Any) -> None:
    header = orjson.loads(orjson.dumps(hints.packed(agents)))

    assert header == packed
    assert hints.unpacked(list(agents), header) == dict.fromkeys(agents) | (
        agents if isinstance(agents, dict) else {}
    )
