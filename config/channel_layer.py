"""The channel layer of `live`: that of channels_redis, made for thousands of sockets.

A socket listens to half a dozen groups. Valkey is told of as many as have come together while it
was told of others before, and nothing of channels: nobody sends to one from another process.
"""

import asyncio
from typing import Any

from channels_redis.pubsub import (
    RedisPubSubChannelLayer,
    RedisPubSubLoopLayer,
    RedisSingleShardConnection,
)
from channels_redis.utils import _wrap_close, decode_hosts


class Shard(RedisSingleShardConnection):  # type: ignore[misc]
    """The connection to one Valkey: what is to be listened to, and what of it has been said."""

    def __init__(self, host: Any, channel_layer: Any) -> None:
        super().__init__(host, channel_layer)
        self._wanted: set[str] = set()
        self._changed: set[str] = set()

    async def subscribe(self, channel: str) -> None:
        """Listen to a group; Valkey has been told when this returns."""
        self._wanted.add(channel)
        await self._say(channel)

    async def unsubscribe(self, channel: str) -> None:
        """Listen to it no more."""
        self._wanted.discard(channel)
        await self._say(channel)

    async def flush(self) -> None:
        """Begin anew, listening to nothing."""
        self._wanted.clear()
        self._changed.clear()
        await super().flush()

    async def _say(self, channel: str) -> None:
        self._changed.add(channel)
        async with self._lock:
            changed, self._changed = self._changed, set()
            if not changed:
                return  # who held the lock before said it for us
            said = self._subscribed_to
            try:
                self._ensure_redis()
                self._ensure_receiver()
                if begin := changed & self._wanted - said:
                    await self._pubsub.subscribe(*begin)
                    said |= begin
                if end := (changed & said) - self._wanted:
                    await self._pubsub.unsubscribe(*end)
                    said -= end
            except BaseException:
                self._changed |= changed
                raise


class LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]
    """The layer of one event loop."""

    def __init__(self, hosts: Any, prefix: str, channel_layer: Any) -> None:
        super().__init__(hosts=hosts, prefix=prefix, channel_layer=channel_layer)
        self._shards = [Shard(host, self) for host in decode_hosts(hosts)]

    async def _subscribe_to_channel(self, channel: str) -> None:
        self.channels[channel] = asyncio.Queue()


class ChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """To be named as `BACKEND`; a drop-in for the class it is made of."""

    def _get_layer(self) -> LoopLayer:
        loop = asyncio.get_running_loop()
        layer: LoopLayer | None = self._layers.get(loop)
        if layer is None:
            layer = self._layers[loop] = LoopLayer(**self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        return layer
