"""Updates of many agents: some first, paused when they fail, resumed where they were."""

from __future__ import annotations

import logging
from typing import Any
from unittest import mock

import psycopg
import pytest
from pydantic import JsonValue

from agents_core import operations, operators, rollouts, store, tasks
from agents_core.errors import NoSuchRollout, RolloutNotAllowed, UnknownAgentType, UpdateRefused
from agents_core.models import Agent
from agents_core.testing import freeze
from tests.agents_core.jugs import Decilitres, Jug, jug2
from tests.agents_core.racing import rows

pytestmark = pytest.mark.usefixtures("definitions")
ANN, BOB = "ann", "bob"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")


def jugs(number: int) -> None:
    for index in range(number):
        Jug.of(f"j{index:03}").pour(1)


def updated() -> list[str]:
    return sorted(Agent.objects.filter(type="jug", version=2).values_list("id", flat=True))


def breaks_for(*names: str) -> Any:
    """A `load_snapshot` that fails for jugs of these names."""

    def load_snapshot(self: Any, snapshot: JsonValue) -> None:
        if self.name in names:
            raise ValueError("it leaks")
        assert isinstance(snapshot, dict)
        self.state = Decilitres(decilitres=10 * snapshot["litres"])

    return load_snapshot


def test_all_agents_of_the_type_are_updated_and_nobody_else() -> None:
    jugs(30)
    newest = jug2()
    newest.of("new").pour(1)

    *_, last = rollouts.follow(rollouts.start("jug", 2, "manual", by=ANN))

    assert (last.status, last.total, last.updated, last.failed) == ("done", 30, 30, 0)
    assert len(updated()) == 31
    assert newest.of("j007").volume() == "10 dl"


def test_one_that_cannot_be_written_takes_no_prepared_statements_along() -> None:
    jugs(1)
    jug2()
    rollouts.start("jug", 2, "manual", by=ANN)

    with pytest.raises(psycopg.DataError):
        rollouts.start("jug", 2, "manual", by="\0")

    assert Jug.of("j000").pour(1)


def test_a_share_goes_first() -> None:
    jugs(200)
    jug2()
    id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0.1)

    rollouts.advance(id_, limit=200)

    first = updated()
    assert 5 < len(first) < 40
    assert first != [f"jug:j{index:03}" for index in range(len(first))]  # nor the first by name
    assert not rollouts.progress(id_).in_canary
    *_, last = rollouts.follow(id_)
    assert (last.updated, len(updated())) == (200, 200)


def test_it_pauses_when_too_many_fail_and_goes_on_when_told() -> None:
    jugs(40)
    names = [f"j{index:03}" for index in range(3, 20)]
    jug2(load_snapshot=breaks_for(*names))
    id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0, max_failures=0.2)

    *_, paused = rollouts.follow(id_)

    assert (paused.status, paused.updated, paused.failed) == ("paused", 3, 2)
    assert paused.last_error == "jug:j004: ValueError: it leaks"
    rollouts.advance(id_)
    assert len(updated()) == 3
    while rollouts.progress(id_).status == "paused":
        rollouts.resume(id_, by=ANN)
        list(rollouts.follow(id_))
    assert rollouts.progress(id_).status == "done"
    assert len(updated()) == 40 - len(names)
    assert Jug.of("j004").volume() == "1 l"


def test_few_failures_do_not_stop_it() -> None:
    jugs(40)
    jug2(load_snapshot=breaks_for("j001"))

    *_, last = rollouts.follow(rollouts.start("jug", 2, "manual", by=ANN, max_failures=0.25))

    assert (last.status, last.updated, last.failed) == ("done", 39, 1)


def test_the_sweeper_takes_one_further_whose_process_is_gone() -> None:
    jugs(60)
    jug2()
    with freeze("2026-03-01T12:00:00Z") as time:
        id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0)
        rows("UPDATE agents_core_rollout SET claimed_until = %s", time.now)
        time.tick(-1)
        tasks.sweep()
        assert updated() == []  # somebody seems to be at it

        time.tick(2)
        tasks.sweep()
        assert len(updated()) == 50
        tasks.sweep()

    assert rollouts.progress(id_).status == "done"
    assert len(updated()) == 60


def test_what_a_process_that_died_had_updated_is_counted_once() -> None:
    jugs(4)
    jug2(load_snapshot=breaks_for("j003"))
    operations.interrupt("jug:j002", by=ANN)
    with freeze("2026-03-01T12:00:00Z") as time:
        id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0, max_failures=1)
        died = mock.patch.object(store, "move_rollout", side_effect=psycopg.OperationalError)
        with died, pytest.raises(psycopg.OperationalError):
            rollouts.advance(id_)
        assert not rollouts.advance(id_)

        time.tick(31)
        *_, last = rollouts.follow(id_)

    assert (last.status, last.updated, last.failed, last.waiting) == ("done", 2, 1, 1)


def test_a_process_that_stood_still_has_no_say_any_more() -> None:
    jugs(4)
    jug2()
    update, stood = operations.update, []

    def stand_still(*args: Any, **kwargs: Any) -> Any:
        if not stood:
            stood.append(args)
            time.tick(31)
            list(rollouts.follow(id_))
        return update(*args, **kwargs)

    with freeze("2026-03-01T12:00:00Z") as time:
        id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0)
        with mock.patch.object(operations, "update", stand_still):
            rollouts.advance(id_, limit=1)

    last = rollouts.progress(id_)
    assert stood
    assert (last.status, last.updated, last.failed) == ("done", 4, 0)


def test_it_can_be_paused_and_is_then_left_alone() -> None:
    jugs(60)
    jug2()
    id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0)
    rollouts.advance(id_)
    rollouts.pause(id_, by=BOB)

    tasks.sweep()

    assert len(updated()) == 50
    with pytest.raises(RolloutNotAllowed, match="paused"):
        rollouts.pause(id_, by=BOB)
    rollouts.resume(id_, by=ANN)
    tasks.sweep()
    assert len(updated()) == 60


def test_who_did_what_to_it_is_recorded() -> None:
    jugs(60)
    jug2()
    id_ = rollouts.start("jug", 2, "manual", by=ANN, canary=0)
    rollouts.advance(id_)
    rollouts.pause(id_, by=BOB)
    with pytest.raises(RolloutNotAllowed):
        rollouts.pause(id_, by=BOB)

    steps = [one for one in operators.operations(limit=200).items if one.agent_id == "jug"]

    assert [(one.who, one.operation, one.details["step"]) for one in steps] == [
        (BOB, "update", "pause"),
        (ANN, "update", "start"),
    ]
    assert {one.details["rollout"] for one in steps} == {id_}


def test_interrupted_agents_are_left_waiting() -> None:
    jugs(3)
    operations.interrupt("jug:j001", by=ANN)
    jug2()

    *_, last = rollouts.follow(rollouts.start("jug", 2, "manual", by=ANN))

    assert (last.updated, last.waiting) == (2, 1)


def test_it_is_for_those_asked_for() -> None:
    jugs(4)
    for name in ("jug:j001", "jug:j002"):
        operations.interrupt(name, by=ANN)
    jug2()

    *_, last = rollouts.follow(rollouts.start("jug", 2, "manual", by=ANN, status="interrupted"))
    assert (last.total, last.waiting, updated()) == (2, 2, [])

    *_, last = rollouts.follow(rollouts.start("jug", 2, "manual", by=ANN, from_version=7))
    assert (last.total, last.status) == (0, "done")


def test_what_cannot_be_is_refused_at_once() -> None:
    jugs(1)

    with pytest.raises(UpdateRefused, match=r"has the versions \[1\]"):
        rollouts.start("jug", 2, "manual", by=ANN)
    with pytest.raises(UnknownAgentType):
        rollouts.start("jugs", 2, "manual", by=ANN)
    with pytest.raises(NoSuchRollout):
        rollouts.progress("7")
    assert rollouts.newest() == []
