"""Who an agent is: the type's name and the constructor parameters, written `user-index:3`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, unquote

from agents_core.errors import AgentIdNotValid

MAX_ID_LENGTH = 512
"""Ids lead every key, and a key has its limit."""
_TYPE_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def kebab_case(name: str) -> str:
    """`UserTimeline` -> `user-timeline`."""
    return _BOUNDARY.sub("-", name).lower()


def is_type_name(name: str) -> bool:
    """Whether an agent type may be called so: lower case words joined by `-`."""
    return _TYPE_NAME.fullmatch(name) is not None


def join_key(parameters: Iterable[str | int]) -> str:
    """The parameters URL-quoted and joined by `/`: the part of the id behind the colon."""
    return "/".join([_quoted(str(value)) for value in parameters])


@lru_cache(maxsize=10_000)
def _quoted(value: str) -> str:
    return quote(value, safe="")


def split_key(key: str) -> list[str]:
    """The inverse of `join_key`, as text."""
    return [unquote(part) for part in key.split("/")] if key else []


def split_id(agent_id: str) -> tuple[str, str]:
    """`("user-index", "3")` of `user-index:3`; refuses what is not of that form."""
    type_name, colon, key = agent_id.partition(":")
    if not colon or not type_name or len(agent_id) > MAX_ID_LENGTH:
        raise AgentIdNotValid(agent_id=agent_id[:80], reason="write it as type:parameters")
    return type_name, key
