"""What operators see of one message, of an agent's settings, and of what operators did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from agents_core import clock, operations, operators
from agents_core.collections import CursorNotValid
from agents_core.shown import OperationView
from agents_core.testing import freeze, step
from tests.agents_core.counter import Counter
from tests.agents_core.outside import PostOffice, world


@pytest.fixture(autouse=True)
def whole_world() -> Iterator[None]:
    world.reset()
    yield
    world.reset()


def test_it_shows_the_environment_that_methods_read() -> None:
    Counter.of("a").created_with({"flavour": "oat"})
    Counter.of("b").add()

    assert operators.show("counter:a").environment == {"flavour": "oat"}
    assert operators.show("counter:b").environment == {}


def test_an_agent_made_anew_has_another_incarnation() -> None:
    Counter.of("a").add()
    first = operators.show("counter:a").incarnation
    Counter.of("a").add()
    assert operators.show("counter:a").incarnation == first

    operations.delete("counter:a", by="ann")
    Counter.of("a").add()

    assert operators.show("counter:a").incarnation != first


def test_it_finds_one_message_whatever_became_of_it() -> None:
    world.broken = [ValueError("wrong")]
    effect = PostOffice.of("a").trigger.send("x")
    dead = Counter.of("a").trigger.fail("no luck")
    step()
    waits = Counter.of("a").trigger.add(1)
    Counter.of("a").schedule(at=clock.now() + timedelta(days=1), name="nightly").add(2)

    def kind(agent_id: str, message_id: object) -> str | None:
        found = operators.find_mail(agent_id, str(message_id))
        assert found is None or found.message_id == str(message_id)
        return found and found.kind

    assert kind("counter:a", waits) == "message"
    assert kind("counter:a", "nightly") == "schedule"
    assert kind("counter:a", dead) == "dead_letter"
    assert kind("post-office:a", effect) == "failed_effect"
    assert kind("counter:b", waits) is None
    assert kind("counter:a", uuid4()) is None
    assert kind("counter:a", "weekly") is None


def everything(agent_id: str | None) -> list[OperationView]:
    found, cursor = list[OperationView](), None
    while True:
        page = operators.operations(agent_id, cursor=cursor, limit=2)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_it_tells_who_did_what_the_newest_first_page_by_page() -> None:
    for name in "ab":
        Counter.of(name).add()
    id_ = str(Counter.of("a").trigger.add(1))
    with freeze("2026-03-01T12:00:00Z"):  # all at one moment
        operations.interrupt("counter:b", by="bob")
        operations.interrupt("counter:a", by="ann")
        operations.cancel("counter:a", id_, by="ann")
        operations.delete("counter:a", by="zoe")

    done = [(one.who, one.operation, one.agent_id) for one in everything(None)]

    assert sorted(done) == [
        ("ann", "cancel", "counter:a"),
        ("ann", "interrupt", "counter:a"),
        ("bob", "interrupt", "counter:b"),
        ("zoe", "delete", "counter:a"),
    ]
    of_one = everything("counter:a")
    assert [one.operation for one in of_one] == [w for _, w, who in done if who == "counter:a"]
    (cancelled,) = (one for one in of_one if one.operation == "cancel")
    assert cancelled.details == {"message": id_}


def test_operations_have_cursors_of_their_own() -> None:
    with pytest.raises(CursorNotValid):
        operators.operations(cursor="nonsense")
    assert operators.operations("counter:nobody").items == []
