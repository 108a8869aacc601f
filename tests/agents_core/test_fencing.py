"""Timeouts make a row lock a lease: the database takes it from who stands still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agents_core import AgentUnavailable, execution
from agents_core.mailbox import drain
from tests.agents_core import counter
from tests.agents_core.counter import Counter
from tests.agents_core.racing import dead, in_own_process, locked, mail, started


def test_a_worker_that_stands_still_loses_its_lock_and_writes_nothing(settings: Any) -> None:
    settings.AGENTS = {"HINTS": False, "LEASE_MS": 300}
    Counter.of("a").add(1)
    Counter.of("a").trigger.stall()
    stalled = started(lambda: drain(["counter:a"]))
    assert counter.stalling.wait(30)

    # waits for the lock, gets it from the database, and takes over: the event lets it pass
    counter.stalling.clear()
    other = started(lambda: drain(["counter:a"]))
    assert counter.stalling.wait(30)
    counter.go_on.set()
    other.result(30)
    stalled.result(30)

    assert Counter.of("a").get_seen() == ["stalled"]
    assert Counter.of("a").get() == 2
    assert mail("counter:a") == dead("counter:a") == []


def test_a_call_that_was_fenced_off_runs_again_unnoticed(settings: Any) -> None:
    settings.AGENTS = {"HINTS": False, "LEASE_MS": 300}
    Counter.of("a").add(1)
    call = started(lambda: in_own_process(Counter.of("a"), "stall"))
    assert counter.stalling.wait(30)
    counter.go_on.wait(0)

    # the lock is free once the database has ended the stalled session
    assert started(lambda: in_own_process(Counter.of("a"), "add", 1)).result(30) == 2
    counter.go_on.set()

    assert call.result(30) == 3
    assert Counter.of("a").get() == 3


@pytest.mark.parametrize("run", [in_own_process, lambda handle, _, n: handle.add(n)])
def test_who_waits_too_long_for_a_lock_is_told_that_it_is_busy(
    settings: Any, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]
) -> None:
    settings.AGENTS = {"HINTS": False, "STATEMENT_MS": 100}
    monkeypatch.setattr(execution, "TRIES", 2)
    started(lambda: Counter.of("a").add(1)).result(30)
    with locked("counter:a"):
        call = started(lambda: run(Counter.of("a"), "add", 1))
        with pytest.raises(AgentUnavailable, match="busy") as refused:
            call.result(30)

    assert refused.value.status == 503
    assert Counter.of("a").get() == 1


def test_mail_that_waits_too_long_for_a_lock_is_not_blamed(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AGENTS = {"HINTS": False, "STATEMENT_MS": 100}
    monkeypatch.setattr(execution, "TRIES", 2)
    Counter.of("a").add(1)
    Counter.of("a").trigger.add(1)
    with locked("counter:a"):
        started(lambda: drain(["counter:a"])).result(30)

    assert mail("counter:a") == [("add", 0)]
