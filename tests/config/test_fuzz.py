"""Whatever is asked of the API, its answer is one that its OpenAPI document describes.

Schemathesis makes up requests from the document: right ones, wrong ones, and, as most made-up ids
would find nothing, some with the ids of things that exist. The same ones every time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import tokens
from accounts.models import User
from config.api import api
from config.wsgi import application
from tests.callers import Api
from tests.config.world import small_world

pytestmark = pytest.mark.slow

DOCUMENT = "/api/v1/openapi.json"
CHECKS = [
    *[not_a_server_error, status_code_conformance, content_type_conformance],
    *[response_headers_conformance, response_schema_conformance],
]
REQUESTS = {"nobody": 1, "alice": 4, "root": 2}
"""How many each caller makes of each operation, right ones and wrong ones."""
ORDER = ("get", "put", "post", "patch", "delete")
"""Reading comes first and deleting last, so that there is something to read."""

Ids = dict[str, list[str]]


def routes() -> dict[str, list[tuple[str, str]]]:
    """The operations of the document as (path, method), by tag."""
    found = defaultdict(list)
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            found[operation["tags"][0]].append((path, method))
    return {tag: sorted(each, key=lambda one: ORDER.index(one[1])) for tag, each in found.items()}


ROUTES = routes()


@pytest.fixture
def schema() -> Any:
    """The document as the site serves it, with the site behind it."""

    def site(environ: dict[str, Any], start_response: Any) -> Any:
        # what every server says, and a made-up request does not: where it came from
        return application(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)

    return schemathesis.openapi.from_wsgi(DOCUMENT, site)


@pytest.fixture
def callers() -> Iterator[dict[str, str | None]]:
    """The token of each caller; nobody has none."""
    tokens.forget()
    made: dict[str, str | None] = {"nobody": None}
    for name, staff in (("alice", False), ("bob", False), ("root", True)):
        account = User.objects.create_user(name, is_staff=staff)
        made[name] = tokens.create(account, "test")[1]
    yield made
    tokens.forget()


@pytest.fixture
def ids(callers: dict[str, str | None]) -> Ids:
    """A small world, by the names the document has for the ids of its things."""
    alice = Api("alice", callers["alice"], "/api/v1")
    root = Api("root", callers["root"], "/api/v1")
    found = small_world(alice, root)
    return {name: [id_] for name, id_ in found.items()} | {
        "user_id": ["alice", "bob"],
        "other_id": ["alice", "bob"],
        "agent_id": [
            "user:alice",
            f"post:{found['post_id']}",
            "cart:alice",
            f"order:{found['order_id']}",
        ],
        "method": ["get_user", "get_post", "get_cart", "set_email"],
    }


@pytest.mark.parametrize("caller", REQUESTS)
@pytest.mark.parametrize("tag", ROUTES)
def test_every_answer_is_one_that_is_documented(
    tag: str, caller: str, schema: Any, callers: dict[str, str | None], ids: Ids
) -> None:
    token = callers[caller]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    failures = []
    for path, method in ROUTES[tag]:
        try:
            ask_anything(schema[path][method.upper()], headers, ids, REQUESTS[caller])
        except (Failure, FailureGroup) as failure:
            failures.append(f"{method.upper()} {path}: {failure}")
    assert not failures, "\n\n".join(failures)


def ask_anything(operation: Any, headers: dict[str, str], ids: Ids, requests: int) -> None:
    """Send made-up requests and check the answers; the first wrong one raises."""

    @seed(0)
    @settings(
        max_examples=requests,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        known = {
            name: data.draw(st.sampled_from(ids[name]))
            for name in parameters_of(operation) & ids.keys()
            if data.draw(st.integers(0, 3))
        }
        case = data.draw(operation.as_strategy(mode, path_parameters=known or None))
        case.headers.pop("Authorization", None)
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    ask()


def parameters_of(operation: Any) -> set[str]:
    """The names in an operation's path."""
    return {parameter.name for parameter in operation.path_parameters}
