"""Invitations: where sign-up is closed, whoever has the link of one may make an account, once."""

import hashlib
import secrets
from datetime import timedelta

from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User

DAYS = 14
PARAMETER = "invitation"


def invite(by: User | None, note: str = "", *, days: int = DAYS) -> tuple[Invitation, str]:
    """Make an invitation; its address is returned here and can never be had again."""
    code = secrets.token_urlsafe(24)
    made = Invitation.objects.create(
        note=note,
        digest=_digest(code),
        made_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return made, f"{settings.WEB_URL}{reverse('account_signup')}?{PARAMETER}={code}"


def is_invited(request: HttpRequest) -> bool:
    """Whether this visitor came by an invitation that is still good. It is kept in their session,
    so that they may look around first."""
    code = request.GET.get(PARAMETER)
    if code is not None and _usable(code).exists():
        request.session[PARAMETER] = code
        return True
    return _usable(request.session.get(PARAMETER, "")).exists()


def use(request: HttpRequest, user: User) -> None:
    """Use up the visitor's invitation for this new account, in the transaction that makes it; of
    two who come at once with the same link the second is shown that it is used up."""
    code = request.session.pop(PARAMETER, "")
    if not _usable(code).update(used_by=user, used_at=timezone.now()):
        raise ImmediateHttpResponse(redirect("account_signup"))


def _usable(code: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        digest=_digest(code), used_at=None, expires_at__gt=timezone.now()
    )


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="replace")).digest()
