"""Who is here: whoever has a socket open, and says so. A hint, kept in Valkey until it expires.

A socket says it anew about once a minute. Nobody says that they go: a page that is left for the
next one closes its socket, too.
"""

from functools import cache

import redis
from django.conf import settings

HERE_SECONDS = 100
"""More than a minute, so that a beat may come late."""


def room_of(user_id: str) -> str:
    """What sockets watch that want to know when this person comes. No agent has that type."""
    return f"here:{user_id}"


def stay(user_ids: list[str]) -> list[bool]:
    """Be here for some time more, each of them; of whom that is news."""
    try:
        with _valkey().pipeline(transaction=False) as together:
            for user_id in user_ids:
                together.set(_key(user_id), 1, ex=HERE_SECONDS, get=True)
            return [before is None for before in together.execute()]
    except redis.RedisError:
        return [False] * len(user_ids)


def here_among(user_ids: list[str]) -> set[str]:
    """Those of the people who are here; nobody while Valkey is away."""
    if not user_ids:
        return set()
    try:
        found = _valkey().mget([_key(user_id) for user_id in user_ids])
    except redis.RedisError:
        return set()
    return {user_id for user_id, is_here in zip(user_ids, found, strict=True) if is_here}


def _key(user_id: str) -> str:
    return f"agora:here:{user_id}"


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
