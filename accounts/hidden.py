"""Whose doings nobody is shown: suspended, or about to leave. Every process knows them by heart.

They are few and rarely change, and they are asked for with every list: so each process keeps the
set and reads it again every few seconds. Here it changes at once.
"""

import time
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import connection

MEMORY_SECONDS = 3.0

_known: tuple[float, frozenset[str]] = (0.0, frozenset())


def hidden_people() -> frozenset[str]:
    """The user ids of all whom nobody but staff gets to see."""
    until, people = _known
    return people if time.monotonic() < until else _read()


def hidden_of(people: Iterable[str]) -> set[str]:
    """Those of the people whom nobody but staff gets to see."""
    hidden = hidden_people()
    return set(hidden.intersection(people)) if hidden else set()


def forget() -> None:
    """Read the set again when it is next asked for."""
    global _known
    _known = (0.0, frozenset())


def _read() -> frozenset[str]:
    global _known
    was_open = connection.connection is not None
    closed = get_user_model().objects.filter(is_active=False, erased_at=None)
    people = frozenset(closed.values_list("username", flat=True))
    if not was_open:
        connection.close()  # threads that only run agents end without giving it back
    _known = (time.monotonic() + MEMORY_SECONDS, people)
    return people
