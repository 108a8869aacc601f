"""API tokens: made, recognised and revoked here.

Recognising a token is on the path of every API request, so each process remembers for a few
seconds whom a token belongs to; a token revoked elsewhere stops working within that time.
"""

import hashlib
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from accounts import door
from accounts.caller import Person
from accounts.models import ApiToken, User

PREFIX = "agora_"  # lets secret scanners and people recognise a leaked token
SHOWN = len(PREFIX) + 6

MEMORY_SECONDS = 3.0
MEMORY_SIZE = 20_000  # of some 300 bytes; beyond it everything is forgotten and asked again
USE_NOTED_EVERY = timedelta(minutes=1)  # "last used" to the minute costs a write a minute

# As `ApiToken.objects.usable()` says it. Written out, as most requests ask this: to put the query
# together each time would cost more than many a request's own work.
_USABLE = """
    SELECT token.id, token.digest, token.scopes, token.expires_at, token.last_used_at,
           account.username, account.is_staff
    FROM accounts_apitoken AS token
    JOIN accounts_user AS account ON account.id = token.user_id
    WHERE token.digest = ANY(%s) AND token.revoked_at IS NULL AND account.is_active
      AND (token.expires_at IS NULL OR token.expires_at > statement_timestamp())
"""
# Nobody waits for the disk: what a crash forgets of this is noted again within the minute.
_NOTE_USE = """
    WITH lazily AS (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE accounts_apitoken SET last_used_at = %s FROM lazily WHERE id = ANY(%s)
"""

_remembered: dict[bytes, tuple[float, Person]] = {}


def create(
    user: User, name: str, *, scopes: str = "", expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token; the text is returned here and can never be had again. Without scopes it may
    all that its owner may."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=token[:SHOWN],
        digest=digest_of(token),
        scopes=scopes,
        expires_at=expires_at,
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
    return people_with([token])[0]


def people_with(tokens: Sequence[str]) -> list[Person | None]:
    """The same of many. What is not remembered is looked up with one statement."""
    return people_with_digests([digest_of(token) for token in tokens])


def people_with_digests(digests: Sequence[bytes]) -> list[Person | None]:
    """The same of who knows but the hashes."""
    now = time.monotonic()
    people: dict[bytes, Person] = {}
    asked: list[bytes] = []
    for digest in digests:
        known = _remembered.get(digest)
        if known is not None and known[0] > now:
            people[digest] = known[1]
        else:
            asked.append(digest)
    if asked:
        people |= _look_up(asked)
    return [people.get(digest) for digest in digests]


def _look_up(digests: list[bytes]) -> dict[bytes, Person]:
    with connection.cursor() as cursor:
        cursor.execute(_USABLE, [digests])
        rows = cursor.fetchall()
    if len(_remembered) + len(digests) > MEMORY_SIZE:
        _remembered.clear()
    now = timezone.now()
    found: dict[bytes, Person] = {}
    used: list[int] = []
    for pk, digest, scopes, expires_at, last_used_at, username, is_staff in rows:
        if last_used_at is None or now - last_used_at >= USE_NOTED_EVERY:
            used.append(pk)
        seconds = MEMORY_SECONDS
        if expires_at is not None:
            seconds = min(seconds, (expires_at - now).total_seconds())
        person = Person(username, is_staff)
        if scopes:
            may = frozenset(scopes.split())
            person = Person(username, is_staff and "admin:read" in may, may)
        found[bytes(digest)] = person
        _remembered[bytes(digest)] = (time.monotonic() + seconds, person)
    if used:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_USE, [now, used])
    return found


def digest_of(token: str) -> bytes:
    """Tokens are 256 random bits, so a fast hash is enough: there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
