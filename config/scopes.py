"""Which scope of a token an endpoint of the API takes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest

from accounts import scopes
from accounts.caller import Person

READS = frozenset({"GET", "HEAD", "OPTIONS"})
AREAS = {"socialnet": "social", "shop": "shop", "operators": "admin"}
"""By the package that an endpoint is in."""


def within_scope(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Let a token with scopes do here what they say, and no more."""
    area = area_of(endpoint)

    @wraps(endpoint)
    def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        person: Person | None = getattr(request, "caller", None)
        if area is not None and person is not None and person.scopes is not None:
            person = scopes.within(person, area, write=request.method not in READS)
            request.caller = person  # type: ignore[attr-defined]
        return endpoint(request, *args, **kwargs)

    return scoped


def area_of(endpoint: Callable[..., Any]) -> str | None:
    """The area an endpoint belongs to; None for what every credential opens."""
    package, _, rest = endpoint.__module__.partition(".")
    return "chat" if rest in ("api.chats", "api.messages") else AREAS.get(package)
