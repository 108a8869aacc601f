"""Wrong definitions stop the start and name the class."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from agents_core import (
    DurableAgent,
    EffectPolicy,
    EphemeralAgent,
    NotFound,
    Parameter,
    command,
    effect,
    query,
)
from agents_core.errors import DefinitionError
from agents_core.registry import find

pytestmark = pytest.mark.usefixtures("definitions")


class State(BaseModel):
    count: int = 0


def test_it_names_a_type_after_its_class_in_kebab_case() -> None:
    class HTTPUserTimeline(DurableAgent):
        @query
        def get(self) -> None: ...

    assert find("http-user-timeline") is HTTPUserTimeline


def test_it_lets_a_type_choose_its_name() -> None:
    class Basket(DurableAgent):
        agent_type = "cart-of-old"

        @query
        def get(self) -> None: ...

    assert find("cart-of-old") is Basket


def test_it_refuses_two_types_of_one_name() -> None:
    class Same(DurableAgent):
        @query
        def get(self) -> None: ...

    with pytest.raises(DefinitionError, match=r"Other.*Same.*'same'"):

        class Other(DurableAgent):
            agent_type = "same"

            @query
            def get(self) -> None: ...


def test_it_refuses_two_refusals_of_one_code() -> None:
    class Lost(NotFound):
        """It is lost."""

        code = "lost_of_test"

    with pytest.raises(DefinitionError, match=r"Gone.*Lost.*lost_of_test"):

        class Gone(NotFound):
            """It is gone."""

            code = "lost_of_test"


@pytest.mark.parametrize("name", ["Upper", "a:b", "a/b", "", "a--b", "-a", "a b"])
def test_it_refuses_a_type_name_that_ids_could_not_hold(name: str) -> None:
    with pytest.raises(DefinitionError, match="Oddly"):
        type(
            "Oddly",
            (DurableAgent,),
            {"agent_type": name or " ", "get": query(_returns_none), "__module__": __name__},
        )


def _returns_none(self: Any) -> None: ...


def untyped_argument(self: Any, amount) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001


def no_return(self: Any, amount: int): ...  # type: ignore[no-untyped-def]  # noqa: ANN201


def star_args(self: Any, *amounts: int) -> None: ...


def star_kwargs(self: Any, **amounts: int) -> None: ...


def positional_only(self: Any, amount: int, /) -> None: ...


def unknown_name(self: Any, amount: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


def function_argument(self: Any, how: Callable[[], None]) -> None: ...


def default_not_json(self: Any, data: Any = b"\xff") -> None: ...


def default_of_another_type(self: Any, amount: int = "one") -> None: ...  # type: ignore[assignment]


def argument_called_copy(self: Any, copy: int) -> None: ...


def private_argument(self: Any, _amount: int) -> None: ...


async def asynchronous(self: Any) -> None: ...


def generator(self: Any) -> Iterator[int]:
    yield 1


class NotJson:
    pass


def result_not_json(self: Any) -> NotJson: ...  # type: ignore[empty-body]


@pytest.mark.parametrize(
    "function",
    [
        untyped_argument,
        no_return,
        star_args,
        star_kwargs,
        positional_only,
        unknown_name,
        function_argument,
        default_not_json,
        default_of_another_type,
        argument_called_copy,
        private_argument,
        asynchronous,
        generator,
        result_not_json,
    ],
)
def test_it_refuses_a_wrong_method_and_names_class_and_method(function: Any) -> None:
    with pytest.raises(DefinitionError, match=rf"Wrong\.{function.__name__}"):
        type("Wrong", (DurableAgent,), {function.__name__: command(function)})


@pytest.mark.parametrize("name", ["trigger", "schedule", "of", "key", "now", "state", "caller"])
def test_it_refuses_a_method_named_like_one_of_every_agent(name: str) -> None:
    with pytest.raises(DefinitionError, match=rf"Wrong.*{name}"):
        type("Wrong", (DurableAgent,), {name: command(_returns_none)})


def test_it_refuses_a_parameter_named_like_something_of_every_agent() -> None:
    with pytest.raises(DefinitionError, match=r"Wrong.*key"):
        type(
            "Wrong",
            (DurableAgent,),
            {"__annotations__": {"key": Parameter[str]}, "get": query(_returns_none)},
        )


@pytest.mark.parametrize("state", [dict, int, State | int, list[State], "Nowhere"])
def test_it_refuses_state_that_is_no_model(state: Any) -> None:
    with pytest.raises(DefinitionError, match="Wrong"):
        type(
            "Wrong",
            (DurableAgent,),
            {"__annotations__": {"state": state}, "get": query(_returns_none)},
        )


def test_it_takes_an_agent_without_state() -> None:
    class Stateless(DurableAgent):
        @command
        def nothing(self) -> None: ...

    assert Stateless.of().nothing() is None


def test_it_refuses_a_class_without_methods() -> None:
    with pytest.raises(DefinitionError, match="Silent has no @query"):
        type("Silent", (EphemeralAgent,), {})


def test_it_leaves_helpers_out_of_the_public_api() -> None:
    class Helped(DurableAgent):
        def helper(self) -> None: ...

        @query
        def get(self) -> None: ...

    assert list(Helped.methods) == ["created_with", "get"]


def test_it_describes_its_methods_as_json_schemas() -> None:
    class Described(DurableAgent):
        @command
        def add(self, amount: int = 1) -> int: ...  # type: ignore[empty-body]

    schema = Described.methods["add"].schemas()

    assert schema["arguments"]["properties"]["amount"]["default"] == 1
    assert schema["result"] == {"type": "integer"}


def test_it_takes_effects_of_ephemeral_agents() -> None:
    class Outside(EphemeralAgent):
        @effect(retry=EffectPolicy(attempts=2, on=(OSError, ValueError)), idempotent=False)
        def send(self) -> None: ...

        @effect()
        def receive(self) -> None: ...

    assert [spec.kind.value for spec in Outside.methods.values()] == ["effect"] * 2


def test_it_refuses_an_effect_of_an_agent_with_a_lock() -> None:
    with pytest.raises(DefinitionError, match=r"Wrong\.send is an @effect: only an EphemeralAgent"):

        class Wrong(DurableAgent):
            @effect()
            def send(self) -> None: ...


def test_it_refuses_an_effect_that_is_something_else_too() -> None:
    with pytest.raises(DefinitionError, match=r"Wrong\.send is an @effect and a @command"):

        class Wrong(EphemeralAgent):
            @command
            @effect()
            def send(self) -> None: ...


@pytest.mark.parametrize(
    "wrong", [{"retry": 3}, {"retry": EffectPolicy}, {"idempotent": 1}, {"idempotent": None}]
)
def test_it_refuses_an_effect_with_wrong_options(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="Write @effect"):
        effect(**wrong)


def test_it_refuses_an_effect_without_parentheses() -> None:
    with pytest.raises(DefinitionError, match="Write @effect"):

        class Wrong(EphemeralAgent):
            @effect  # type: ignore[arg-type]
            def send(self) -> None: ...


def test_it_refuses_to_repeat_what_may_have_happened() -> None:
    with pytest.raises(DefinitionError, match=r"Wrong\.send is not idempotent.*on=\(\.\.\.\)"):

        class Wrong(EphemeralAgent):
            @effect(retry=EffectPolicy(attempts=2), idempotent=False)
            def send(self) -> None: ...


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"attempts": 1.5},
        {"delay": -1},
        {"factor": 0.5},
        {"cap": -1},
        {"jitter": 2},
        {"deadline": 0},
        {"on": OSError},
        {"on": ("OSError",)},
        {"on": (BaseException,)},
    ],
)
def test_it_refuses_a_policy_that_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=f"wrong value of {next(iter(wrong))}"):
        EffectPolicy(**wrong)
