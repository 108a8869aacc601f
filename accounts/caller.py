"""Who is calling: one answer for sessions and tokens alike, and whom they may act for."""

from dataclasses import dataclass
from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts import names
from accounts.models import User
from agents_core import Forbidden


@dataclass(frozen=True, slots=True)
class Person:
    """A caller whose credential was good. `user_id` is the username and the agent's id.

    `scopes` is what their token may do; None for sessions, and for tokens that may everything.
    """

    user_id: str
    is_staff: bool = False
    scopes: frozenset[str] | None = None

    def may_act_for(self, user_id: str) -> bool:
        """Everybody acts as themselves; staff for anyone (imports, load tests, support)."""
        return self.is_staff or user_id == self.user_id


class CallerRequest(HttpRequest):
    """A request behind authentication."""

    caller: Person


class ActingForOthers(Forbidden):
    """Only {user_id} and staff may do this."""

    code: ClassVar[str] = "acting_for_others"


class StaffOnly(Forbidden):
    """Only staff may do this."""

    code: ClassVar[str] = "staff_only"


def person_of(user: User | AnonymousUser) -> Person | None:
    """The caller that a signed-in user is."""
    if not user.is_authenticated:
        return None
    return Person(user_id=user.username, is_staff=user.is_staff)


def acting_for(request: CallerRequest, user_id: str | None = None) -> str:
    """The user to act as: the caller unless another is named, which takes staff."""
    if user_id is None:
        return request.caller.user_id
    user_id = names.fold(user_id)
    if not request.caller.may_act_for(user_id):
        raise ActingForOthers(user_id=user_id)
    return user_id


def require_staff(request: CallerRequest) -> None:
    """Refuse callers who are not staff."""
    if not request.caller.is_staff:
        raise StaffOnly
