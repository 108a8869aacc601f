"""What clients do, before and at an edge. A client that was killed does the same again, under the
same idempotency key; `NAME` is of the agents of one test alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings

from agents_core import clock, operations, retention, rollouts, store
from agents_core.models import DeadLetter
from agents_core.wire import Connection
from tests.faults.edges.agents import Pail, Saucer, Sieve
from tests.waiting import wait_for

Act = Callable[[str], object]
BY = "olga"
SAUCERS = 3


def flag(name: str) -> str:
    """The test makes this file when the killing is over."""
    return str(settings.VAR_DIR / "edges" / f"{name}.over")


def fill(name: str) -> None:
    Pail.of(name).fill()


def fill_twice(name: str) -> None:
    Pail.of(name).fill()
    Pail.of(name).fill()


def send_fill(name: str) -> None:
    Pail.of(name).trigger.fill()


def pour(name: str) -> None:
    Pail.of(name).pour(f"{name}-2")


def send_pour(name: str) -> None:
    Pail.of(name).trigger.pour(f"{name}-2")


def send_hand_on(name: str) -> None:
    Pail.of(name).trigger.hand_on([f"{name}-{n}" for n in (2, 3, 4)])


def plan(name: str) -> None:
    Pail.of(name).plan()


def schedule(name: str) -> None:
    Pail.of(name).schedule(at=clock.now() + timedelta(milliseconds=200), name="soon").fill()


def schedule_late(name: str) -> None:
    Pail.of(name).fill()
    Pail.of(name).schedule(at=clock.now() + timedelta(days=1), name="late").fill()


def unschedule(name: str) -> None:
    Pail.of(name).unschedule("late")


def ask(name: str) -> None:
    Pail.of(name).ask("run", flag(name))


def ask_drip(name: str) -> None:
    Pail.of(name).ask("drip", flag(name))


def ask_wait(name: str) -> None:
    Pail.of(name).ask("wait", flag(name))


def label(name: str) -> None:
    Pail.of(name).label()


def send_fall(name: str) -> None:
    Pail.of(name).trigger.fall(f"{flag(name)}.fallen")


def send_end(name: str) -> None:
    Pail.of(name).trigger.end()


def sift(name: str) -> None:
    Sieve.of(name).trigger.fill_when(flag(name))


# operations


def interrupt(name: str) -> None:
    operations.interrupt(Pail.of(name).id, by=BY)


def resume(name: str) -> None:
    operations.resume(Pail.of(name).id, by=BY)


def resume_and_fill(name: str) -> None:
    resume(name)
    fill(name)


def fill_and_interrupt(name: str) -> None:
    """A drop in it, and one more that waits."""
    Pail.of(name).fill()
    interrupt(name)
    id_ = Pail.of(name).trigger.fill()
    Path(flag(name)).with_suffix(".id").write_text(id_)


def cancel(name: str) -> None:
    id_ = Path(flag(name)).with_suffix(".id").read_text()
    operations.cancel(Pail.of(name).id, id_, by=BY)


def fill_and_wait_for_all(name: str) -> None:
    """A drop in it, one scheduled, one that waits, one asked for."""
    Pail.of(name).schedule(at=clock.now() + timedelta(seconds=1)).fill()
    ask_wait(name)
    fill_and_interrupt(name)


def delete(name: str) -> None:
    operations.delete(Pail.of(name).id, by=BY)


def sift_in_vain(name: str) -> None:
    """A drop that was given up on."""
    sift(name)
    letters = DeadLetter.objects.filter(agent_id=Sieve.of(name).id)
    id_ = wait_for(letters.first, "a dead letter", patience=120).id
    Path(flag(name)).with_suffix(".id").write_text(str(id_))


def retry(name: str) -> None:
    Path(flag(name)).touch()  # it must not be given up on again meanwhile
    id_ = Path(flag(name)).with_suffix(".id").read_text()
    operations.retry(Sieve.of(name).id, id_, by=BY)


def retry_found(name: str) -> None:
    id_ = DeadLetter.objects.get(agent_id=Sieve.of(name).id).id
    operations.retry(Sieve.of(name).id, str(id_), by=BY)


def discard(name: str) -> None:
    id_ = Path(flag(name)).with_suffix(".id").read_text()
    operations.discard(Sieve.of(name).id, id_, by=BY)


def fill_and_label(name: str) -> None:
    fill(name)
    label(name)


def revert(name: str) -> None:
    operations.revert(Pail.of(name).id, last=1, by=BY)


def fill_and_revert(name: str) -> None:
    fill_twice(name)
    revert(name)


def prune(name: str) -> None:
    """Of all pails, which are out of use but for this one."""
    retention.prune(Pail.agent_type, days=0)


def update(name: str) -> None:
    operations.update(Pail.of(name).id, 1, "manual", by=BY)


def update_by_replay(name: str) -> None:
    operations.update(Pail.of(name).id, 1, "automatic", by=BY)


# rollouts


def fill_saucers(name: str) -> None:
    for number in range(SAUCERS):
        Saucer.of(f"{name}-{number}").fill()


def _rollout(name: str) -> rollouts.RolloutRow | None:
    """The one this test began; a client that cannot know looks."""
    return next((row for row in rollouts.newest() if row.by == Saucer.of(name).id), None)


def start_rollout(name: str) -> None:
    if _rollout(name) is None:
        rollouts.start("saucer", 1, "manual", by=Saucer.of(name).id, canary=0)


def start_paused(name: str) -> None:
    """One that is paused before the sweeper can take it further."""
    fill_saucers(name)
    add = store.add_rollout

    def add_paused(connection: Connection, row: store.RolloutRow, *args: Any) -> None:
        add(connection, replace(row, status="paused"), *args)

    with mock.patch.object(store, "add_rollout", add_paused):
        start_rollout(name)


def go_on(name: str) -> None:
    row = _rollout(name)
    if row is not None and row.status == "paused":
        rollouts.resume(str(row.id), by=BY)
