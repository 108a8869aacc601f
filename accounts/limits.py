"""How much one caller may do in which time. Counted in Valkey, so all processes count together.

The window moves with the clock: whoever has used it up waits until the oldest of what they did is
out of it. Without Valkey nothing is limited (signing in is: allauth counts by itself, and refuses
when it cannot), for a limit is there to protect the service, not to end it.
"""

import ipaddress
import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from agents_core import AgentError

ASK_AGAIN_AFTER = 5.0
"""Seconds without limits after Valkey was found away: finding out may cost a request a second."""

logger = logging.getLogger("agora.limits")


class TooManyRequests(AgentError):
    """Too much at once: at most {limit} {what} in {window}. Wait {retry_after} s."""

    code = "too_many_requests"
    status = 429


def headers(facts: Mapping[str, Any]) -> dict[str, str]:
    """What an answer with that refusal says to programs."""
    wait = str(facts["retry_after"])
    return {
        "Retry-After": wait,
        "RateLimit-Limit": str(facts["limit"]),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": wait,
    }


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many of something in so many seconds, for each caller."""

    what: str
    amount: int
    seconds: int

    def take(self, who: str) -> None:
        """Count one more for them, or refuse with `too_many_requests`; what is refused is not
        counted."""
        if not settings.RATE_LIMITS or _away.is_away():
            return
        item = RateLimitItemPerSecond(self.amount, self.seconds)
        try:
            if _limiter().hit(item, self.what, who):
                return
            opens = _limiter().get_window_stats(item, self.what, who).reset_time
        except StorageError as error:
            _away.note(error)
            return
        wait = max(1, math.ceil(opens - time.time()))
        raise TooManyRequests(
            what=self.what, limit=self.amount, window=in_words(self.seconds), retry_after=wait
        )


class _Away:
    """Whether Valkey was away a moment ago."""

    def __init__(self) -> None:
        self.until = 0.0

    def is_away(self) -> bool:
        return time.monotonic() < self.until

    def note(self, error: StorageError) -> None:
        self.until = time.monotonic() + ASK_AGAIN_AFTER
        logger.warning("Nothing is limited for %.0f s: %s", ASK_AGAIN_AFTER, error)


_away = _Away()


@cache
def _limiter() -> MovingWindowRateLimiter:
    storage = RedisStorage(
        settings.REDIS_URL,
        key_prefix="agora:limit",
        wrap_exceptions=True,
        socket_timeout=1.0,
        socket_connect_timeout=1.0,
    )
    return MovingWindowRateLimiter(storage)


def in_words(seconds: int) -> str:
    """A window as one says it: `a minute`, `15 minutes`, `an hour`."""
    if seconds == 3600:
        return "an hour"
    minutes = seconds // 60
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def address_of(request: HttpRequest) -> str:
    """Where a request comes from. A line at home has a whole /64 of IPv6: that counts as one, and
    so do all whose server does not tell."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except PermissionDenied:  # behind a socket file, for one
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
