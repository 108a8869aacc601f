"""What a token may do: read or write in some areas of the house, or all that its owner may."""

from collections.abc import Iterable
from dataclasses import replace

from accounts.caller import Person
from agents_core import Forbidden

AREAS = {
    "social": "Profiles, connections, posts",
    "chat": "Chats",
    "shop": "Cart, orders, recommendations",
    "admin": "What staff may",
}
SCOPES = tuple(f"{area}:{deed}" for area in AREAS for deed in ("read", "write"))
OF_A_SOCKET = frozenset({"social:read", "chat:read", "shop:read"})
"""A socket tells of everything that concerns its user."""


class ScopeMissing(Forbidden):
    """This token lacks the scope {scope}; make one that has it."""

    code = "scope_missing"


def chosen(scopes: Iterable[str]) -> str:
    """As it is stored; who may write may read. What is no scope is left out."""
    wanted = set(scopes)
    wanted |= {scope.replace(":write", ":read") for scope in wanted}
    return " ".join(scope for scope in SCOPES if scope in wanted)


def within(person: Person, area: str, *, write: bool) -> Person:
    """The caller as this token lets them act there: as staff only with a scope of `admin`."""
    if person.scopes is None:
        return person
    deed = "write" if write else "read"
    if f"{area}:{deed}" not in person.scopes:
        raise ScopeMissing(scope=f"{area}:{deed}")
    return replace(person, is_staff=person.is_staff and f"admin:{deed}" in person.scopes)
