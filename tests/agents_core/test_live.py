"""Live hints: who watches an agent hears of its new revisions; nobody else is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from agents_core import Collection, DurableAgent, Parameter, command, live, watching
from agents_core.drafts import Change
from agents_core.errors import DefinitionError
from agents_core.live import group_of, joined
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter

Announced = list[Change]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Announced:
    """What is announced, instead of publishing it."""
    seen: Announced = []
    monkeypatch.setattr(live, "announce", seen.extend)
    return seen


def test_a_commit_announces_the_new_revision(announced: Announced) -> None:
    Plumbing.of(1, "x").note("a")
    Plumbing.of(1, "x").note("b")

    assert [(change.agent_id, change.before, change.revision) for change in announced] == [
        ("plumbing:1/x", 0, 1),
        ("plumbing:1/x", 1, 2),
    ]


def test_a_dropped_command_announces_nothing(announced: Announced) -> None:
    with pytest.raises(RuntimeError):
        Plumbing.of(1, "x").fail()

    assert announced == []


def test_types_nobody_watches_are_not_announced(announced: Announced) -> None:
    Counter.of("a").add(1)

    assert announced == []


class Feed(DurableAgent):
    """Live, with news."""

    name: Parameter[str]
    news = Collection(str, live=True)
    live = True
    oplog = "brief"

    @command
    def add(self, *, texts: list[str], fail: bool = False) -> None:
        for text in texts:
            self.news.put(text, text, sort=self.now())
        if fail:
            raise RuntimeError

    @command
    def remove(self, text: str) -> None:
        self.news.remove(text)

    @command
    def clear(self) -> None:
        self.news.clear()

    @command
    def look(self) -> None:
        """Change nothing."""


def test_what_is_put_into_a_live_collection_travels_along(announced: Announced) -> None:
    Feed.of("a").add(texts=["one", "two"])
    Feed.of("a").look()

    assert announced == [
        Change("feed:a", 0, 1, ['"one"', '"two"']),
        Change("feed:a", 1, 2, []),
    ]


@pytest.mark.parametrize("change", [lambda: Feed.of("a").remove("one"), Feed.of("a").clear])
def test_what_goes_from_a_live_collection_has_to_be_read(
    announced: Announced, change: Callable[[], None]
) -> None:
    change()

    assert [found.put for found in announced] == [None]


def test_what_a_dropped_command_put_is_not_told(announced: Announced) -> None:
    Feed.of("a").add(texts=["one"])
    announced.clear()
    with pytest.raises(RuntimeError):
        Feed.of("a").add(texts=["two"], fail=True)
    Feed.of("a").look()

    assert [found.put for found in announced] == [[], []]


def test_changes_that_follow_each_other_are_told_as_one() -> None:
    earlier, later = Change("feed:a", 3, 4, ["1"]), Change("feed:a", 4, 6, ["2"])
    assert joined(earlier, later) == Change("feed:a", 3, 6, ["1", "2"])


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (Change("feed:a", 3, 4, ["1"]), Change("feed:a", 5, 6, ["2"])),
        (Change("feed:a", 5, 6, ["2"]), Change("feed:a", 3, 4, ["1"])),
        (Change("feed:a", 3, 4, None), Change("feed:a", 4, 6, ["2"])),
        (Change("feed:a", 3, 4, ["1"]), Change("feed:a", 4, 6, None)),
    ],
)
def test_after_a_gap_the_agent_has_to_be_read(earlier: Change, later: Change) -> None:
    told = joined(earlier, later)
    assert (told.revision, told.put) == (6, None)


def test_a_type_has_one_live_collection_and_is_live() -> None:
    with pytest.raises(DefinitionError, match=r"Two: a, b with live=True"):

        class Two(DurableAgent):
            name: Parameter[str]
            live = True
            a = Collection(str, live=True)
            b = Collection(str, live=True)

            @command
            def run(self) -> None: ...

    with pytest.raises(DefinitionError, match=r"Quiet: a with live=True"):

        class Quiet(DurableAgent):
            name: Parameter[str]
            a = Collection(str, live=True)

            @command
            def run(self) -> None: ...


@pytest.mark.parametrize("agent_id", ["chat:a/b", "user:" + "x" * 500, "plumbing:1/%00ä"])
def test_every_agent_has_a_group_of_a_name_that_groups_may_have(agent_id: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,99}", group_of(agent_id))
    assert group_of(agent_id) != group_of(agent_id + "x")


def test_who_watches_hears_of_it() -> None:
    async def watch() -> dict[str, Any]:
        layer: Any = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group_of("plumbing:1/x"), channel)
        live.announce(
            [Change("plumbing:2/x", 0, 1, None), Change("plumbing:1/x", 6, 7, ['"news"'])]
        )
        heard: dict[str, Any] = await layer.receive(channel)
        await layer.group_discard(group_of("plumbing:1/x"), channel)
        await layer.flush()
        return heard

    assert async_to_sync(watch)() == {
        "type": "agent.changed",
        "agent_id": "plumbing:1/x",
        "before": 6,
        "revision": 7,
        "put": ['"news"'],
    }


def test_how_far_agents_are_is_seen_without_reading_them() -> None:
    Plumbing.of(1, "x").note("a")
    (before,) = watching.seen(["plumbing:1/x"])
    Plumbing.of(1, "x").note("b")
    after, nobody, again = watching.seen(["plumbing:1/x", "plumbing:1/y", "plumbing:1/x"])

    assert (before.revision, after.revision, nobody.revision) == (1, 2, 0)
    assert nobody.at < before.at < after.at
    assert again == after
