"""Environments: what a type says, what an agent is created with, and that it stays so."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from agents_core import (
    ArgumentsNotValid,
    Caller,
    DurableAgent,
    EphemeralAgent,
    Parameter,
    Rejected,
    SearchFields,
    calling,
    command,
    query,
)
from agents_core.environment import MAX_NAME, MAX_NAMES, MAX_VALUE
from agents_core.errors import AgentError, AgentExists, DefinitionError
from agents_core.testing import Side, fault_at, step
from tests.agents_core.racing import dead, mail, oplog, rows, together


class TillClosed(Rejected):
    """The till is closed."""

    code = "till_closed"


class TillState(BaseModel):
    sold: int = 0
    currency: str = ""


class Till(DurableAgent):
    """Sells. Parameters: its name."""

    environment = {"currency": "USD", "open": "yes"}

    name: Parameter[str]
    state: TillState | None

    @query
    def settings(self) -> dict[str, str]:
        return dict(self.env)

    @query
    def change_settings(self) -> None:
        self.env["currency"] = "GBP"  # type: ignore[index]

    @query
    def settings_of(self, others: list[str]) -> list[dict[str, str]]:
        return [Till.of(others[0]).settings(), *Till.of_many(others).settings()]

    @command
    def sell(self) -> str:
        sold = self.state.sold if self.state else 0
        self.state = TillState(sold=sold + 1, currency=self.env["currency"])
        return self.env["currency"]

    @command
    def open_another(self, name: str, environment: dict[str, str], then: str = "") -> list[Any]:
        """Create another one and read it, before anything is committed."""
        Till.of(name).created_with(environment)
        seen = [Till.of(name).settings(), Till.of_many([name]).settings()[0], Till.of(name).sell()]
        if then == "refuse":
            raise TillClosed
        if then == "fail":
            raise RuntimeError("after all that")
        return seen

    @command
    def try_to_open(self, name: str, environment: dict[str, str]) -> str:
        try:
            Till.of(name).created_with(environment)
        except AgentExists as refusal:
            return refusal.code
        return "created"

    @command
    def open_and_lose(self, name: str) -> str:
        """A creation that is dropped, then another of the same agent in the same turn."""
        try:
            Till.of(self.name + "-helper").open_another(name, {"currency": "EUR"}, "refuse")
        except TillClosed:
            return Till.of(name).sell()
        return "not refused"

    @command
    def fail(self) -> None:
        raise RuntimeError("broken")

    def search_fields(self) -> SearchFields | None:
        return SearchFields(words=[self.env["currency"]])


class Rates(EphemeralAgent):
    """Knows rates."""

    environment = {"source": "ecb"}

    @query
    def source(self) -> dict[str, str]:
        return dict(self.env)


DEFAULT = {"currency": "USD", "open": "yes"}
EUROS = {"currency": "EUR", "open": "yes"}


def test_an_agent_has_the_environment_of_its_type() -> None:
    assert Till.of("new").settings() == DEFAULT
    assert Till.of("new").sell() == "USD"
    assert Till.of("new").settings() == DEFAULT
    assert Rates.of().source() == {"source": "ecb"}


def test_it_is_overlaid_by_what_an_agent_is_created_with() -> None:
    Till.of("berlin").created_with({"currency": "EUR", "seat": "3"})

    assert Till.of("berlin").settings() == EUROS | {"seat": "3"}
    assert Till.of("berlin").sell() == "EUR"
    assert Till.of("boston").sell() == "USD"
    assert Till.of("boston").settings_of(["berlin", "boston"]) == [
        EUROS | {"seat": "3"},
        EUROS | {"seat": "3"},
        DEFAULT,
    ]


def test_it_is_kept_beside_the_document_and_in_the_oplog() -> None:
    Till.of("berlin").created_with({"currency": "EUR"})

    stored = "SELECT env, revision FROM agents_core_agent WHERE id = 'till:berlin'"
    assert rows(stored) == [('{"currency": "EUR"}', 1)]
    [(kind, entry)] = oplog("till:berlin")
    assert (kind, entry["args"]) == ("command", {"environment": {"currency": "EUR"}})


def test_the_same_creation_again_changes_nothing() -> None:
    for _ in range(2):
        Till.of("berlin").created_with({"currency": "EUR", "seat": "3"})
    Till.of("berlin").sell()
    Till.of("berlin").created_with({"seat": "3", "currency": "EUR"})

    assert Till.of("berlin").sell() == "EUR"


@pytest.mark.parametrize("environment", [{}, {"currency": "GBP"}, {"currency": "EUR", "a": "b"}])
def test_another_environment_for_one_that_exists_is_refused(environment: dict[str, str]) -> None:
    Till.of("berlin").created_with({"currency": "EUR"})

    with pytest.raises(AgentExists) as refused:
        Till.of("berlin").created_with(environment)

    assert (refused.value.code, refused.value.status) == ("agent_exists", 409)
    assert refused.value.facts == {"agent_id": "till:berlin"}
    assert Till.of("berlin").settings() == EUROS


def test_an_agent_that_exists_without_can_only_be_created_with_nothing() -> None:
    Till.of("berlin").sell()

    with pytest.raises(AgentExists):
        Till.of("berlin").created_with({"currency": "EUR"})
    Till.of("berlin").created_with({})

    assert Till.of("berlin").settings() == DEFAULT


def test_a_command_that_was_refused_creates_nothing_to_collide_with() -> None:
    with pytest.raises(RuntimeError):
        Till.of("berlin").fail()

    Till.of("berlin").created_with({"currency": "EUR"})

    assert Till.of("berlin").settings() == EUROS


def test_it_is_sent_like_any_message_and_keeps_its_place() -> None:
    Till.of("early").trigger.created_with({"currency": "EUR"})
    Till.of("early").trigger.sell()
    Till.of("late").trigger.sell()
    Till.of("late").trigger.created_with({"currency": "EUR"})
    step()

    assert Till.of("early").sell() == "EUR"
    assert Till.of("late").sell() == "USD"
    assert [kind for kind, _ in oplog("till:late")][:2] == ["command", "refusal"]
    assert mail("till:late") == dead("till:late") == []


def test_a_call_behind_a_waiting_message_finds_the_agent_created() -> None:
    Till.of("berlin").trigger.created_with({"currency": "EUR"})

    assert Till.of("berlin").sell() == "EUR"


def test_a_message_that_faults_behind_the_creation_leaves_it() -> None:
    Till.of("berlin").trigger.created_with({"currency": "EUR"})
    Till.of("berlin").trigger.fail()
    Till.of("berlin").trigger.sell()
    step()

    assert Till.of("berlin").settings() == EUROS
    assert len(dead("till:berlin")) == 1


def test_a_command_creates_another_agent_and_reads_it_at_once() -> None:
    seen = Till.of("head").open_another("branch", {"currency": "EUR"})

    assert seen == [EUROS, EUROS, "EUR"]
    assert Till.of("branch").settings() == EUROS


@pytest.mark.parametrize(("then", "raised"), [("refuse", TillClosed), ("fail", RuntimeError)])
def test_a_creation_in_a_dropped_command_did_not_happen(then: str, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        Till.of("head").open_another("branch", {"currency": "EUR"}, then)

    assert Till.of("branch").settings() == DEFAULT
    assert Till.of("branch").sell() == "USD"


def test_a_creation_dropped_in_the_middle_of_a_turn_is_forgotten_there() -> None:
    assert Till.of("head").open_and_lose("branch") == "USD"
    assert Till.of("branch").settings() == DEFAULT


def test_a_command_can_handle_that_it_exists() -> None:
    assert Till.of("head").try_to_open("branch", {"currency": "EUR"}) == "created"
    assert Till.of("head").try_to_open("branch", {"currency": "EUR"}) == "created"
    assert Till.of("head").try_to_open("branch", {"currency": "GBP"}) == "agent_exists"


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_creation_with_a_key_happens_once_whichever_side_its_commit_is_lost(side: Side) -> None:
    with calling(Caller("alice"), key="k"), fault_at("turn", side) as faults:
        Till.of("berlin").created_with({"currency": "EUR"})
    with calling(Caller("alice"), key="k") as again:
        Till.of("berlin").created_with({"currency": "EUR"})

    assert faults == [f"{side} turn"]
    assert again.replayed
    assert [kind for kind, _ in oplog("till:berlin")] == ["command"]
    assert Till.of("berlin").settings() == EUROS


def test_of_creations_at_once_one_wins() -> None:
    def create(currency: str) -> Callable[[], str]:
        def run() -> str:
            try:
                Till.of("berlin").created_with({"currency": currency})
            except AgentExists:
                return ""
            return currency

        return run

    won = [name for name in together(*map(create, ["EUR", "GBP", "CHF", "SEK"])) if name]

    assert won == [Till.of("berlin").settings()["currency"]]


def test_searches_may_use_it() -> None:
    Till.of("berlin").created_with({"currency": "EUR"})
    Till.of("berlin").sell()

    words = rows("SELECT words FROM agents_core_searchentry WHERE agent_id = 'till:berlin'")
    assert "eur" in words[0][0]


def test_nobody_writes_to_it() -> None:
    with pytest.raises(TypeError):
        Till.of("berlin").change_settings()


@pytest.mark.parametrize(
    "environment",
    [
        {"": "empty name"},
        {"n" * (MAX_NAME + 1): "long name"},
        {"value": "v" * (MAX_VALUE + 1)},
        {str(number): "" for number in range(MAX_NAMES + 1)},
        {"nul": "a\0b"},
        {"a\0b": "nul"},
        {"half": "\ud800"},
        {"number": 3},
        {"none": None},
        [["pairs", "no"]],
    ],
)
def test_it_refuses_what_is_no_environment(environment: Any) -> None:
    with pytest.raises(ArgumentsNotValid) as refused:
        Till.of("berlin").created_with(environment)

    assert refused.value.facts["method"] == "till.created_with"
    assert oplog("till:berlin") == []


def test_it_takes_as_much_as_it_says() -> None:
    most = {f"{number:03}".ljust(MAX_NAME, "n"): "ü" * MAX_VALUE for number in range(MAX_NAMES)}

    Till.of("berlin").created_with(most)

    assert Till.of("berlin").settings() == DEFAULT | most


@pytest.mark.parametrize("environment", [{"a": 1}, {1: "a"}, {"": ""}, ["a"], None, {"a": None}])
def test_a_type_with_a_wrong_environment_stops_the_start(
    environment: Any, definitions: None
) -> None:
    with pytest.raises(DefinitionError, match=r"Odd\.environment"):
        type("Odd", (Till,), {"environment": environment})


def test_a_type_may_say_it_for_those_derived_from_it(definitions: None) -> None:
    class Kiosk(Till):
        environment = Till.environment | {"open": "no"}  # type: ignore[operator]

    assert Kiosk.of("x").settings() == {"currency": "USD", "open": "no"}


@pytest.mark.parametrize("name", ["created_with", "env", "environment"])
def test_the_names_are_taken(name: str, definitions: None) -> None:
    def method(self: object) -> None: ...

    with pytest.raises((DefinitionError, AgentError), match=name):
        type("Clash", (DurableAgent,), {name: command(method), "get": Till.settings})
