"""What PostgreSQL's text and jsonb cannot hold: the NUL character and lone surrogates."""

from __future__ import annotations

import re

import orjson
from pydantic_core import PydanticSerializationError, to_json

# an escaped NUL in JSON; an even number of backslashes before it are escaped ones themselves
_ESCAPED_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_REPLACEMENT = rb"\1\\ufffd"


def has_nul(data: bytes) -> bool:
    """Whether some text in this JSON has a NUL character."""
    return b"\\u0000" in data and _ESCAPED_NUL.search(data) is not None


def is_storable(value: object) -> bool:
    """Whether all text in it can be stored."""
    try:
        return not has_nul(to_json(value))
    except PydanticSerializationError:
        return False


def storable(text: str) -> str:
    """The text with what cannot be stored replaced; for what people read, such as errors."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def storable_json(value: object) -> bytes:
    """Any value as JSON that can be stored; what is not JSON becomes its text."""
    try:
        encoded = orjson.dumps(value, default=str)
    except TypeError:  # a lone surrogate, somewhere
        encoded = orjson.dumps(_without_surrogates(value), default=lambda it: storable(str(it)))
    return _ESCAPED_NUL.sub(_REPLACEMENT, encoded) if b"\\u0000" in encoded else encoded


def _without_surrogates(value: object) -> object:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(key)): _without_surrogates(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_surrogates(item) for item in value]
        case _:
            return value
