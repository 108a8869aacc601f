"""Who an agent is: the type's name and its parameters."""

from typing import Any

import pytest

from agents_core import DurableAgent
from agents_core.errors import AgentIdNotValid
from agents_core.identity import join_key, kebab_case, split_key
from agents_core.testing import step
from tests.agents_core.agents import Plumbing, View
from tests.agents_core.counter import Counter


def test_it_writes_type_and_parameters() -> None:
    assert Counter.of("a").id == "counter:a"
    assert Plumbing.of(3, "x").id == "plumbing:3/x"
    assert Plumbing.of(3, "x").key == "3/x"


@pytest.mark.parametrize(
    "name", ["a/b", "a:b", "ä", "日本", "a b", "%2F", "🦊", "'\"", "a\nb", "."]
)
def test_it_quotes_what_ids_give_a_meaning_to(name: str) -> None:
    Counter.of(name).add(1, "x")

    assert Counter.of(name).get() == 1
    assert split_key(Counter.of(name).key) == [name]
    assert Counter.of(name).id.isascii()
    assert Plumbing.of(1, name).where() == (1, name)


def test_it_tells_parameters_with_slashes_from_more_parameters() -> None:
    assert join_key(["a/b", "c"]) != join_key(["a", "b/c"])


def test_it_knows_a_number_however_it_is_written() -> None:
    assert Plumbing.of("03", "x").id == Plumbing.of(3, "x").id == "plumbing:3/x"


@pytest.mark.parametrize(
    ("agent", "parameters"),
    [
        (Counter, ()),
        (Counter, ("a", "b")),
        (Counter, ("",)),
        (Counter, ("a\0b",)),
        (Counter, ("\ud800",)),
        (Counter, ("x" * 600,)),
        (Plumbing, ("three", "x")),
        (Plumbing, (3,)),
        (View, ("",)),
    ],
)
def test_it_refuses_parameters_that_name_no_agent(
    agent: type[DurableAgent], parameters: tuple[Any, ...]
) -> None:
    with pytest.raises(AgentIdNotValid) as refused:
        agent.of(*parameters)

    assert refused.value.message.isprintable()


def test_it_tells_types_of_the_same_key_apart() -> None:
    Counter.of("same").add(2)

    assert View.of("same").total(["same"]) == 2
    assert Plumbing.of(1, "same").where() == (1, "same")


def test_it_is_nobody_until_its_first_command() -> None:
    assert Counter.of("nobody").get() is None
    assert Counter.of("nobody").count_notes() == 0


def test_it_has_its_key_and_parameters_in_methods() -> None:
    Counter.of("a b").send("target", 1)
    step()

    assert Counter.of("target").get_seen() == ["a b0"]
    assert View.of("a b").facts()["key"] == "a%20b"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("User", "user"),
        ("UserIndex", "user-index"),
        ("HTTPServer", "http-server"),
        ("Area51Guard", "area51-guard"),
    ],
)
def test_it_writes_kebab_case(name: str, written: str) -> None:
    assert kebab_case(name) == written
