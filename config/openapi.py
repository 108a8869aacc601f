"""Ninja's OpenAPI document, with what holds for every route (problems, write keys) added, and with
models of the same name told apart."""

import json
from collections.abc import Mapping
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

REF = "#/components/schemas/"


class Document(OpenAPISchema):
    """Ninja's own keeps one model of each name. Here a second one that says something else, be it
    another class or the same with other rules for requests than for answers, is called `Name2`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._renamed: dict[str, str] = {}
        super().__init__(*args, **kwargs)

    def _create_schema_from_model(self, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], bool]:
        self._renamed = {}
        schema, required = super()._create_schema_from_model(*args, **kwargs)
        return _with_names(schema, self._renamed), required

    def _extract_parameters(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        self._renamed = {}
        found = super()._extract_parameters(*args, **kwargs)
        return [_with_names(parameter, self._renamed) for parameter in found]

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        names = {name: self._name_for(name, definitions) for name in definitions}
        self._renamed |= names
        for name, definition in definitions.items():
            self.schemas[names[name]] = _with_names(definition, names)

    def _name_for(self, name: str, definitions: Mapping[str, Any]) -> str:
        meaning = json.dumps(_with_all_it_names(name, definitions), sort_keys=True)
        if (name, meaning) not in self._names:
            taken = sum(known == name for known, _ in self._names)
            self._names[name, meaning] = f"{name}{taken + 1}" if taken else name
        return self._names[name, meaning]


def _with_all_it_names(name: str, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definition of that name, and all that it refers to."""
    found: dict[str, Any] = {}
    wanted = [name]
    while wanted:
        one = wanted.pop()
        if one not in found and one in definitions:
            found[one] = definitions[one]
            wanted += _refs(definitions[one])
    return found


def _refs(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for one in schema for name in _refs(one)]
    if not isinstance(schema, dict):
        return []
    ref = schema.get("$ref")
    here = [ref.removeprefix(REF)] if isinstance(ref, str) else []
    return here + [name for one in schema.values() for name in _refs(one)]


def _with_names(schema: Any, names: Mapping[str, str]) -> Any:
    """A copy that refers to models by these names."""
    if isinstance(schema, list):
        return [_with_names(one, names) for one in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: _with_names(value, names) for key, value in schema.items()}
    ref = copy.get("$ref")
    if isinstance(ref, str) and ref.startswith(REF):
        name = ref.removeprefix(REF)
        copy["$ref"] = REF + names.get(name, name)
    return copy


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
