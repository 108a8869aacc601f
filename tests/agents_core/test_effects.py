"""Effects: asked for by commands, run after their commit, answered by messages."""

from __future__ import annotations

from typing import Any

import pytest

from agents_core import (
    ArgumentsNotValid,
    Caller,
    Rejected,
    calling,
)
from agents_core.errors import IdempotencyKeyReused, WriteInQuery
from agents_core.testing import freeze, step
from tests.agents_core.counter import Counter
from tests.agents_core.outside import (
    Asker,
    BriefAsker,
    Letter,
    PostOffice,
    Receipt,
    waiting,
    world,
)
from tests.agents_core.racing import mail, oplog, rows

pytestmark = pytest.mark.usefixtures("outside")
NOON = "2026-03-01T12:00:00Z"


# asking


def test_an_effect_runs_after_the_command_and_its_answer_comes_as_a_message() -> None:
    id_ = Asker.of("a").ask("send", ["hello"])
    assert world.done == []
    assert waiting() == [("asker:a", "send", 0)]

    step()

    assert world.done == [(id_, "hello")]
    assert Asker.of("a").heard() == ["send: done hello"]
    assert Asker.of("a").answers() == [
        {"effect": id_, "attempts": 1, "result": "done hello", "refusal": None}
    ]
    assert waiting() == []


def test_arguments_and_answers_may_be_models() -> None:
    Asker.of("a").post("ann")
    step()

    assert Asker.of("a").receipts() == [Receipt(number=1, letter=Letter(to="ann"))]


def test_the_answer_comes_from_the_ephemeral_agent() -> None:
    Asker.of("a").ask("send", ["hello"])
    step()

    assert oplog("asker:a")[1][1]["caller"] == "post-office:a"


def test_the_oplog_has_what_was_asked_and_what_was_answered() -> None:
    id_ = Asker.of("a").ask("send", ["hello"])
    step()

    (_, asked), (_, answered) = oplog("asker:a")
    assert asked["sent"] == [
        {
            "effect": id_,
            "to": "post-office:a",
            "method": "send",
            "args": {"text": "hello"},
            "then": {"method": "answered", "args": {"text": "send"}},
        }
    ]
    assert answered["args"]["answer"]["effect"] == id_
    assert rows("SELECT asked_at_revision FROM agents_core_effect") == []


def test_it_says_at_which_revision_it_was_asked() -> None:
    Asker.of("a").note("first")
    Asker.of("a").ask_for_all(["x", "y"])

    assert rows("SELECT asked_at_revision FROM agents_core_effect") == [(2,), (2,)]


def test_a_brief_oplog_has_them_too_and_the_rest_stays_brief() -> None:
    BriefAsker.of("a").note("secret")
    id_ = BriefAsker.of("a").ask("send", ["hello"])
    step()

    (_, brief), (_, asked), (_, answered) = oplog("brief-asker:a")
    assert brief == {"method": "note"}
    assert asked["sent"][0]["effect"] == id_
    assert answered["args"]["answer"]["result"] == "done hello"


def test_a_dropped_command_asks_for_nothing() -> None:
    with pytest.raises(Rejected):
        Asker.of("a").ask_then_refuse()
    assert Asker.of("a").ask_by_way_of_then_refuse("b") == "refused"
    step()

    assert world.done == []


def test_an_awaited_command_asks_in_its_own_name() -> None:
    Asker.of("a").ask_by_way_of("b")
    step()

    assert Asker.of("a").heard() == ["own: done own"]
    assert Asker.of("b").heard() == ["send: done by way"]


def test_effects_asked_for_together_are_all_answered() -> None:
    Asker.of("a").ask_for_all([f"n{number}" for number in range(20)])
    step()

    assert sorted(Asker.of("a").heard()) == sorted(f"n{n}: done n{n}" for n in range(20))
    assert len({key for key, _ in world.done}) == 20


def test_a_command_may_ask_although_nobody_needs_the_answer() -> None:
    id_ = Asker.of("a").ask_without_interest("send", ["hello"])
    step()

    assert world.done == [(id_, "hello")]
    assert waiting() == []
    assert mail("asker:a") == []
    assert "then" not in oplog("asker:a")[0][1]["sent"][0]


def test_an_effect_triggered_from_outside_runs_in_the_background() -> None:
    id_ = PostOffice.of("a").trigger.send("hello")
    assert world.done == []
    step()

    assert world.done == [(id_, "hello")]
    assert waiting() == []


def test_a_trigger_with_a_key_asks_once() -> None:
    for _ in range(2):
        with calling(Caller("alice"), key="k") as call:
            PostOffice.of("a").trigger.send("hello")
    step()

    assert call.replayed
    assert len(world.done) == 1
    with pytest.raises(IdempotencyKeyReused), calling(Caller("alice"), key="k"):
        PostOffice.of("a").trigger.send("something else")


def test_called_from_outside_it_runs_here_once() -> None:
    world.broken = [OSError("down")]
    with pytest.raises(OSError, match="down"):
        PostOffice.of("a").send("x")

    assert PostOffice.of("a").send("y") == "done y"
    assert [what for _, what in world.done] == ["x", "y"]
    assert len({key for key, _ in world.done}) == 2
    assert waiting() == []


def test_called_from_outside_it_has_the_key_of_the_call() -> None:
    with calling(Caller("alice"), key="k"):
        facts = PostOffice.of("a").facts()

    assert (facts["key"], facts["caller"]) == ("k", "alice")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("awaited", r"cannot be awaited .*\.then\(self\.method\)\.send"),
        ("awaited in a query", r"cannot be awaited .*\.then"),
        ("no answer taken", r"then\('note'\).*answer: Answer"),
        ("not a command", r"then\('heard'\).*answer: Answer"),
        ("a handle", r"then\(.*answer: Answer"),
        ("another agent", r"asker:a: \.then takes a command of the asking agent, not of asker:b"),
        ("answer bound", r"leave answer= out"),
        ("not an effect", r"key_in_a_query is none"),
        ("scheduled", r"cannot be scheduled"),
    ],
)
def test_asking_wrongly_is_refused_with_the_way_out(how: str, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        Asker.of("a").ask_wrongly(how)

    assert waiting() == []


@pytest.mark.parametrize("bound", [{}, {"text": 1}, {"text": "x", "other": 1}])
def test_what_is_bound_must_fit_the_command(bound: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsNotValid, match=r"asker\.answered"):
        Asker.of("a").bind_wrongly(bound)

    assert waiting() == []


def test_the_arguments_of_an_effect_are_checked_when_it_is_asked_for() -> None:
    with pytest.raises(ArgumentsNotValid, match=r"post-office\.send"):
        Asker.of("a").ask("send", [1])


def test_a_query_asks_for_nothing() -> None:
    Asker.of("a").note("x")
    with pytest.raises(TypeError, match=r"\.then"):
        Asker.of("a").ask_in_a_query("awaited")
    with pytest.raises(WriteInQuery, match="ask for the effect send"):
        Asker.of("a").ask_in_a_query("triggered")


def test_then_is_for_commands() -> None:
    with pytest.raises(TypeError, match=r"\.trigger"):
        PostOffice.of("a").then(Asker("asker:a", "a").answered, text="x").send("x")


def test_an_idempotency_key_is_for_effects() -> None:
    with pytest.raises(RuntimeError, match="only within an effect"):
        PostOffice.of("a").key_in_a_query()


# in an effect


def test_an_effect_knows_where_it_runs_and_who_asked() -> None:
    id_ = Asker.of("a").ask("facts", [])
    step()

    facts = Asker.of("a").answers()[0]["result"]
    assert (facts["town"], facts["caller"], facts["key"]) == ("a", "asker:a", id_)


def test_its_chance_is_the_same_on_every_try_and_another_for_another_effect() -> None:
    with freeze(NOON) as time:
        world.broken = [OSError("down")]
        Asker.of("a").ask("facts", [])
        step()
        time.tick(60)
        Asker.of("a").ask("facts", [])
        step()

    first, second = (answer["result"] for answer in Asker.of("a").answers())
    assert len(world.done) == 3
    assert first["chance"] != second["chance"]


def test_it_may_call_agents_as_an_outsider_does() -> None:
    Asker.of("a").ask("tell", ["c"])
    step()

    assert Counter.of("c").get() == 11
    assert Asker.of("a").heard() == ["tell: 11"]
    assert {entry["caller"] for _, entry in oplog("counter:c")} == {"post-office:a"}


def test_it_may_call_another_effect() -> None:
    Asker.of("a").ask("call_another", [])
    step()

    assert Asker.of("a").heard() == ["call_another: done from within"]
