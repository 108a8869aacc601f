"""API tokens: made, recognised and revoked here.

Recognising a token is on the path of every API request, so each process remembers for a few
seconds whom a token belongs to; a token revoked elsewhere stops working within that time.
"""

import hashlib
import secrets
import time
from datetime import datetime, timedelta

from django.utils import timezone

from accounts import door
from accounts.caller import Person
from accounts.models import ApiToken, User

PREFIX = "agora_"  # lets secret scanners and people recognise a leaked token
SHOWN = len(PREFIX) + 6

MEMORY_SECONDS = 3.0
MEMORY_SIZE = 20_000  # of some 300 bytes; beyond it everything is forgotten and asked again
USE_NOTED_EVERY = timedelta(minutes=1)  # "last used" to the minute costs a write a minute

_remembered: dict[bytes, tuple[float, Person]] = {}


def create(user: User, name: str, *, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """Make a token; the text is returned here and can never be had again."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user, name=name, prefix=token[:SHOWN], digest=_digest(token), expires_at=expires_at
    )
    return row, token


def revoke(token: ApiToken) -> None:
    """Close the door for good: at once here and on open sockets, in seconds elsewhere."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    forget()
    door.has_changed(token.user.username)


def forget() -> None:
    """Drop what this process remembers."""
    _remembered.clear()


def person_with(token: str) -> Person | None:
    """Whose token this is; None for any that does not open the door."""
    digest = _digest(token)
    known = _remembered.get(digest)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    _remembered.pop(digest, None)
    return _look_up(digest)


def _look_up(digest: bytes) -> Person | None:
    row = (
        ApiToken.objects.usable()
        .filter(digest=digest)
        .values_list("pk", "user__username", "user__is_staff", "expires_at", "last_used_at")
        .first()
    )
    if row is None:
        return None
    pk, username, is_staff, expires_at, last_used_at = row
    now = timezone.now()
    if last_used_at is None or now - last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=pk).update(last_used_at=now)
    seconds = MEMORY_SECONDS
    if expires_at is not None:
        seconds = min(seconds, (expires_at - now).total_seconds())
    if len(_remembered) >= MEMORY_SIZE:
        _remembered.clear()
    person = Person(user_id=username, is_staff=is_staff)
    _remembered[digest] = (time.monotonic() + seconds, person)
    return person


def _digest(token: str) -> bytes:
    """Tokens are 256 random bits, so a fast hash is enough: there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
