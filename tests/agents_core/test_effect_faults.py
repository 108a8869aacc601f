"""Effects that fail: tried again by their policy, refused at last, kept for operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agents_core import (
    AgentUnavailable,
    Answer,
    ArgumentsNotValid,
    EffectFailed,
    bulk,
    operations,
    operators,
)
from agents_core.errors import NoSuchAgent, NoSuchInvocation
from agents_core.models import Effect, Operation
from agents_core.testing import freeze, step
from tests.agents_core.agents import Fragile
from tests.agents_core.outside import (
    AddressUnknown,
    Asker,
    PostOffice,
    Receipt,
    waiting,
    world,
)
from tests.agents_core.racing import dead, mail, oplog

pytestmark = pytest.mark.usefixtures("outside")
NOON = "2026-03-01T12:00:00Z"


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
