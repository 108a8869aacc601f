"""Suspending an account: nobody is shown what its owner does, and they cannot come in.

Nothing is deleted; lifting it brings everything back but the sessions. Who did it, when and why is
kept in the admin's log.
"""

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from agents_core import Conflict, Forbidden, NotFound


class AccountNotFound(NotFound):
    """There is no account {user_id}."""

    code = "account_not_found"


class CannotSuspend(Forbidden):
    """You may not suspend {user_id}: staff are suspended by superusers, nobody by themselves."""

    code = "cannot_suspend"


class AlreadySuspended(Conflict):
    """The account {user_id} is suspended already."""

    code = "already_suspended"


class NotSuspended(Conflict):
    """The account {user_id} is not suspended."""

    code = "not_suspended"


def suspend(user_id: str, by: User, why: str) -> None:
    """Close the door and end what is open: sessions, sockets, tokens for as long as it lasts.

    Who is about to leave can no longer take it back, and is erased in their time. A second call is
    refused and changes nothing.
    """
    with transaction.atomic():
        user = _locked(user_id)
        if user == by or (user.is_staff and not by.is_superuser):
            raise CannotSuspend(user_id=user_id)
        if user.suspended_at is not None:
            raise AlreadySuspended(user_id=user_id)
        user.suspended_at = timezone.now()
        user.is_active = False
        _save(user, by, f"Suspended. {why}")
        for session in UserSession.objects.filter(user=user):
            session.end()
    tokens.forget()


def lift(user_id: str, by: User, why: str) -> None:
    """Open the door again, but to who is about to leave; all that was hidden is there again. A
    second call is refused."""
    with transaction.atomic():
        user = _locked(user_id)
        if user.suspended_at is None:
            raise NotSuspended(user_id=user_id)
        user.suspended_at = None
        user.is_active = user.leaving_at is None
        _save(user, by, f"Suspension lifted. {why}")


def _locked(user_id: str) -> User:
    user = User.objects.select_for_update().filter(username=user_id, erased_at=None).first()
    if user is None:
        raise AccountNotFound(user_id=user_id)
    return user


def _save(user: User, by: User, said: str) -> None:
    user.save(update_fields=["suspended_at", "is_active"])
    LogEntry.objects.log_actions(by.pk, [user], CHANGE, change_message=said.strip())
