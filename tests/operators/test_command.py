"""`manage.py agents`: what it tells, what it calls, how it is used."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest

from agents_core import calling, clock, operations, operators
from agents_core.models import Agent, Operation
from agents_core.testing import freeze
from tests.agents_core.agents import Fragile, Plumbing
from tests.agents_core.counter import Counter
from tests.config.sites import manage
from tests.operators.running import Run, dead_letter, usage_error

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
    assert Run("types", "pol").err.startswith("There is no agent type pol.")


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
