"""Groups of the channel layer: who listens hears, whatever came together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from channels.layers import get_channel_layer

PATIENCE = 30


@pytest_asyncio.fixture
async def layer() -> AsyncIterator[Any]:
    layer = get_channel_layer()
    yield layer
    await layer.flush()


async def heard(layer: Any, channel: str) -> str:
    message = await asyncio.wait_for(layer.receive(channel), PATIENCE)
    return str(message["text"])


async def test_many_who_join_and_leave_together_hear_what_is_theirs(layer: Any) -> None:
    channels = [await layer.new_channel() for _ in range(20)]
    groups = [f"g{number}" for number in range(20)]
    await asyncio.gather(*(layer.group_add(*pair) for pair in zip(groups, channels, strict=True)))
    leaving = zip(groups[:10], channels[:10], strict=True)
    joining = zip(groups[10:], channels[:10], strict=True)
    await asyncio.gather(
        *(layer.group_discard(*pair) for pair in leaving),
        *(layer.group_add(*pair) for pair in joining),
    )

    for number, group in enumerate(groups):
        await layer.group_send(group, {"text": str(number)})

    for number in range(10, 20):
        assert await heard(layer, channels[number]) == str(number)
        assert await heard(layer, channels[number - 10]) == str(number)


async def test_who_leaves_and_comes_back_hears(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.group_add("g", channel)
    await asyncio.gather(layer.group_discard("g", channel), layer.group_add("g", channel))
    await layer.group_send("g", {"text": "there"})
    assert await heard(layer, channel) == "there"
