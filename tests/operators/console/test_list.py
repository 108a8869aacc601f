"""The list of agents, the dead letters of all, and the journal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from agents_core import clock, operations, rollouts
from agents_core.testing import freeze, step
from operators.console.pages import PAGE, address
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2
from tests.operators.console.conftest import Counted

LIST = address("agent_changelist")


def listed(client: Client, **query: Any) -> list[str]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [agent.agent_id for agent in answer.context["page"].items]


def test_it_lists_agents_with_what_matters(ann: Client) -> None:
    Counter.of("a").add()
    Counter.of("a").trigger.add()

    page = ann.get(LIST).content.decode()

    assert f'<a class="id" href="{address("agent_change", "counter:a")}">counter:a</a>' in page
    assert 'class="status status-running"' in page
    assert '<span class="visually-hidden"> messages of counter:a</span>' in page


def test_it_filters(ann: Client) -> None:
    with freeze(clock.now() - timedelta(hours=30)):
        Counter.of("old").add()
    Counter.of("stopped").add()
    operations.interrupt("counter:stopped", by="zoe")
    Counter.of("busy").add()
    Counter.of("busy").trigger.add()
    Plumbing.of(1, "here").note("x")

    assert listed(ann, type="plumbing") == ["plumbing:1/here"]
    assert listed(ann, status="interrupted") == ["counter:stopped"]
    assert listed(ann, status="running") == ["counter:busy"]
    assert listed(ann, waiting="on") == ["counter:busy"]
    assert listed(ann, quiet="86400") == ["counter:old"]
    assert listed(ann, quiet="604800") == []
    assert listed(ann, q="counter:old") == ["counter:old"]
    assert listed(ann, q="ol") == ["counter:old"]
    assert listed(ann, version="2") == []
    assert len(listed(ann, version="1", type="counter")) == 3
    assert listed(ann, type="counter", status="idle", quiet="3600") == ["counter:old"]


def test_filters_are_kept_in_the_form_and_can_be_cleared(ann: Client) -> None:
    page = ann.get(LIST, {"q": '"><b>', "status": "failed"}).content.decode()

    assert 'value="&quot;&gt;&lt;b&gt;"' in page
    assert '<option value="failed" selected>' in page
    assert "No agent passes these filters" in page
    assert f'<a href="{LIST}">Show all agents</a>' in page


@pytest.mark.parametrize(
    "query",
    [
        {"type": "no-type"},
        {"status": "asleep"},
        {"version": "x"},
        {"cursor": "?"},
        {"q": "x" * 501},
    ],
)
def test_a_filter_that_makes_no_sense_is_told(query: dict[str, str], ann: Client) -> None:
    Counter.of("a").add()

    answer = ann.get(LIST, query)

    assert answer.status_code == 422
    assert "counter:a" not in answer.content.decode()
    assert "errorlist" in answer.content.decode() or "errornote" in answer.content.decode()


def test_it_goes_on_by_cursor(ann: Client) -> None:
    for number in range(PAGE + 3):
        Counter.of(f"n{number}").add()

    first = ann.get(LIST, {"type": "counter"})
    second = ann.get(LIST + first.context["paged"].more)

    assert len(first.context["page"].items) == PAGE
    assert [one.agent_id for one in second.context["page"].items] == [
        "counter:n2",
        "counter:n1",
        "counter:n0",
    ]
    assert second.context["paged"].first == "?type=counter"


def test_a_page_asks_the_database_as_often_for_fifty_as_for_one(
    ann: Client, statements: Counted
) -> None:
    Counter.of("n0").add()
    ann.get(LIST)
    with statements() as few:
        ann.get(LIST)
    for number in range(1, PAGE):
        Counter.of(f"n{number}").add()
        Counter.of(f"n{number}").trigger.add()
    with statements() as many:
        page = ann.get(LIST)

    assert len(page.context["page"].items) == PAGE
    assert any("agents_core_agent" in one for one in few)
    assert len(many) == len(few) < 10


def test_it_lists_what_was_given_up_on_of_all_agents(ann: Client, letter: str) -> None:
    Plumbing.of(1, "here").note("x")

    page = ann.get(address("letters")).content.decode()
    others = ann.get(address("letters"), {"type": "plumbing"}).content.decode()

    assert "RuntimeError: no luck" in page
    retry = address("agent_operate", "counter:a", "retry", message=letter)
    assert f'href="{retry}"' in page
    assert "No dead letters" in others


def test_letters_go_on_by_cursor(ann: Client) -> None:
    for number in range(PAGE + 2):
        Counter.of(f"n{number}").trigger.fail()
    step()

    first = ann.get(address("letters"))
    second = ann.get(address("letters") + first.context["list"].paged.more)

    seen = [mail.agent_id for page in (first, second) for mail in page.context["list"].page.items]
    assert len(seen) == len(set(seen)) == PAGE + 2


def test_the_journal_tells_who_did_what(ann: Client) -> None:
    Counter.of("a").add()
    ann.post(address("agent_operate", "counter:a", "interrupt"))
    ann.post(address("agent_operate", "counter:a", "delete"))

    page = ann.get(address("operation_changelist"))

    assert [(one.who, one.operation) for one in page.context["page"].items] == [
        ("ann", "delete"),
        ("ann", "interrupt"),
    ]
    assert address("agent_history", "counter:a") in page.content.decode()
    again = ann.get(address("agent_history", "counter:a"))
    assert again.status_code == 200
    assert "<td>ann</td><td>delete</td>" in again.content.decode()


def test_the_journal_tells_of_updates_of_all_agents_of_a_type(
    ann: Client, definitions: None
) -> None:
    Jug.of("a").pour()
    jug2()
    rollouts.start("jug", 2, "manual", by="zoe")
    page = ann.get(address("operation_changelist")).content.decode()
    assert '<th scope="row">all jug</th>' in page


@pytest.mark.parametrize("page", ["letters", "operation_changelist"])
def test_a_cursor_that_is_not_ours_is_told(page: str, ann: Client) -> None:
    answer = ann.get(address(page), {"cursor": "nonsense"})
    assert answer.status_code == 422
    assert "This cursor is not one of ours" in answer.content.decode()
