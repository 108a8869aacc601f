"""Adds to Ninja's OpenAPI document what holds for every route: problems and write keys."""

from typing import Any

from ninja.openapi.schema import OpenAPISchema

WRITES = ("post", "put", "patch", "delete")

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "The same key on the same route returns the first answer and does nothing.",
}

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457; the problem's own members follow the standard ones.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "A stable word for programs to act on."},
        "request_id": {"type": "string", "description": "As in X-Request-ID, and in the logs."},
    },
    "additionalProperties": True,
}

PROBLEM_RESPONSE = {
    "description": "Refused, or broken: nothing changed.",
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}


def complete(document: OpenAPISchema) -> OpenAPISchema:
    """The document with problems on every route and the Idempotency-Key on every write."""
    document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in document["paths"].values():
        for method, operation in operations.items():
            _complete_operation(method, operation)
    return document


def _complete_operation(method: str, operation: dict[str, Any]) -> None:
    operation.setdefault("responses", {}).setdefault("default", PROBLEM_RESPONSE)
    if method in WRITES:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
