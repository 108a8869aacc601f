"""How much one caller may do in which time. Counted in Valkey, so all processes count together.

The window moves with the clock: whoever has used it up waits until the oldest of what they did is
out of it. All that a request counts for is one question to Valkey. Without Valkey nothing is
limited (signing in is: allauth counts by itself, and refuses when it cannot), for a limit is there
to protect the service, not to end it.
"""

import ipaddress
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from redis import Redis, RedisError
from redis.commands.core import Script
from redis.exceptions import NoScriptError

from agents_core import AgentError

ASK_AGAIN_AFTER = 5.0
"""Seconds without limits after Valkey was found away: finding out may cost a request a second."""

# Each key is a list of times, the newest first. Either all are counted or, where one is full, none:
# then the answer is which, and the time that has to leave it first.
TAKE = """
local now = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local oldest = redis.call('lindex', key, ARGV[2 * i] - 1)
  if oldest and tonumber(oldest) > now - ARGV[2 * i + 1] then return {i, oldest} end
end
for i, key in ipairs(KEYS) do
  redis.call('lpush', key, ARGV[1])
  redis.call('ltrim', key, 0, ARGV[2 * i] - 1)
  redis.call('expire', key, ARGV[2 * i + 1])
end
return false
"""

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
        take([(self, who)])


def take(counts: Sequence[tuple[Limit, str]]) -> None:
    """Count one more of each, or, where one is used up, none."""
    if not settings.RATE_LIMITS or _away.is_away():
        return
    now = time.time()
    keys = [f"agora:limit:{limit.what}:{limit.seconds}:{who}" for limit, who in counts]
    numbers = [number for limit, _ in counts for number in (limit.amount, limit.seconds)]
    try:
        full = _ask(keys, [now, *numbers])
    except RedisError as error:
        _away.note(error)
        return
    if full is None:
        return
    limit = counts[full[0] - 1][0]
    wait = max(1, math.ceil(float(full[1]) + limit.seconds - now))
    raise TooManyRequests(
        what=limit.what, limit=limit.amount, window=in_words(limit.seconds), retry_after=wait
    )


class _Away:
    """Whether Valkey was away a moment ago."""

    def __init__(self) -> None:
        self.until = 0.0

    def is_away(self) -> bool:
        return time.monotonic() < self.until

    def note(self, error: RedisError) -> None:
        self.until = time.monotonic() + ASK_AGAIN_AFTER
        logger.warning("Nothing is limited for %.0f s: %s", ASK_AGAIN_AFTER, error)


_away = _Away()


@cache
def _script() -> Script:
    valkey = Redis.from_url(settings.REDIS_URL, socket_timeout=1.0, socket_connect_timeout=1.0)
    return Script(valkey, TAKE)


def _ask(keys: list[str], numbers: list[float]) -> tuple[int, bytes] | None:
    script = _script()
    valkey = script.registered_client
    try:
        answer: Any = valkey.evalsha(script.sha, len(keys), *keys, *numbers)
    except NoScriptError:  # Valkey has started anew
        answer = valkey.eval(TAKE, len(keys), *keys, *numbers)
    return (answer[0], answer[1]) if answer else None


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
