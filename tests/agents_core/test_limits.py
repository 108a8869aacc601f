"""Documents have a size; who breaks the limit is refused, alone."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from agents_core.errors import DocumentTooLarge
from agents_core.mailbox import prune
from agents_core.testing import freeze, step
from tests.agents_core.counter import Counter
from tests.agents_core.racing import oplog, rows

MEGABYTE = 1024 * 1024


def test_a_document_over_the_limit_is_refused() -> None:
    Counter.of("a").add(1)

    with pytest.raises(DocumentTooLarge) as refused:
        Counter.of("a").grow(MEGABYTE)

    assert refused.value.status == 413
    assert refused.value.facts["limit"] == MEGABYTE
    assert Counter.of("a").get_seen() == []


def test_of_a_batch_only_the_message_that_breaks_the_limit_is_refused() -> None:
    Counter.of("a").trigger.add(1, "before")
    Counter.of("a").trigger.grow(MEGABYTE)
    Counter.of("a").trigger.add(1, "after")
    Counter.of("b").trigger.add(1)
    step()

    assert Counter.of("a").get_seen() == ["before", "after"]
    assert [kind for kind, _ in oplog("counter:a")] == ["command", "refusal", "command"]
    assert Counter.of("b").get() == 1


def test_a_large_document_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "agents_core"):
        Counter.of("a").grow(100 * 1024)

    assert "counter:a: its document has" in caplog.text


def test_payloads_are_pruned_when_nobody_waits_for_them() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of_many(["a", "b"]).trigger.add(1)
        time.tick(7200)
        assert prune() == 0
        step()
        assert prune() == 1

    assert rows("SELECT 1 FROM agents_core_payload") == []


@pytest.mark.parametrize("knob", ["MAILBOX", "hintz"])
def test_settings_that_nobody_knows_are_named(settings: Any, knob: str) -> None:
    settings.AGENTS = {knob: 1}

    with pytest.raises(ValueError, match=knob.lower()):
        Counter.of("a").trigger.add(1)
    settings.AGENTS = {"HINTS": False}
