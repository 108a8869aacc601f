"""What operators see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args
from unittest import mock

import psycopg
import pytest
from django.db import connection

from agents_core import Caller, belongings, calling, clock, database, operators
from agents_core.belongings import NoSuchCollection
from agents_core.collections import CursorNotValid
from agents_core.errors import (
    AgentIdNotValid,
    AgentUnavailable,
    NoSuchAgent,
    UnknownAgentType,
)
from agents_core.testing import freeze, step
from tests.agents_core.agents import Fragile, Plumbing
from tests.agents_core.counter import Counter
from tests.agents_core.racing import rows


def ids(**filters: Any) -> list[str]:
    return [agent.agent_id for agent in operators.list_agents(**filters).items]


def all_pages(read: Callable[..., Any], **arguments: Any) -> list[Any]:
    """Everything, two at a time."""
    found: list[Any] = []
    page = read(**arguments, limit=2)
    while page.next_cursor is not None:
        assert len(page.items) == 2
        found += page.items
        page = read(**arguments, limit=2, cursor=page.next_cursor)
    return found + page.items


def make(*names: str) -> None:
    """Counters, each a second younger than the one before."""
    with freeze("2026-03-01T12:00:00Z") as time:
        for name in names:
            Counter.of(name).add()
            time.tick(1)


# types


def test_it_lists_types_with_parameters_and_methods() -> None:
    found = {one.type: one for one in operators.types().items}

    plumbing = found["plumbing"]
    assert (plumbing.kind, plumbing.versions) == ("durable", [1])
    assert [one.name for one in plumbing.parameters] == ["number", "place"]
    assert [one.json_schema["type"] for one in plumbing.parameters] == ["integer", "string"]
    assert (found["view"].kind, found["view"].state) == ("ephemeral", None)
    assert found["counter"].collections == ["newest", "notes"]


def test_it_shows_the_schemas_of_a_method() -> None:
    counter = next(one for one in operators.types().items if one.type == "counter")
    pass_on = next(one for one in counter.methods if one.name == "pass_on")

    assert pass_on.kind == "command"
    assert pass_on.description.startswith("Count, and let the others count")
    assert pass_on.arguments["properties"]["others"]["type"] == "array"
    assert pass_on.result == {"type": "integer"}


# lists


def test_it_lists_agents_the_newest_first_page_by_page() -> None:
    make("a", "b", "c", "d", "e")
    Plumbing.of(1, "here").note("x")

    found = [agent.agent_id for agent in all_pages(operators.list_agents)]

    assert found == ["plumbing:1/here", *(f"counter:{name}" for name in "edcba")]


def test_agents_made_at_one_moment_are_all_on_some_page() -> None:
    with freeze("2026-03-01T12:00:00Z"):
        for name in "abcde":
            Counter.of(name).add()
            Fragile.of(name).add()

    found = [agent.agent_id for agent in all_pages(operators.list_agents)]

    assert len(found) == 10
    assert found == sorted(found, reverse=True)


def test_it_says_what_an_agent_is() -> None:
    Plumbing.of(3, "a b/c").note("x")
    Plumbing.of(3, "a b/c").trigger.note("y")

    (agent,) = operators.list_agents().items

    assert agent.agent_id == "plumbing:3/a%20b%2Fc"
    assert agent.parameters == {"number": 3, "place": "a b/c"}
    assert (agent.type, agent.version, agent.revision, agent.pending) == ("plumbing", 1, 1, 1)
    assert agent.created_at == agent.updated_at


def test_it_filters_by_type_and_version() -> None:
    make("a")
    Fragile.of("a").add()

    assert ids(type="counter") == ["counter:a"]
    assert ids(type="nothing") == []
    assert ids(type="counter", version=1) == ["counter:a"]
    assert ids(type="counter", version=2) == []


def test_it_filters_by_age() -> None:
    make("old", "young")
    with freeze("2026-03-01T12:00:00.5Z") as time:
        assert ids(older_than=time.now) == ["counter:old"]


def test_it_filters_those_for_which_mail_waits() -> None:
    make("a", "b")
    Counter.of("a").trigger.add()

    assert ids(waiting=True) == ["counter:a"]
    step()
    assert ids(waiting=True) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("*", {"ann", "Ben", "J%C3%BCrgen"}),
        ("AN", {"ann"}),
        ("ann ben", {"ann", "Ben"}),
        ("_nn", set()),
        ("jürgen", {"J%C3%BCrgen"}),
        ("j%c3%bc", {"J%C3%BCrgen"}),
        ("counter:ann", {"ann"}),
        ("counter:an", set()),
        ("agent_id:counter:Ben", {"Ben"}),
        ("fragile:ann", set()),
        ("type:counter ann", {"ann"}),
        ("type:fragile ann", set()),
        ("version:1 ann", {"ann"}),
        ("version:2 ann", set()),
        ("version:one", set()),
        ("colour:red", set()),
    ],
)
def test_it_finds_by_words_of_the_id_and_by_fields(query: str, found: set[str]) -> None:
    for name in ("ann", "Ben", "Jürgen"):
        Counter.of(name).add()

    assert set(ids(query=query)) == {f"counter:{key}" for key in found}


def test_a_type_and_a_query_for_another_find_nothing() -> None:
    make("a")

    assert ids(type="counter", query="counter:a") == ["counter:a"]
    assert ids(type="fragile", query="counter:a") == []


def test_it_lists_agents_of_types_the_code_no_longer_knows(definitions: None) -> None:
    make("a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE agents_core_agent SET id = 'gone:x/y', type = 'gone'")

    (agent,) = operators.list_agents().items

    assert (agent.type, agent.parameters) == ("gone", {"1": "x", "2": "y"})
    assert operators.show("gone:x/y").state["count"] == 1
    with pytest.raises(UnknownAgentType):
        operators.invoke("gone:x/y", "get")


def test_it_refuses_cursors_that_are_not_ours() -> None:
    for read in (
        operators.list_agents,
        operators.dead_letters,
        lambda cursor: operators.messages("counter:a", cursor=cursor),
    ):
        with pytest.raises(CursorNotValid):
            read(cursor="nonsense")


# one agent


def test_it_shows_an_agent_with_its_document() -> None:
    make("a")

    shown = operators.show("counter:a")

    assert shown.agent_id == "counter:a"
    assert shown.state == {"count": 1, "seen": []}


def test_it_shows_no_agent_that_never_ran() -> None:
    with pytest.raises(NoSuchAgent, match="counter:nobody"):
        operators.show("counter:nobody")


@pytest.mark.parametrize("spelled", ["plumbing:03/x", "plumbing:3/%78"])
def test_it_finds_an_agent_by_any_spelling_of_its_id(spelled: str) -> None:
    Plumbing.of(3, "x").note("y")

    assert operators.show(spelled).agent_id == "plumbing:3/x"


@pytest.mark.parametrize("agent_id", ["counter", ":a", "plumbing:3", "plumbing:x/y", "counter:"])
def test_it_refuses_what_no_agent_can_be_called(agent_id: str) -> None:
    with pytest.raises(AgentIdNotValid):
        operators.show(agent_id)


def test_it_shows_collections_by_page() -> None:
    for number in range(5):
        Counter.of("a").put_note(f"k{number}", f"n{number}", number)

    notes = {one.name: (one.items, one.at_least) for one in operators.collections("counter:a")}
    found = all_pages(lambda **page: operators.items("counter:a", "notes", **page))
    oldest = operators.items("counter:a", "notes", oldest_first=True, limit=1).items

    assert notes == {"notes": (5, False), "newest": (0, False)}
    assert [(one.key, one.item, one.sort) for one in found[:2]] == [
        ("k4", "n4", 4),
        ("k3", "n3", 3),
    ]
    assert len(found) == 5
    assert oldest[0].key == "k0"


def test_it_counts_large_collections_up_to_a_limit() -> None:
    for number in range(3):
        Counter.of("a").put_note(str(number), "x", number)

    with mock.patch.object(belongings, "COUNTED", 2):
        (_, notes) = operators.collections("counter:a")

    assert (notes.items, notes.at_least) == (2, True)


def test_it_shows_of_a_bounded_collection_what_the_agent_sees() -> None:
    Counter.of("a").put_newest(list(range(9)))

    assert [one.item for one in operators.items("counter:a", "newest").items] == [8, 7, 6, 5, 4]


def test_there_is_no_collection_of_another_name() -> None:
    with pytest.raises(NoSuchCollection):
        operators.items("counter:a", "nothing")


# mail


def test_it_shows_what_waits_with_attempts_and_the_last_error() -> None:
    Counter.of("a").trigger.fail("broken so")
    assert Counter.of("a").fresh.get() is None  # it is tried, and waits for its retry

    (mail,) = operators.messages("counter:a").items

    assert (mail.kind, mail.method, mail.args) == ("message", "fail", {"message": "broken so"})
    assert mail.attempts == 1
    assert "broken so" in (mail.last_error or "")
    assert mail.at is not None
    assert mail.at > clock.now() - timedelta(minutes=1)


def test_it_shows_messages_schedules_and_dead_letters_page_by_page() -> None:
    Fragile.of("a").trigger.fail()
    Fragile.of("a").trigger.fail()
    step()
    later = clock.now() + timedelta(hours=1)
    for name in ("x", "y"):
        Fragile.of("a").schedule(at=later, name=name).add()
    with calling(Caller("bob")):
        sent = [Fragile.of("a").trigger.add() for _ in range(3)]  # type: ignore[func-returns-value]

    found = all_pages(lambda **page: operators.messages("fragile:a", **page))

    assert [one.kind for one in found] == [
        *["message"] * 3,
        *["schedule"] * 2,
        *["dead_letter"] * 2,
    ]
    assert [one.message_id for one in found[:5]] == [*sent, "x", "y"]
    assert found[0].sender == "bob"
    assert found[3].at == later
    assert "broken" in (found[5].last_error or "")
    assert [one.kind for one in operators.messages("fragile:a", kinds=["schedule"]).items] == [
        "schedule",
        "schedule",
    ]


def test_a_message_says_when_it_was_sent() -> None:
    with freeze("2026-03-01T12:00:00.123456Z") as time:
        Counter.of("a").trigger.add()
        (mail,) = operators.messages("counter:a").items
        assert mail.sent_at == time.now


def test_it_shows_what_one_message_to_many_says() -> None:
    Counter.of_many(["a", "b"]).trigger.add(3)

    (mail,) = operators.messages("counter:b").items

    assert (mail.method, mail.args) == ("add", {"amount": 3, "label": None})


def test_it_lists_the_dead_letters_of_all_agents() -> None:
    for name in "abc":
        Fragile.of(name).trigger.fail()
        step()
    Counter.of("x").trigger.fail()
    step()

    found = all_pages(operators.dead_letters)

    assert [one.agent_id for one in found] == ["counter:x", "fragile:c", "fragile:b", "fragile:a"]
    assert [one.agent_id for one in operators.dead_letters(type="counter").items] == ["counter:x"]
    assert operators.dead_letters(type="count").items == []


# trouble


def test_it_reads_on_after_the_server_was_restarted() -> None:
    make("a")
    operators.show("counter:a")
    for purpose in get_args(database.Purpose):
        backend = database.connection(purpose).info.backend_pid
        rows("SELECT pg_terminate_backend(%s, 5000)", backend)
    assert operators.show("counter:a").revision == 1


@pytest.mark.parametrize("purpose", ["turn", "search"])
def test_it_works_on_after_its_statements_were_dropped(purpose: database.Purpose) -> None:
    """As psycopg, or who stands between us and the server, may do at any time."""
    make("a")
    assert operators.invoke("counter:a", "get") == 1
    database.connection(purpose).execute("DEALLOCATE ALL")

    assert operators.invoke("counter:a", "add") == 2
    Counter.of("a").trigger.add()
    step()
    assert operators.invoke("counter:a", "get") == 3
    assert operators.messages("counter:a").items == []


def test_it_says_that_the_database_is_away() -> None:
    away = mock.Mock(side_effect=psycopg.OperationalError("away"))
    with mock.patch("agents_core.database.connection", away), pytest.raises(AgentUnavailable):
        operators.list_agents()
