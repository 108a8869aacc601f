"""One deed to many agents."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents_core import operations, operators
from agents_core.lifecycle import Status
from agents_core.testing import step
from operators.console.pages import address
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2
from tests.operators.console.conftest import MakeStaff


def do(client: Client, deed: str, *agents: str) -> list[tuple[str, bool, str]]:
    """Choose on the list, and say yes on the page that asks."""
    chosen = {"deed": deed, "agent": list(agents)}
    page = client.post(address("many"), chosen)
    assert page.status_code == 200
    assert page.context["chosen"] == list(agents)
    sure = {"sure": "yes", "key": str(page.context["key"])}
    return outcomes(client.post(address("many"), chosen | sure))


def outcomes(answer: Any) -> list[tuple[str, bool, str]]:
    assert answer.status_code == 200
    return [(one.agent_id, one.done, one.said) for one in answer.context["outcomes"]]


def test_it_asks_first(ann: Client) -> None:
    Counter.of("a").add()
    page = ann.post(address("many"), {"deed": "delete", "agent": ["counter:a"]})

    assert "All that is theirs is deleted for good." in page.content.decode()
    assert operators.show("counter:a").revision == 1
    assert operators.operations().items == []


def test_it_interrupts_and_resumes_many_and_tells_of_each(ann: Client) -> None:
    for name in "ab":
        Counter.of(name).add()
    Counter.of("b").end()

    (a, b) = do(ann, "interrupt", "counter:a", "counter:b")

    assert a == ("counter:a", True, "interrupted")
    assert b[:2] == ("counter:b", False)
    assert "exited" in b[2]
    assert operators.show("counter:a").status is Status.INTERRUPTED
    assert [(one.who, one.agent_id) for one in operators.operations().items] == [
        ("ann", "counter:a")
    ]
    assert do(ann, "resume", "counter:a") == [("counter:a", True, "resumed")]
    assert operators.show("counter:a").status is Status.IDLE


@pytest.mark.parametrize(
    ("deed", "said", "left"),
    [("retry", "1 tried again", ["message"]), ("discard", "1 discarded", [])],
)
def test_it_sorts_out_their_dead_letters(
    deed: str, said: str, left: list[str], ann: Client, letter: str
) -> None:
    Counter.of("b").add()

    found = do(ann, deed, "counter:a", "counter:b")

    assert found == [("counter:a", True, said), ("counter:b", True, "it has no dead letters")]
    assert [mail.kind for mail in operators.messages("counter:a").items] == left


def test_it_updates_them_to_the_newest_version(ann: Client, definitions: None) -> None:
    Jug.of("a").pour(1)
    Counter.of("b").add()
    jug2()

    jug, counter = do(ann, "update", "jug:a", "counter:b")
    step()

    assert jug == ("jug:a", True, "the update to version 2 waits in its mailbox")
    assert counter[:2] == ("counter:b", False)
    assert "it has that version" in counter[2]
    assert operators.show("jug:a").version == 2


def test_it_deletes_many(ann: Client) -> None:
    for name in "ab":
        Counter.of(name).add()
    operations.delete("counter:b", by="zoe")

    (a, b) = do(ann, "delete", "counter:a", "counter:b")

    assert a == ("counter:a", True, "deleted")
    assert not b[1]
    assert operators.list_agents(type="counter").items == []


def test_loading_the_outcome_again_does_it_once(ann: Client) -> None:
    Counter.of("a").add()
    form = {"deed": "interrupt", "agent": ["counter:a"], "sure": "yes", "key": "k1"}

    first = outcomes(ann.post(address("many"), form))
    operations.resume("counter:a", by="zoe")

    assert outcomes(ann.post(address("many"), form)) == first
    assert operators.show("counter:a").status is Status.IDLE


def test_without_a_choice_it_goes_back_to_the_list(ann: Client) -> None:
    for form in ({"deed": "interrupt"}, {"deed": "explode", "agent": "counter:a"}):
        answer = ann.post(address("many"), form | {"filters": "type=counter"})
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            address("agent_changelist") + "?type=counter",
        )


def test_it_is_never_asked_for_by_a_link(ann: Client) -> None:
    assert ann.get(address("many"), {"deed": "delete", "agent": "counter:a"}).status_code == 405


def test_who_may_only_see_is_refused(staff: MakeStaff) -> None:
    Counter.of("a").add()
    form = {"deed": "interrupt", "agent": "counter:a", "sure": "yes"}
    assert staff("vic", "view").post(address("many"), form).status_code == 403
    assert operators.show("counter:a").status is Status.IDLE
