"""Live hints: who watches an agent hears of its new revisions; nobody else is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from agents_core import live
from agents_core.live import group_of
from tests.agents_core.agents import Counter, Plumbing

Announced = list[tuple[str, int]]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Announced:
    """What is announced, instead of publishing it."""
    seen: Announced = []
    monkeypatch.setattr(live, "announce", seen.extend)
    return seen


def test_a_commit_announces_the_new_revision(announced: Announced) -> None:
    Plumbing.of(1, "x").note("a")
    Plumbing.of(1, "x").note("b")

    assert announced == [("plumbing:1/x", 1), ("plumbing:1/x", 2)]


def test_a_dropped_command_announces_nothing(announced: Announced) -> None:
    with pytest.raises(RuntimeError):
        Plumbing.of(1, "x").fail()

    assert announced == []


def test_types_nobody_watches_are_not_announced(announced: Announced) -> None:
    Counter.of("a").add(1)

    assert announced == []


@pytest.mark.parametrize("agent_id", ["chat:a/b", "user:" + "x" * 500, "plumbing:1/%00ä"])
def test_every_agent_has_a_group_of_a_name_that_groups_may_have(agent_id: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,99}", group_of(agent_id))
    assert group_of(agent_id) != group_of(agent_id + "x")


def test_who_watches_hears_of_it() -> None:
    async def watch() -> dict[str, Any]:
        layer: Any = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group_of("plumbing:1/x"), channel)
        live.announce([("plumbing:2/x", 1), ("plumbing:1/x", 7)])
        heard: dict[str, Any] = await layer.receive(channel)
        await layer.group_discard(group_of("plumbing:1/x"), channel)
        await layer.flush()
        return heard

    assert async_to_sync(watch)() == {
        "type": "agent.changed",
        "agent_id": "plumbing:1/x",
        "revision": 7,
    }
