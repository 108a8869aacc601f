"""Effects: asked for by commands, run after their commit, answered by messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agents_core import (
    AgentUnavailable,
    Answer,
    ArgumentsNotValid,
    Caller,
    EffectFailed,
    Rejected,
    bulk,
    calling,
    operations,
    operators,
)
from agents_core.errors import IdempotencyKeyReused, NoSuchAgent, NoSuchInvocation, WriteInQuery
from agents_core.models import Effect, Operation
from agents_core.testing import freeze, step
from tests.agents_core.agents import Counter, Fragile
from tests.agents_core.outside import (
    AddressUnknown,
    Asker,
    BriefAsker,
    Letter,
    PostOffice,
    Receipt,
    world,
)
from tests.agents_core.racing import dead, mail, oplog, rows

pytestmark = pytest.mark.usefixtures("outside")
NOON = "2026-03-01T12:00:00Z"


def waiting() -> list[tuple[str, str, int]]:
    """Who waits for which effect, and how often it was tried."""
    return [(row.agent_id, row.method, row.attempts) for row in Effect.objects.order_by("id")]


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


# faults and refusals


def test_a_fault_is_tried_again_when_it_is_due_with_the_same_key() -> None:
    world.broken = [OSError("down"), OSError("still down")]
    with freeze(NOON) as time:
        id_ = Asker.of("a").ask("send", ["x"])
        step()
        assert (len(world.done), waiting()) == (1, [("asker:a", "send", 1)])
        time.tick(9.9)
        step()
        assert len(world.done) == 1
        time.tick(0.1)
        step()
        assert len(world.done) == 2
        time.tick(14.9)  # twice the delay would be more than the cap
        step()
        assert len(world.done) == 2
        time.tick(0.1)
        step()

    assert world.done == [(id_, "x")] * 3
    assert Asker.of("a").answers() == [
        {"effect": id_, "attempts": 3, "result": "done x", "refusal": None}
    ]


def test_a_fault_of_the_last_try_is_a_refusal_the_agent_can_handle() -> None:
    world.broken = [OSError("down")] * 3
    with freeze(NOON) as time:
        Asker.of("a").ask("send", ["x"])
        for _ in range(3):
            step()
            time.tick(20)

    assert Asker.of("a").heard() == [
        "send: post-office:a.send failed after 3 attempts: OSError: down."
    ]
    [answer] = Asker.of("a").answers()
    assert answer["attempts"] == 3
    assert answer["refusal"]["code"] == EffectFailed.code
    assert answer["refusal"]["facts"]["error"] == "OSError: down"
    assert answer["refusal"]["facts"]["attempts"] == 3
    assert waiting() == []


def test_an_error_that_is_not_named_is_final_at_once() -> None:
    world.broken = [ValueError("wrong")]
    Asker.of("a").ask("send", ["x"])
    step()

    assert Asker.of("a").answers()[0]["refusal"]["facts"]["error"] == "ValueError: wrong"
    assert len(world.done) == 1


def test_no_try_begins_after_the_deadline() -> None:
    world.broken = [OSError(f"down {number}") for number in range(9)]
    with freeze(NOON) as time:
        Asker.of("a").ask("hurry", [])
        for _ in range(9):
            step()
            time.tick(10)

    [answer] = Asker.of("a").answers()
    assert len(world.done) == answer["attempts"] == 3  # after 0, 10 and 20 of 25 seconds
    assert answer["refusal"]["facts"]["error"] == "OSError: down 2"


def test_what_is_begun_too_late_is_not_begun() -> None:
    with freeze(NOON) as time:
        Asker.of("a").ask("hurry", [])
        time.tick(26)
        step()

    [answer] = Asker.of("a").answers()
    assert world.done == []
    assert (answer["attempts"], answer["refusal"]["code"]) == (0, EffectFailed.code)
    assert "deadline" in answer["refusal"]["facts"]["error"]


def test_a_refusal_is_the_answer_at_once() -> None:
    Asker.of("a").ask("post", [{"to": "nobody"}])
    step()

    [answer] = Asker.of("a").answers()
    assert answer["attempts"] == 1
    assert answer["refusal"] == {"code": "address_unknown", "facts": {"address": "nobody"}}
    with pytest.raises(AddressUnknown):
        Answer[Receipt].model_validate(answer).get()


def test_a_refusal_that_is_not_handled_refuses_the_command_that_takes_it() -> None:
    Asker.of("a").note("x")
    Asker.of("a").post("nobody")
    step()

    kind, entry = oplog("asker:a")[-1]
    assert (kind, entry["refusal"]["code"]) == ("refusal", "address_unknown")
    assert Asker.of("a").receipts() == []
    assert mail("asker:a") == dead("asker:a") == []


def test_an_agent_that_cannot_answer_just_now_is_a_fault() -> None:
    world.broken = [AgentUnavailable(agent_id="x", reason="busy")]
    with freeze(NOON) as time:
        Asker.of("a").ask("facts", [])
        step()
        assert Asker.of("a").answers() == []
        time.tick(60)
        step()

    assert Asker.of("a").answers()[0]["attempts"] == 2


def test_a_result_of_another_type_is_no_reason_to_do_it_again() -> None:
    Asker.of("a").ask("lie", [])
    step()

    assert "TypeError" in Asker.of("a").answers()[0]["refusal"]["facts"]["error"]
    assert len(world.done) == 1


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 10_000])
def test_a_fault_with_an_odd_error_is_answered_like_any(text: str) -> None:
    world.broken = [ValueError(text)]
    Asker.of("a").ask("send", ["x"])
    step()

    error = Asker.of("a").answers()[0]["refusal"]["facts"]["error"]
    assert error.startswith("ValueError: ")
    assert len(error) <= 2_000


def test_an_effect_of_code_that_is_gone_waits_for_its_next_try() -> None:
    with freeze(NOON) as time:
        Asker.of("a").ask("facts", [])
        Effect.objects.update(method="forgotten")
        step()
        assert waiting() == [("asker:a", "forgotten", 1)]
        Effect.objects.update(method="facts")
        time.tick(60)
        step()

    assert len(Asker.of("a").answers()) == 1


def test_an_effect_of_a_type_not_known_here_is_left_alone() -> None:
    Asker.of("a").ask("send", ["x"])
    Effect.objects.update(target="of-the-future:a")
    Asker.of("a").ask("send", ["y"])
    step()

    assert waiting() == [("asker:a", "send", 0)]
    assert Asker.of("a").heard() == ["send: done y"]


# not idempotent


def test_what_is_not_idempotent_is_not_tried_again() -> None:
    world.broken = [TimeoutError("no answer")]
    Asker.of("a").ask("pay", [7])
    step()

    [answer] = Asker.of("a").answers()
    assert (answer["attempts"], answer["refusal"]["code"]) == (1, EffectFailed.code)
    assert len(world.done) == 1


def test_unless_it_surely_has_not_happened() -> None:
    world.broken = [ConnectionRefusedError("closed")]
    with freeze(NOON) as time:
        Asker.of("a").ask("pay_surely", [7])
        step()
        time.tick(10)
        step()

    assert Asker.of("a").heard() == ["pay_surely: done pay 7"]


# what nobody waits for


def refused(operation: Callable[..., None], effect_id: str) -> bool:
    try:
        operation("post-office:a", effect_id, by="ann")
    except NoSuchInvocation:
        return True
    return False


def test_a_failure_nobody_waits_for_stays_until_an_operator_retries_it() -> None:
    world.broken = [ValueError("wrong")]
    id_ = PostOffice.of("a").trigger.send("x")
    step()
    [row] = Effect.objects.all()
    assert (row.agent_id, row.last_error, row.attempts) == ("post-office:a", "ValueError: wrong", 1)
    assert row.failed_at is not None
    assert step() == 0

    operations.retry("post-office:a", id_, by="ann")
    assert refused(operations.retry, id_)
    step()

    assert world.done == [(id_, "x")] * 2
    assert waiting() == []
    [noted] = Operation.objects.all()
    assert (noted.who, noted.operation, noted.agent_id) == ("ann", "retry", "post-office:a")


def test_there_is_nothing_else_to_be_done_with_an_ephemeral_agent() -> None:
    for operation in (operations.interrupt, operations.resume, operations.delete):
        with pytest.raises(NoSuchAgent):
            operation("post-office:a", by="ann")


def test_an_operator_may_change_the_arguments() -> None:
    id_ = Asker.of("a").ask_without_interest("post", [{"to": "nobody"}])
    step()
    assert "address_unknown" in (Effect.objects.get().last_error or "")
    with pytest.raises(ArgumentsNotValid):
        operations.retry("asker:a", id_, by="ann", args={"letter": "x"})

    operations.retry("asker:a", id_, by="ann", args={"letter": {"to": "ann"}})
    step()
    assert world.done == [(id_, "ann")]
    kind, entry = oplog("asker:a")[-1]
    assert (kind, entry["effect"], entry["by"]) == ("redeliver", id_, "ann")


def test_an_operator_may_discard_what_failed_and_nothing_else() -> None:
    world.broken = [ValueError("wrong")]
    failed = PostOffice.of("a").trigger.send("x")
    step()
    fresh = PostOffice.of("a").trigger.send("y")

    assert refused(operations.discard, fresh)
    assert refused(operations.retry, fresh)
    operations.discard("post-office:a", failed, by="ann")
    assert refused(operations.discard, failed)
    step()
    assert [what for _, what in world.done] == ["x", "y"]
    assert Operation.objects.get().details["args"] == {"text": "x"}


def test_a_retry_has_all_its_tries_and_its_deadline_anew() -> None:
    world.broken = [OSError("down")] * 4
    with freeze(NOON) as time:
        id_ = Asker.of("a").ask_without_interest("hurry", [])
        for _ in range(3):
            step()
            time.tick(10)
        time.tick(3600)
        operations.retry("asker:a", id_, by="ann")
        step()
        time.tick(10)
        step()

    assert len(world.done) == 5
    assert waiting() == []


def test_operators_see_what_was_asked_for_and_what_failed() -> None:
    world.broken = [ValueError("wrong")]
    failed = Asker.of("a").ask_without_interest("send", ["x"])
    step()
    asked = Asker.of("a").ask("send", ["y"])
    Asker.of("b").ask("send", ["z"])

    found = operators.messages("asker:a").items
    assert [(one.kind, one.message_id) for one in found] == [
        ("effect", asked),
        ("failed_effect", failed),
    ]
    assert (found[0].method, found[0].args) == ("post-office:a.send", {"text": "y"})
    assert (found[1].attempts, found[1].last_error) == (1, "ValueError: wrong")
    assert [one.kind for one in operators.messages("asker:a", kinds=["effect"]).items] == ["effect"]


def test_what_failed_is_among_the_dead_letters_of_all_agents_and_retried_with_them() -> None:
    world.broken = [ValueError("wrong"), ValueError("wrong")]
    PostOffice.of("a").trigger.send("x")
    step()
    Asker.of("a").ask_without_interest("send", ["y"])
    step()
    Fragile.of("a").trigger.fail()
    step()

    found = list(bulk.dead_letters())
    assert [(one.agent_id, one.kind) for one in found] == [
        ("fragile:a", "dead_letter"),
        ("asker:a", "failed_effect"),
        ("post-office:a", "failed_effect"),
    ]
    assert [one.method for one in bulk.dead_letters(type="asker")] == ["post-office:a.send"]
    assert found == [
        one
        for page in _pages(lambda cursor: operators.dead_letters(limit=1, cursor=cursor))
        for one in page.items
    ]

    assert bulk.retry(found[1:], by="ann").done == 2
    step()
    assert [what for _, what in world.done] == ["x", "y", "y", "x"]
    assert bulk.discard(bulk.dead_letters(), by="ann").done == 1


def _pages(read: Callable[[str | None], Any]) -> Iterator[Any]:
    page = read(None)
    yield page
    while page.next_cursor is not None:
        page = read(page.next_cursor)
        yield page
