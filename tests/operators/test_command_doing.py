"""`manage.py agents`: what it does to agents, their mail and their versions."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from agents_core import clock, operators, rollouts
from agents_core.models import Operation
from agents_core.testing import step
from tests.agents_core.agents import Fragile
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2, jug_with_meter
from tests.agents_core.outside import PostOffice, world
from tests.operators.running import Run, dead_letter, usage_error

# agents' lives


def test_it_interrupts_and_resumes_those_named() -> None:
    Counter.of("a").add()

    assert Run("interrupt", "counter:a", "--by", "ann").out == "1 interrupted.\n"
    assert operators.show("counter:a").status == "interrupted"
    assert Run("resume", "counter:a", "--json").json["done"] == 1
    assert operators.show("counter:a").status == "idle"
    assert set(Operation.objects.values_list("operation", "who")) == {
        ("interrupt", "ann"),
        ("resume", getpass.getuser()),
    }


def test_it_interrupts_and_resumes_what_a_filter_finds() -> None:
    for name in "abc":
        Counter.of(name).add()
    Fragile.of("a").add()
    Counter.of("c").end()

    run = Run("interrupt", "--type", "counter", "--yes")

    assert (run.code, run.out) == (1, "2 interrupted.\n")
    assert "counter:c" in run.err
    assert "delete it to begin anew" in run.err
    assert operators.show("fragile:a").status == "idle"
    assert Run("resume", "--status", "interrupted", "--yes").out == "2 resumed.\n"


def test_one_that_is_refused_is_a_failure() -> None:
    run = Run("interrupt", "counter:nobody")

    assert (run.code, run.out) == (1, "")
    assert "There is no agent counter:nobody" in run.err


def test_it_deletes() -> None:
    Counter.of("a").add()
    Counter.of("b").add()

    assert Run("delete", "counter:a", "--yes").out == "1 deleted.\n"
    assert [one.agent_id for one in operators.list_agents().items] == ["counter:b"]
    Fragile.of("c").add()
    assert Run("delete", "--type", "counter", "--yes", "--json").json["done"] == 1
    assert [one.agent_id for one in operators.list_agents().items] == ["fragile:c"]


def test_it_reverts() -> None:
    for amount in (1, 2, 3):
        Counter.of("a").add(amount)

    assert Run("revert", "counter:a", "--last", "1").out == "Reverted. It has the revision 4 now.\n"
    assert Counter.of("a").get() == 3
    assert Run("revert", "counter:a", "--to", "1", "--by", "ann", "--json").json == {"revision": 5}
    assert Counter.of("a").get() == 1
    refused = Run("revert", "counter:a", "--to", "99")
    assert (refused.code, refused.err[:29]) == (1, "counter:a cannot be reverted:")
    assert operators.operations("counter:a").items[0].who == "ann"


ASKING = {
    ("delete", "fragile:a"): "Delete, with everything that belongs to them, 1 agent?",
    ("discard", "fragile:a"): "Throw away for good 1 dead letter?",
    ("cancel", "fragile:a"): "Cancel all that waits for 1 agent?",
    ("interrupt", "--type", "fragile"): "Interrupt 2 agents?",
    ("resume", "--query", "fragile"): "Resume 2 agents?",
    ("delete", "--waiting"): "Delete, with everything that belongs to them, 1 agent?",
    ("cancel", "--version", "1"): "Cancel all that waits for 2 agents?",
    ("retry", "--all"): "Retry 1 dead letter?",
    ("discard", "--type", "fragile"): "Throw away for good 1 dead letter?",
}


@pytest.mark.parametrize("arguments", ASKING, ids=" ".join)
def test_what_destroys_and_what_is_for_many_asks(arguments: tuple[str, ...]) -> None:
    Fragile.of("a").add()
    Fragile.of("b").add()
    dead_letter()
    Fragile.of("a").trigger.add()

    assert f"{ASKING[arguments]} Nobody is there to ask: add --yes." in usage_error(*arguments)
    asked: list[str] = []
    with people("n", asked):
        declined = Run(*arguments)
    assert (declined.code, declined.out, declined.err) == (1, "", "Nothing was done.")
    assert asked == [f"{ASKING[arguments]} [y/N] "]
    assert not Operation.objects.exists()
    with people("y", asked):
        assert Run(*arguments).code == 0
    assert Operation.objects.exists()


@pytest.mark.parametrize("subcommand", ["interrupt", "resume", "delete", "cancel"])
def test_where_the_filters_find_nothing_there_is_nothing_to_ask(subcommand: str) -> None:
    run = Run(subcommand, "--type", "counter")

    assert (run.code, run.out[:2]) == (0, "0 ")


def people(answer: str, asked: list[str]) -> Any:
    """Somebody at the terminal."""

    def reply(question: str) -> str:
        asked.append(question)
        return answer

    return mock.patch.multiple(
        "operators.command.asking",
        sys=mock.Mock(stdin=mock.Mock(isatty=lambda: True)),
        input=reply,
        create=True,
    )


# mail


def test_it_cancels_a_message() -> None:
    Counter.of("a").add()
    sent = operators.trigger("counter:a", "add")

    assert Run("cancel", "counter:a", sent, "--json").json == {"cancelled": True}
    assert Run("cancel", "counter:a", "nothing").code == 1
    done = operators.trigger("counter:a", "add")
    step()
    assert "has run" in Run("cancel", "counter:a", done).out
    assert Counter.of("a").get() == 2


def test_it_cancels_all_that_waits_for_some() -> None:
    Counter.of("a").add()
    for name in ("a", "a", "b"):
        Counter.of(name).trigger.add()
    operators.trigger("counter:a", "add", at=clock.now())

    assert Run("cancel", "--type", "counter", "--yes").out == "3 cancelled.\n"
    assert operators.messages("counter:a").items == []
    assert len(operators.messages("counter:b").items) == 1  # it does not exist yet
    assert Run("cancel", "counter:b", "--yes").out == "1 cancelled.\n"


def test_it_retries_dead_letters() -> None:
    message_id = dead_letter()
    assert Run("retry", "fragile:a", message_id).code == 0
    (mail,) = operators.messages("fragile:a").items
    assert mail.kind == "message"
    step()

    dead_letter("b")
    assert Run("retry", "fragile:a").out == "1 waiting again.\n"
    step()
    assert Run("retry", "--type", "counter").out == "0 waiting again.\n"
    assert Run("retry", "--type", "fragile", "--yes").out == "2 waiting again.\n"
    step()
    assert Run("retry", "--all", "--yes", "--json").json["done"] == 2


def test_it_retries_with_other_arguments() -> None:
    Fragile.of("a").trigger.fail_oddly("zz")
    step()
    (letter,) = operators.messages("fragile:a").items

    assert Run("retry", "fragile:a", letter.message_id, "--args", '{"message": "aa"}').code == 0

    (mail,) = operators.messages("fragile:a").items
    assert mail.args == {"message": "aa"}


def test_it_discards_dead_letters() -> None:
    message_id = dead_letter()
    assert Run("discard", "fragile:a", message_id, "--yes").out == "1 discarded.\n"
    assert Run("discard", "fragile:a", message_id, "--yes").code == 1
    for name in "ab":
        dead_letter(name)
    assert Run("discard", "--all", "--yes", "--json").json["done"] == 2
    assert operators.dead_letters().items == []


@pytest.fixture
def broken_world() -> Iterator[None]:
    """Whatever effects talk to, is broken."""
    world.reset()
    world.broken = [ValueError("wrong")]
    yield
    world.reset()


@pytest.mark.usefixtures("broken_world")
def test_effects_that_failed_are_retried_and_discarded_too() -> None:
    effect = PostOffice.of("a").trigger.send("x")
    step()

    assert effect in Run("messages").out
    assert Run("retry", "post-office:a").out == "1 waiting again.\n"
    assert Run("messages", "post-office:a", "--json").json["items"][0]["kind"] == "effect"
    step()
    assert len(world.done) == 2

    world.broken = [ValueError("wrong")]
    PostOffice.of("a").trigger.send("y")
    step()
    assert Run("discard", "--all", "--yes").out == "1 discarded.\n"
    assert Run("messages").out == "Nothing found.\n"


# versions


@pytest.mark.usefixtures("definitions")
def test_it_updates_those_named() -> None:
    Jug.of("a").pour(3)
    jug2()

    assert Run("update", "jug:a", "--to", "2", "--mode", "manual").out == "jug:a: queued\n"
    step()
    assert operators.show("jug:a").version == 2
    refused = Run("update", "jug:a", "--to", "2")
    assert (refused.code, "it has that version" in refused.err) == (1, True)


@pytest.mark.usefixtures("definitions")
def test_it_updates_by_replay_at_once() -> None:
    Jug.of("a").pour(3)
    jug_with_meter()

    assert Run("update", "jug:a", "--to", "2").out == "jug:a: updated\n"
    assert operators.show("jug:a").version == 2


@pytest.mark.usefixtures("definitions")
def test_an_update_that_differs_is_told_and_stops_none_of_the_others() -> None:
    for name in "ab":
        Jug.of(name).pour(3)
    jug_with_meter(then=lambda jug, _: "plenty" if jug.name == "a" else None)
    names = ("jug:nobody", "jug:a", "jug:b")

    run = Run("update", *names, "--to", "2")

    assert (run.code, run.out) == (1, "jug:b: updated\n")
    nobody, differs = run.err.splitlines()
    assert nobody.startswith("There is no agent jug:nobody")
    assert differs.startswith("jug:a keeps its version: ")
    assert differs.endswith("expected '3 l', got 'plenty'")
    again = Run("update", *names, "--to", "2", "--json").json["items"]
    assert [one["what"] for one in again] == ["refused", "failed", "refused"]


@pytest.mark.usefixtures("definitions")
def test_it_updates_all_of_a_type_and_tells_how_far_it_is() -> None:
    for name in "abc":
        Jug.of(name).pour(3)
    jug2()

    rollout = ("update", "--type", "jug", "--to", "2", "--mode", "manual", "--canary", "50%")
    assert "Update 3 agents to version 2?" in usage_error(*rollout)
    assert rollouts.newest() == []
    run = Run(*rollout, "--yes")

    assert (run.code, run.out) == (0, "done: 3 of 3 updated, 0 failed\n")
    assert "running: " in run.err
    assert {one.version for one in operators.list_agents(type="jug").items} == {2}
    assert "jug" in Run("rollouts").out
    again = Run(*rollout, "--json").json
    assert (again["status"], again["total"]) == ("done", 0)  # nothing to do, nothing to ask
    assert len(Run("rollouts", "--json").json["items"]) == 2


@pytest.mark.usefixtures("definitions")
def test_a_rollout_is_paused_and_taken_further(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")
    for index in range(20):
        Jug.of(f"j{index}").pour(1)
    jug2(load_snapshot=_leak)

    update = ("update", "--type", "jug", "--to", "2", "--mode", "manual")
    failing = Run(*update, "--canary", "0", "--max-failures", "10%", "--yes", "--by", "ann")

    assert failing.code == 1
    assert failing.out.startswith("paused: 0 of 20 updated, 5 failed; the last: jug:")
    (row,) = rollouts.newest()
    assert f"manage.py agents rollout {row.id} --resume" in failing.err
    assert Run("rollout", str(row.id), "--pause").code == 1  # it is paused
    assert Run("rollout", str(row.id), "--resume", "--by", "bob").code == 1  # and again
    assert [
        (one.who, one.agent_id, one.details["step"])
        for one in operators.operations().items
        if "step" in one.details
    ] == [("bob", "jug", "resume"), ("ann", "jug", "start")]
    assert Run("rollout", "nothing").err == "There is no rollout nothing."


def _leak(self: Any, snapshot: Any) -> None:
    raise ValueError("it leaks")
