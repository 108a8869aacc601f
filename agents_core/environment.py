"""What an agent is told at its creation and reads from then on: settings of its own, as text."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import orjson
from pydantic import Field, StringConstraints, TypeAdapter

MAX_NAMES = 64
MAX_NAME = 128
MAX_VALUE = 1024
"""It is loaded with every turn of its agent: what is larger belongs into a file."""

Environment = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)],
        Annotated[str, StringConstraints(max_length=MAX_VALUE)],
    ],
    Field(max_length=MAX_NAMES),
]
adapter: TypeAdapter[dict[str, str]] = TypeAdapter(Environment)


def overlay(of_type: Mapping[str, str], stored: bytes | None) -> Mapping[str, str]:
    """What an agent reads: its type's environment under what it was created with."""
    return MappingProxyType({**of_type, **load(stored)})


def load(stored: bytes | None) -> dict[str, str]:
    """What an agent was created with, of its row."""
    return {} if stored is None else adapter.validate_json(stored)


def dump(environment: Mapping[str, str]) -> bytes | None:
    """The row's column: null for an agent that was created with nothing."""
    return orjson.dumps(environment) if environment else None
