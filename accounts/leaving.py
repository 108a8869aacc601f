"""Leaving: asked for, hidden for two weeks in which one may think again, then erased for good."""

import logging
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.transaction import atomic
from django.utils import timezone

from accounts import personal, reports
from accounts.models import DataExport, User

GRACE = timedelta(days=14)

logger = logging.getLogger("agora.accounts")


def ask_to_leave(user: User) -> datetime:
    """Hide the account, end its sessions, and say when it will be erased. Repeating changes
    nothing."""
    if user.leaving_at is None:
        user.leaving_at = timezone.now() + GRACE
        user.is_active = False
        user.save(update_fields=["leaving_at", "is_active"])
        end_sessions(user)
    return user.leaving_at


def stay(user: User) -> bool:
    """Take it back; what was hidden is there again. False for who is not about to leave, or has
    been suspended meanwhile."""
    waiting = User.objects.select_for_update().filter(
        pk=user.pk, leaving_at__isnull=False, erased_at=None, suspended_at=None
    )
    with atomic():
        leaver = waiting.first()
        if leaver is None:
            return False
        leaver.leaving_at = None
        leaver.is_active = True
        leaver.save(update_fields=["leaving_at", "is_active"])
    return True


def end_sessions(user: User) -> None:
    """Sign the account out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def erase_leavers() -> int:
    """Go on with erasing those whose time has come; how many are erased now."""
    due = User.objects.filter(leaving_at__lte=timezone.now(), erased_at=None)
    return sum(erase(user) for user in due)


def erase(user: User) -> bool:
    """Scrub everything that is kept of a person, but the name, which nobody else may ever have;
    whether nothing is left to do.

    Killed in the middle, the next call begins again and comes to the same end.
    """
    if not all(keeper.erase(user.username) for keeper in personal.keepers()):
        return False
    for export in DataExport.objects.filter(user=user):
        export.remove()
    reports.erase(user)
    with atomic():
        for model in (EmailAddress, Authenticator):
            model.objects.filter(user=user).delete()
        user.api_tokens.all().delete()
        user.email = ""
        user.set_unusable_password()
        user.is_active = user.is_staff = user.is_superuser = False
        user.last_login = None
        user.erased_at = timezone.now()
        user.save()
        user.groups.clear()
    logger.info("An account was erased as its owner wished")
    return True
