"""What operators call, by names and JSON."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID

import pytest

from agents_core import ArgumentsNotValid, Caller, calling, clock, operators
from agents_core.errors import (
    IdempotencyKeyReused,
    UnknownMethod,
)
from agents_core.testing import freeze, step
from tests.agents_core.agents import Counter, TooMuch, View
from tests.agents_core.racing import together


def test_it_calls_queries_and_commands_by_name() -> None:
    assert operators.invoke("counter:a", "add", {"amount": 4}) == 4
    assert operators.invoke("counter:a", "get_state") == {"count": 4, "seen": []}
    assert operators.invoke("counter:a", "forget") is None


def test_it_calls_ephemeral_agents() -> None:
    Counter.of("a").add()
    Counter.of("b").add()

    assert operators.invoke("view:v", "total", {"names": ["a", "b"]}) == 2


def test_it_takes_arguments_as_json() -> None:
    at = "2030-01-01T00:00:00Z"

    operators.invoke("counter:a", "later", {"other": "b", "at": at, "name": "n"})

    (planned,) = operators.messages("counter:b").items
    assert planned.at is not None
    assert planned.at.isoformat() == "2030-01-01T00:00:00+00:00"


@pytest.mark.parametrize("method", ["nothing", "counting", "trigger", "id", "__init__"])
def test_it_calls_nothing_but_queries_and_commands(method: str) -> None:
    with pytest.raises(UnknownMethod):
        operators.invoke("counter:a", method)
    with pytest.raises(UnknownMethod):
        operators.trigger("counter:a", method)


@pytest.mark.parametrize("args", [{"amount": "many"}, {"amount": 1, "more": 2}])
def test_it_refuses_arguments_that_do_not_fit(args: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsNotValid):
        operators.invoke("counter:a", "add", args)
    with pytest.raises(ArgumentsNotValid):
        operators.trigger("counter:a", "add", args)
    with pytest.raises(ArgumentsNotValid):
        operators.invoke("counter:a", "get", args)

    assert operators.messages("counter:a").items == []


def test_it_sends_by_name() -> None:
    id_ = operators.trigger("counter:a", "add", {"amount": 2})

    (mail,) = operators.messages("counter:a").items
    assert mail.message_id == id_
    step()
    assert Counter.of("a").get() == 2


def test_it_schedules_by_name() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        id_ = operators.trigger("counter:a", "add", at=time.now + timedelta(minutes=1))
        (planned,) = operators.messages("counter:a").items
        assert (planned.kind, planned.message_id) == ("schedule", id_)
        step()
        assert Counter.of("a").get() is None
        time.tick(60)
        step()
        assert Counter.of("a").get() == 1


@pytest.mark.parametrize("at", [None, "later"])
def test_only_commands_of_durable_agents_can_be_sent(at: str | None) -> None:
    moment = clock.now() if at else None
    for agent_id, method in (("counter:a", "get"), ("view:v", "facts")):
        with pytest.raises(UnknownMethod):
            operators.trigger(agent_id, method, at=moment)


def test_message_ids_are_uuids_and_in_the_order_sent() -> None:
    sent = [operators.trigger("counter:a", "add") for _ in range(3)]

    assert sorted(sent) == sent
    assert {UUID(one).version for one in sent} == {7}


# exactly once


def test_a_scheduled_command_with_a_key_is_scheduled_once() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        answers = []
        for _ in range(2):
            with calling(Caller("op"), key="k") as call:
                at = time.now.replace(hour=13, minute=0)
                answers.append(operators.trigger("counter:a", "add", at=at))
            time.tick(3600)
            step()
        assert answers[0] == answers[1]
        assert call.replayed
        assert Counter.of("a").get() == 1


def test_a_query_with_a_key_gives_its_first_answer_again() -> None:
    Counter.of("a").add()
    answers = []
    for _ in range(2):
        with calling(Caller("op"), key="k") as call:
            answers.append(operators.invoke("counter:a", "get"))
        Counter.of("a").add(5)

    assert answers == [1, 1]
    assert call.replayed
    assert operators.invoke("counter:a", "get") == 11


def test_an_ephemeral_agent_with_a_key_does_its_work_once() -> None:
    answers = []
    for _ in range(2):
        with calling(Caller("op"), key="k") as call:
            answers.append(operators.invoke("view:v", "count_in", {"name": "a"}))
        Counter.of("a").add(10)

    assert answers == [1, 1]
    assert call.replayed
    assert Counter.of("a").get() == 21


def test_it_does_its_work_once_even_if_its_answer_was_not_kept() -> None:
    def lost(*_: Any) -> Any:
        raise RuntimeError("killed here")

    with (
        mock.patch("agents_core.answers._keep", lost),
        pytest.raises(RuntimeError),
        calling(Caller("op"), key="k"),
    ):
        operators.invoke("view:v", "count_in", {"name": "a"})
    assert Counter.of("a").get() == 1

    with calling(Caller("op"), key="k") as call:
        assert operators.invoke("view:v", "count_in", {"name": "a"}) == 1
    assert not call.replayed  # this is the first answer it gave
    assert Counter.of("a").get() == 1


def test_two_at_once_with_one_key_get_one_answer() -> None:
    both = threading.Barrier(2, timeout=30)

    def ask() -> Any:
        with calling(Caller("op"), key="k"):
            return operators.invoke("view:v", "chance_together")

    with mock.patch.object(View, "meet", both.wait):
        answers = together(ask, ask)

    assert answers[0] == answers[1]


def test_a_refusal_of_a_query_is_given_again_too() -> None:
    for _ in range(2):
        with pytest.raises(TooMuch), calling(Caller("op"), key="k") as call:
            operators.invoke("view:v", "refuse", {"amount": 3})
    assert call.replayed


def test_the_same_key_with_other_arguments_is_refused() -> None:
    with calling(Caller("op"), key="k"):
        operators.invoke("view:v", "total", {"names": []})
    with pytest.raises(IdempotencyKeyReused), calling(Caller("op"), key="k"):
        operators.invoke("view:v", "total", {"names": ["a"]})
