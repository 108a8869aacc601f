"""Calls from outside: awaited commands, queries, and what crosses between caller and agent."""

import pytest

from agents_core import ArgumentsNotValid, Caller, calling
from agents_core.errors import AgentError, MailboxFull, UnknownMethod
from agents_core.testing import step
from tests.agents_core.agents import View
from tests.agents_core.counter import Counter, CounterState, TooMuch
from tests.agents_core.racing import mail, oplog, rows, together


def test_it_runs_a_command_and_keeps_the_document() -> None:
    assert Counter.of("a").add(2) == 2
    assert Counter.of("a").add(3) == 5
    assert Counter.of("a").get() == 5


def test_it_takes_arguments_by_name_and_leaves_out_defaults() -> None:
    assert Counter.of("a").add() == 1
    assert Counter.of("a").add(label="x", amount=3) == 4


def test_it_can_take_back_the_whole_document() -> None:
    Counter.of("a").add(2)
    Counter.of("a").forget()

    assert Counter.of("a").get() is None
    assert Counter.of("a").add(1) == 1


@pytest.mark.parametrize("amount", ["much", None, 1.5, [1]])
def test_it_refuses_arguments_of_another_type(amount: object) -> None:
    with pytest.raises(ArgumentsNotValid) as refused:
        Counter.of("a").add(amount)  # type: ignore[arg-type]

    assert refused.value.facts["errors"][0]["loc"] == ["amount"]
    assert Counter.of("a").get() is None


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfffy"])
def test_it_refuses_text_that_cannot_be_stored(text: str) -> None:
    with pytest.raises(ArgumentsNotValid) as refused:
        Counter.of("a").add(1, text)

    assert refused.value.facts["errors"][0]["loc"] == ["label"]


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "ünïcödé", "🦊", "a\x01b", "\u2028"])
def test_it_keeps_text_as_it_is(text: str) -> None:
    Counter.of("a").add(1, text)

    assert Counter.of("a").get_seen() == [text]


def test_it_refuses_arguments_that_a_method_does_not_have() -> None:
    with pytest.raises(ArgumentsNotValid):
        Counter.of("a").add(1, nothing=2)  # type: ignore[call-arg]


def test_it_refuses_a_trigger_with_wrong_arguments_at_once() -> None:
    with pytest.raises(ArgumentsNotValid):
        Counter.of("a").trigger.add("much")  # type: ignore[arg-type]

    assert mail("counter:a") == []


@pytest.mark.parametrize("name", ["counting", "nothing", "_frame"])
def test_it_refuses_methods_that_are_not_public(name: str) -> None:
    with pytest.raises(UnknownMethod):
        getattr(Counter.of("a"), name)


def test_it_refuses_to_trigger_a_query() -> None:
    with pytest.raises(UnknownMethod):
        Counter.of("a").trigger.get()


def test_it_refuses_commands_on_many_that_are_awaited() -> None:
    with pytest.raises(UnknownMethod):
        Counter.of_many(["a", "b"]).add(1)


def test_it_raises_the_refusal_of_a_command_as_the_same_class() -> None:
    with pytest.raises(TooMuch) as refused:
        Counter.of("a").refuse(7)

    assert (refused.value.code, refused.value.facts) == ("too_much", {"amount": 7})
    assert refused.value.message == "7 is too much."


def test_it_knows_a_refusal_again_from_its_record() -> None:
    known = AgentError.from_json({"code": "too_much", "facts": {"amount": 7}})
    unknown = AgentError.from_json({"code": "of_another_day", "facts": {"x": 1}})

    assert isinstance(known, TooMuch)
    assert (unknown.code, unknown.facts) == ("of_another_day", {"x": 1})


def test_a_refused_command_changes_nothing_even_half_way() -> None:
    Counter.of("a").add(1)

    with pytest.raises(TooMuch):
        Counter.of("a").refuse_half_way(5)
    step()

    assert Counter.of("a").get() == 1
    assert Counter.of("a").count_notes() == 0
    assert Counter.of("other").get() is None


def test_a_refused_first_command_makes_no_agent() -> None:
    with pytest.raises(TooMuch):
        Counter.of("a").refuse_half_way(5)

    assert rows("SELECT 1 FROM agents_core_agent") == []


def test_a_fault_reaches_its_caller_and_changes_nothing() -> None:
    Counter.of("a").add(1)

    with pytest.raises(RuntimeError, match="broken"):
        Counter.of("a").fail()

    assert Counter.of("a").get() == 1


def test_a_result_of_another_type_than_promised_is_a_fault() -> None:
    with pytest.raises(TypeError, match="lie"):
        Counter.of("a").lie()

    assert Counter.of("a").get() is None


def test_it_shares_no_object_with_its_caller() -> None:
    Counter.of("a").add(1, "x")
    seen = Counter.of("a").get_state()
    assert seen is not None
    seen.count, seen.seen[0] = 99, "changed"

    assert Counter.of("a").get_state() == CounterState(count=1, seen=["x"])


def test_it_names_the_caller() -> None:
    with calling(Caller("alice")):
        assert Counter.of("a").facts()["caller"] == "alice"
        assert View.of("v").facts()["caller"] == "alice"
    assert Counter.of("a").facts()["caller"] is None


def test_it_names_the_calling_agent() -> None:
    Counter.of("a").send("b", 1)
    step()

    assert oplog("counter:b")[0][1]["caller"] == "counter:a"


def test_it_asks_many_agents_in_their_order_with_missing_ones() -> None:
    Counter.of("a").add(1)
    Counter.of("c").add(3)

    assert Counter.of_many(["c", "nobody", "a", "c"]).get() == [3, None, 1, 3]
    assert Counter.of_many([]).get() == []


def test_it_loses_no_count_of_threads_at_once() -> None:
    together(*[lambda: [Counter.of("hot").add(1) for _ in range(10)] for _ in range(8)])

    assert Counter.of("hot").get() == 80


def test_it_counts_each_of_many_agents_of_threads_at_once() -> None:
    names = [f"n{number}" for number in range(8)]
    together(*[lambda n=n: [Counter.of(n).add(1) for _ in range(10)] for n in names])  # type: ignore[misc]

    assert Counter.of_many(names).get() == [10] * 8


def test_a_full_mailbox_refuses_outsiders(settings: object) -> None:
    settings.AGENTS = {"HINTS": False, "MAILBOX_CAP": 2}  # type: ignore[attr-defined]
    Counter.of("a").trigger.add(1)
    Counter.of("a").trigger.add(1)

    with pytest.raises(MailboxFull) as refused:
        Counter.of("a").trigger.add(1)

    assert refused.value.status == 429
    assert Counter.of("a").add(1) == 3
    Counter.of("a").trigger.add(1)


def test_a_full_mailbox_takes_what_agents_send(settings: object) -> None:
    settings.AGENTS = {"HINTS": False, "MAILBOX_CAP": 2}  # type: ignore[attr-defined]
    Counter.of("a").send("b", 1, 5)

    assert len(mail("counter:b")) == 5
