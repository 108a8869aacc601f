"""`manage.py agents`."""

from __future__ import annotations

import getpass
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from agents_core import calling, clock, operations, operators, rollouts
from agents_core.models import Agent, Operation
from agents_core.testing import freeze, step
from operators.management.commands.agents import Refused
from tests.agents_core.agents import Counter, Fragile, Plumbing
from tests.agents_core.jugs import Jug, jug2, jug_with_meter
from tests.agents_core.outside import PostOffice, world
from tests.config.sites import manage
from tests.operators.running import Run


def usage_error(*arguments: str) -> str:
    """What is said of a command line that is not understood; a process exits with 2."""
    with pytest.raises(CommandError) as refused:
        call_command("agents", *arguments)
    assert not isinstance(refused.value, Refused)
    return str(refused.value)


def dead_letter(name: str = "a") -> str:
    Fragile.of(name).trigger.fail()
    step()
    (letter,) = operators.messages(f"fragile:{name}", kinds=["dead_letter"]).items
    return letter.message_id


# looking


def test_it_lists_types_and_shows_one_with_its_methods() -> None:
    everything = Run("types")
    plumbing = Run("types", "plumbing")

    assert "plumbing" in everything.out
    assert "counter" in everything.out
    assert "number, place" in plumbing.out
    assert "note" in plumbing.out
    assert "text: string" in plumbing.out
    assert "counter" not in plumbing.out
    assert [one["type"] for one in Run("types", "view", "--json").json["items"]] == ["view"]


def test_it_lists_agents_by_filter() -> None:
    Counter.of("ann").add()
    Counter.of("ben").add()
    Plumbing.of(3, "x").note("y")
    operations.interrupt("counter:ben", by="test")

    shown = Run("list", "--type", "counter").out
    stopped = Run("list", "--status", "interrupted", "--json").json

    assert "counter:ann" in shown
    assert "idle" in shown
    assert "plumbing" not in shown
    assert [one["agent_id"] for one in stopped["items"]] == ["counter:ben"]
    assert "counter:ann" not in Run("list", "--older-than", "1h").out
    assert "counter:ann" in Run("list", "--query", "nn").out
    assert "counter:ann" not in Run("list", "--waiting").out


def test_it_goes_on_where_a_page_ended() -> None:
    for name in "abc":
        Counter.of(name).add()

    first = Run("list", "--limit", "2")
    cursor = first.err.split("--cursor ")[1].strip()
    second = Run("list", "--limit", "2", "--cursor", cursor)

    assert ["counter:a" in first.out, "counter:a" in second.out] == [False, True]
    assert second.err == ""


def test_it_shows_an_agent() -> None:
    Counter.of("a").add(4)
    Counter.of("a").put_note("k", "n", 1)

    shown = Run("show", "counter:a")

    assert '"count": 4' in shown.out
    assert "1 items" in shown.out
    assert Run("show", "counter:a", "--json").json["state"] == {"count": 4, "seen": []}


def test_what_agents_keep_is_not_taken_for_markup() -> None:
    Counter.of("a").add(1, "[bold]x[/bold]")

    assert "[bold]x[/bold]" in Run("show", "counter:a").out
    assert "[bold]x[/bold]" in Run("oplog", "counter:a").out


def test_it_says_what_is_wrong_and_exits_with_1() -> None:
    run = Run("show", "counter:nobody")

    assert run.code == 1
    assert run.err == str(operators_refusal("counter:nobody"))
    assert run.out == ""


def operators_refusal(agent_id: str) -> Exception:
    with pytest.raises(Exception, match="There is no agent") as refused:
        operators.show(agent_id)
    return refused.value


def test_it_searches_the_oplog() -> None:
    Counter.of("a").add(1, "apple")
    Counter.of("a").add(2, "pear")

    shown = Run("oplog", "counter:a", "args.label:apple")

    assert 'add(label="apple", amount=1)' in shown.out
    assert "pear" not in shown.out
    entries = Run("oplog", "counter:a", "--json").json["items"]
    assert [one["index"] for one in entries] == [2, 1]
    assert Run("oplog", "counter:nobody").code == 1


def test_it_shows_messages_and_dead_letters() -> None:
    message_id = dead_letter()
    Fragile.of("a").trigger.add()

    of_agent, of_all = Run("messages", "fragile:a").out, Run("messages").out

    assert "add()" in of_agent
    assert message_id in of_agent
    assert "RuntimeError: broken" in of_all
    assert "add()" not in of_all
    assert "Nothing found" in Run("messages", "--type", "counter").out


# calling


def test_it_invokes() -> None:
    assert Run("invoke", "counter:a", "add", "amount=4", "label=apple").out.strip() == "4"
    assert Run("invoke", "counter:a", "get_seen", "--json").json == ["apple"]
    args = '{"amount": 1, "label": "x"}'
    assert Run("invoke", "counter:a", "add", "--args", args, "label=pear").out.strip() == "5"
    assert Counter.of("a").get_seen() == ["apple", "pear"]


def test_who_runs_it_is_the_caller() -> None:
    me = Run("invoke", "counter:a", "facts", "--json").json["caller"]
    other = Run("invoke", "counter:a", "facts", "--by", "ann", "--json").json["caller"]

    assert (me, other) == (getpass.getuser(), "ann")


def test_the_same_key_does_it_once() -> None:
    for _ in range(2):
        assert Run("invoke", "counter:a", "add", "amount=4", "--key", "k").out.strip() == "4"
    assert Counter.of("a").get() == 4


def test_it_sends_now_or_later() -> None:
    now = Run("trigger", "counter:a", "add", "--json").json["message_id"]
    later = Run("trigger", "counter:a", "add", "--at", "1h").out.strip()

    found = operators.messages("counter:a").items
    assert [(one.kind, one.message_id) for one in found] == [("message", now), ("schedule", later)]
    assert found[1].at is not None
    assert 3500 < (found[1].at - clock.now()).total_seconds() <= 3600


def test_refusals_name_what_is_wrong() -> None:
    wrong = Run("invoke", "counter:a", "add", "amount=many")
    refused = Run("invoke", "counter:a", "refuse", "amount=3")
    unknown = Run("invoke", "counter:a", "nothing")

    assert [wrong.code, refused.code, unknown.code] == [1, 1, 1]
    assert "amount: Input should be a valid integer" in wrong.err
    assert refused.err == "3 is too much."
    assert unknown.err == "counter has no method nothing."


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
    assert '"expected":"3 l"' in differs
    assert '"got":"plenty"' in differs
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


# who did what


def test_it_tells_who_did_what() -> None:
    Counter.of("a").add()
    Counter.of("b").add()
    Run("interrupt", "counter:a", "--by", "ann")
    Run("delete", "counter:b", "--yes", "--by", "bob")

    shown = Run("operations").out
    assert "ann" in shown
    assert "interrupt" in shown
    (deleted,) = Run("operations", "counter:b", "--json").json["items"]
    assert (deleted["who"], deleted["operation"]) == ("bob", "delete")
    newest = Run("operations", "--limit", "1")
    assert "bob" in newest.out
    assert "ann" not in newest.out
    cursor = newest.err.split("--cursor ")[1].strip()
    assert "ann" in Run("operations", "--cursor", cursor).out
    assert Run("operations", "nonsense").code == 1


# upkeep


def test_it_rebuilds() -> None:
    Counter.of("a").add()
    operations.interrupt("counter:a", by="test")
    Agent.objects.update(status="idle")

    assert Run("rebuild", "counter:a").out == "1 agent had other columns than its oplog says.\n"
    assert operators.show("counter:a").status == "interrupted"
    assert Run("rebuild", "--all", "--json").json == {"wrong": 0}


def test_it_prunes_what_is_past_its_time() -> None:
    with freeze("2026-03-01T12:00:00Z"), calling("ann", key="k"):
        Counter.of("a").add()

    assert Run("prune").out == "Deleted 0 entries of 0 agents, and 1 row of other things.\n"
    again = {"agents": 0, "entries": 0, "left": 0, "rows": 0}
    assert Run("prune", "--json").json == again
    assert not Operation.objects.exists()  # it would have happened anyway


def test_it_prunes_what_agents_of_a_type_did() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        for _ in range(150):
            Counter.of("a").add()
        time.tick(40 * 86_400)
        prune = ("prune", "--type", "counter", "--days", "30")

        asks = "Delete what counter agents did more than 30 days ago, for good?"
        assert asks in usage_error(*prune)
        assert not Operation.objects.exists()
        run = Run(*prune, "--yes", "--by", "ann")

    assert run.out.startswith("Deleted ")
    assert run.out.endswith(" entries of 1 agent.\n")
    assert Counter.of("a").get() == 150
    assert len(Run("oplog", "counter:a", "--limit", "200", "--json").json["items"]) < 150
    (noted,) = operators.operations().items
    assert (noted.who, noted.operation, noted.agent_id) == ("ann", "prune", "counter")
    assert Run("prune", "--type", "nothing", "--days", "1").code == 1


# usage


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("show",),
        ("list", "--limit", "0"),
        ("list", "--limit", "many"),
        ("list", "--status", "asleep"),
        ("list", "--older-than", "yesterday"),
        ("list", "--older-than", "2026-03-01T12:00:00"),
        ("invoke", "counter:a"),
        ("invoke", "counter:a", "add", "4"),
        ("invoke", "counter:a", "add", "--args", "[4]"),
        ("interrupt",),
        ("interrupt", "counter:a", "--type", "counter"),
        ("cancel", "--yes"),
        ("revert", "counter:a"),
        ("revert", "counter:a", "--to", "1", "--last", "1"),
        ("revert", "counter:a", "--last", "0"),
        ("retry",),
        ("retry", "--all", "--type", "counter"),
        ("retry", "--all", "--args", "{}"),
        ("update", "--to", "2"),
        ("update", "jug:a", "--to", "2", "--type", "jug"),
        ("update", "jug:a", "--to", "2", "--status", "idle"),
        ("update", "--type", "jug", "--to", "2", "--canary", "2"),
        ("rollout", "x", "--pause", "--resume"),
        ("rebuild",),
        ("prune", "--type", "counter"),
        ("prune", "--days", "3"),
        ("prune", "--type", "counter", "--days", "-3", "--yes"),
    ],
    ids=" ".join,
)
def test_it_does_nothing_where_it_is_not_understood(arguments: tuple[str, ...]) -> None:
    Counter.of("a").add()

    assert usage_error(*arguments)
    assert operators.show("counter:a").revision == 1
    assert not Operation.objects.exists()


@pytest.mark.slow
def test_a_process_ends_with_what_came_of_it(
    tmp_path: Path, server_environment: dict[str, str]
) -> None:
    variables = {name: server_environment[name] for name in ("DATABASE_URL", "REDIS_URL")}

    def agents(*arguments: str) -> tuple[int, str, str]:
        run = manage("agents", *arguments, AGORA_VAR=str(tmp_path), **variables)
        return run.returncode, run.stdout, run.stderr

    code, types, _ = agents("types", "user", "--json")
    assert (code, json.loads(types)["items"][0]["type"]) == (0, "user")
    absent = (
        "Refused: There is no agent user:nobody-at-all: it would exist from its first command on."
    )
    assert agents("show", "user:nobody-at-all") == (1, "", f"{absent}\n")
    code, out, usage = agents("delete", "user:nobody-at-all")
    assert (code, out) == (2, "")
    assert "Nobody is there to ask: add --yes." in usage
