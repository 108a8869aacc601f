"""Live hints: after a commit, who watches an agent hears of its new revision, and of what was put
into its live collection: who knows the revision before need not read the agent.

Published to channel-layer groups from a thread with an event loop of its own. Agents nobody watches
are skipped: Valkey knows who listens. A dropped hint heals on the next one or on reconnect.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import redis.asyncio
from channels.layers import get_channel_layer
from django.conf import settings

from agents_core.config import options
from agents_core.drafts import Change

logger = logging.getLogger(__name__)

FEW = 10
"""So few groups are not worth the question: telling nobody costs no more than asking."""
AT_ONCE = 500
"""How many groups Valkey is asked about, and told of, in one go."""
ITEMS_AT_MOST = 20
"""How many items a hint carries; who watches an agent that gets more at once reads it."""


def group_of(agent_id: str) -> str:
    """The channel-layer group of those who watch an agent; ids may hold what groups may not."""
    return f"agent.{hashlib.blake2b(agent_id.encode(), digest_size=16).hexdigest()}"


class Announcer:
    """Publishes revisions from an event loop in a thread started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Change] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy = False
        self._valkey = redis.asyncio.Redis.from_url(settings.REDIS_URL)

    def add(self, changed: Iterable[Change]) -> None:
        """Announce revisions, soon; several of one agent as one."""
        with self._lock:
            for change in changed:
                earlier = self._waiting.get(change.agent_id)
                self._waiting[change.agent_id] = joined(earlier, change) if earlier else change
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="live", daemon=True).start()
            if not self._busy:
                self._busy = True
                asyncio.run_coroutine_threadsafe(self._publish_all(), self._loop)

    async def _publish_all(self) -> None:
        while True:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
                if not waiting:
                    self._busy = False
                    return
            try:
                await self._publish(waiting)
            except (redis.RedisError, OSError) as error:
                logger.warning("%d live hints lost, Valkey is away: %s", len(waiting), error)
            except Exception:  # one odd answer of Valkey must not end all live hints
                logger.exception("%d live hints lost", len(waiting))

    async def _publish(self, waiting: dict[str, Change]) -> None:
        # A group of the pub/sub layer is one Valkey channel, which the layer names by a method of
        # its own; it has no public one, nor one that publishes many messages in one go.
        layer: Any = get_channel_layer()
        naming = layer._get_layer()._get_group_channel_name
        channels = {naming(group_of(agent_id)): agent_id for agent_id in waiting}
        watched = await self._watched(list(channels))
        for start in range(0, len(watched), AT_ONCE):
            messages = self._valkey.pipeline(transaction=False)
            for channel in watched[start : start + AT_ONCE]:
                change = waiting[channels[channel]]
                if change.put is not None and len(change.put) > ITEMS_AT_MOST:
                    change = change._replace(put=None)
                hint = {"type": "agent.changed", **change._asdict()}
                messages.publish(channel, layer.serialize(hint))
            await messages.execute()

    async def _watched(self, channels: list[str]) -> list[str]:
        """Which channels have a subscriber."""
        if len(channels) <= FEW:
            return channels
        watched = []
        for start in range(0, len(channels), AT_ONCE):
            some = channels[start : start + AT_ONCE]
            counts = await self._valkey.pubsub_numsub(*some)
            watched += [channel for channel, (_, n) in zip(some, counts, strict=True) if n]
        return watched


def joined(earlier: Change, later: Change) -> Change:
    """Two changes of one agent as one. With a gap between them, it has to be read."""
    if earlier.revision != later.before or earlier.put is None or later.put is None:
        newest = max(earlier.revision, later.revision)
        return later._replace(revision=newest, put=None)
    return later._replace(before=earlier.before, put=earlier.put + later.put)


@lru_cache(maxsize=1)
def _announcer() -> Announcer:
    return Announcer()


os.register_at_fork(after_in_child=_announcer.cache_clear)


def announce(changed: Iterable[Change]) -> None:
    """Tell who watches these agents of their new revisions."""
    if options().live:
        _announcer().add(changed)
