"""The API's front door and its document."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

SOCIAL = "/api/v1/social-net"
ROUTES = {
    ("get", "/api/v1/"),
    ("get", f"{SOCIAL}/users/search"),
    ("get", f"{SOCIAL}/users/me"),
    ("get", f"{SOCIAL}/users/{{user_id}}"),
    ("put", f"{SOCIAL}/users/{{user_id}}/name"),
    ("put", f"{SOCIAL}/users/{{user_id}}/email"),
    ("put", f"{SOCIAL}/users/{{user_id}}/connections/{{other_id}}/{{connection_type}}"),
    ("delete", f"{SOCIAL}/users/{{user_id}}/connections/{{other_id}}/{{connection_type}}"),
    ("get", f"{SOCIAL}/users/{{user_id}}/connections"),
    ("put", f"{SOCIAL}/users/{{user_id}}/blocks/{{other_id}}"),
    ("delete", f"{SOCIAL}/users/{{user_id}}/blocks/{{other_id}}"),
    ("post", f"{SOCIAL}/users/{{user_id}}/posts"),
    ("get", f"{SOCIAL}/users/{{user_id}}/posts"),
    ("get", f"{SOCIAL}/users/{{user_id}}/posts/search"),
    ("get", f"{SOCIAL}/users/{{user_id}}/timeline/posts"),
    ("get", f"{SOCIAL}/users/{{user_id}}/timeline/posts/updates"),
    ("get", f"{SOCIAL}/posts/{{post_id}}"),
    ("delete", f"{SOCIAL}/posts/{{post_id}}"),
}


@pytest.fixture
def document(client: Client) -> Any:
    return client.get("/api/v1/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def everything_in(node: Any) -> Iterator[Any]:
    yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from everything_in(child)


def test_anyone_is_told_the_version_and_where_live_is(client: Client) -> None:
    answer = client.get("/api/v1/", headers={"Host": "localhost:8000"})
    assert answer.json() == {"version": "1.0", "live": "http://localhost:8001"}


def test_models_of_one_name_are_told_apart(document: Any) -> None:
    schemas = document["components"]["schemas"]

    def model(schema: Any) -> Any:
        return schemas[schema["$ref"].rpartition("/")[2]]

    def answer(path: str) -> Any:
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        return model(content["application/json"]["schema"])

    cart = answer("/api/v1/shopping/carts/{user_id}")
    assert "quantity" in model(cart["properties"]["items"]["items"])["properties"]
    items = answer("/api/v1/agents/{agent_id}/collections/{name}")
    assert "sort" in model(items["properties"]["items"]["items"])["properties"]


def test_the_document_lists_every_route(document: Any) -> None:
    assert {(method, path) for method, path, _ in operations(document)} >= ROUTES


def test_every_reference_in_the_document_leads_somewhere(document: Any) -> None:
    references = {
        node["$ref"]
        for node in everything_in(document)
        if isinstance(node, dict) and "$ref" in node
    }
    assert references
    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_parameter_of_a_path_is_described(document: Any) -> None:
    for _, path, operation in operations(document):
        described = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path))


def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_route_says_what_a_problem_looks_like(document: Any) -> None:
    for _, _, operation in operations(document):
        assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_every_write_and_no_read_takes_an_idempotency_key(document: Any) -> None:
    for method, _, operation in operations(document):
        headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method != "get")


def test_the_docs_page_needs_nobody_else(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert sources
    assert all(source.startswith("/static/") for source in sources)
    for source in sources:
        assert finders.find(source.removeprefix("/static/"))


def test_the_docs_page_runs_no_script_of_its_own(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()
    inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert all('type="application/json"' in attributes for attributes in inline)
