"""Tickets: a program that can send no header with a socket's handshake shows one instead.

One opens one socket, within half a minute; so it may stand in an address, where a token may not. It
stands for the credential it was asked for with: when that is gone, the socket closes.
"""

import hashlib
import secrets

from django.core.cache import cache
from redis import RedisError

from agents_core import AgentError

SECONDS = 30


class NoTickets(AgentError):
    """No tickets can be given for a moment: what keeps them is away. Try again."""

    code = "no_tickets"
    status = 503


def issue(credential: str) -> str:
    """A ticket that stands for this credential."""
    ticket = secrets.token_urlsafe(24)
    try:
        cache.set(_key(ticket), credential, SECONDS)
    except RedisError as error:
        raise NoTickets from error
    return ticket


def use(ticket: str) -> str | None:
    """The credential it stands for; None for the second who shows it."""
    key = _key(ticket)
    try:
        credential: str | None = cache.get(key)
        # Of two at once only one deletes it.
        return credential if credential is not None and cache.delete(key) else None
    except RedisError:
        return None


def _key(ticket: str) -> str:
    return f"ticket:{hashlib.sha256(ticket.encode(errors='replace')).hexdigest()}"
