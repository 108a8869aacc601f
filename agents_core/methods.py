"""What makes a method public, its signature, and its arguments and result as JSON."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticSerializationError

from agents_core.effect_answer import is_answer
from agents_core.errors import ArgumentsNotValid, DefinitionError, UnknownMethod
from agents_core.retry import EffectPolicy
from agents_core.text import has_nul, is_storable

F = TypeVar("F", bound=Callable[..., Any])
MARK = "_agent_method_kind"
EFFECT_MARK = "_agent_effect"
ANSWER = "answer"
"""What the parameter is called in which a command takes an effect's answer."""


class MethodKind(enum.Enum):
    """What a public method of an agent does."""

    QUERY = "query"
    COMMAND = "command"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class EffectOptions:
    """How an effect is tried again. One that is not idempotent is not, if nobody knows whether it
    has happened."""

    retry: EffectPolicy
    idempotent: bool


def query(function: F) -> F:
    """A method that reads the last committed document: no lock, no queue; it cannot write."""
    setattr(function, MARK, MethodKind.QUERY)
    return function


def command(function: F) -> F:
    """A method that runs alone on its agent, in order, all or nothing.

    A pure function of document, arguments and context: no I/O, no clock and no chance but
    `self.now()`, `self.new_id()` and `self.random`. The runtime may run it more than once before
    it commits once.
    """
    setattr(function, MARK, MethodKind.COMMAND)
    return function


def effect(retry: EffectPolicy | None = None, *, idempotent: bool = True) -> Callable[[F], F]:
    """A method of an ephemeral agent that does something in the outside world.

    Asked for by a command, it runs in a worker after the commit, without lock or transaction, and
    is tried again as `retry` says. All tries have the same `self.idempotency_key`. With
    `idempotent=False` it is not tried again where nobody knows whether it has happened: after the
    death of its process, and after errors that are not named in `retry`.
    """
    if not isinstance(retry, EffectPolicy | None) or not isinstance(idempotent, bool):
        raise DefinitionError("Write @effect(retry=EffectPolicy(...), idempotent=True), or less.")
    policy = retry or (EffectPolicy() if idempotent else EffectPolicy(attempts=1))

    def mark(function: F) -> F:
        if not idempotent and policy.attempts > 1 and Exception in policy.on:
            raise DefinitionError(
                f"{function.__qualname__} is not idempotent and tried again after any error: name "
                "those after which it surely has not happened, EffectPolicy(on=(...))."
            )
        setattr(function, MARK, MethodKind.EFFECT)
        setattr(function, EFFECT_MARK, EffectOptions(policy, idempotent))
        return function

    return mark


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """One public method: its function and how its arguments and result cross as JSON."""

    agent_type: str
    name: str
    kind: MethodKind
    function: Callable[..., Any]
    names: tuple[str, ...]
    arguments: type[BaseModel]
    result: TypeAdapter[Any] | None
    number: type | None
    """`int`, where that is the result: pydantic takes ten times as long to say that it is one."""
    brief_entry: str
    """What the oplog of a type that keeps it brief says of a run."""
    takes_answer: bool
    """A command with a parameter `answer: Answer[...]`, for what an effect answers."""
    effect: EffectOptions | None

    @classmethod
    def of(cls, owner: type, name: str, function: Callable[..., Any]) -> MethodSpec:
        """Read a decorated method; raises DefinitionError where it is not fully typed."""
        where = f"{owner.__qualname__}.{name}"
        try:
            hints = get_type_hints(function, include_extras=True)
        except NameError as error:
            raise DefinitionError(f"{where}: {error}") from error
        if "return" not in hints:
            raise DefinitionError(f"{where} does not say what it returns: annotate it.")
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise DefinitionError(f"{where} is async or a generator: write it as a plain `def`.")
        fields: dict[str, Any] = {}
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise DefinitionError(f"{where} takes *{parameter.name}: name each argument.")
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise DefinitionError(f"{where}: {parameter.name} has no name: leave out the `/`.")
            if parameter.name not in hints:
                raise DefinitionError(f"{where}: the argument {parameter.name} has no type.")
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], default)
        arguments = _arguments_model(where, fields)
        kind: MethodKind = getattr(function, MARK)
        effect: EffectOptions | None = getattr(function, EFFECT_MARK, None)
        if (kind is MethodKind.EFFECT) is not (effect is not None):
            raise DefinitionError(
                f"{where} is an @effect and a @{kind.value}: make it one of them."
            )
        return cls(
            agent_type=owner.agent_type,  # type: ignore[attr-defined]
            name=name,
            kind=kind,
            function=function,
            names=tuple(fields),
            arguments=arguments,
            result=_adapter(where, hints["return"]),
            number=int if hints["return"] is int else None,
            brief_entry=orjson.dumps({"method": name}).decode(),
            takes_answer=kind is MethodKind.COMMAND and is_answer(hints.get(ANSWER)),
            effect=effect,
        )

    def encode(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """The arguments of a call as JSON; refuses what does not fit the signature."""
        if len(args) > len(self.names):
            raise TypeError(f"{self.name} takes {len(self.names)} arguments, {len(args)} given")
        if not self.names and not kwargs:
            return "{}"
        named = dict(zip(self.names, args, strict=False))
        if doubled := named.keys() & kwargs.keys():
            raise TypeError(f"{self.name} got {sorted(doubled)} twice")
        try:
            arguments = self.arguments.__pydantic_validator__.validate_python(named | kwargs)
            encoded: bytes = self.arguments.__pydantic_serializer__.to_json(arguments)
        except ValidationError as error:
            raise self._not_valid(error) from error
        except PydanticSerializationError as error:  # a lone surrogate
            raise self._not_storable(named | kwargs) from error
        if has_nul(encoded):
            raise self._not_storable(named | kwargs)
        return encoded.decode()

    def encode_bound(self, bound: dict[str, Any]) -> str:
        """The arguments of a command that takes an answer, all but the answer, as JSON."""
        if ANSWER in bound:
            raise TypeError(f"{self.name} gets its answer from the effect: leave {ANSWER}= out")
        # validated whole, so with some answer
        whole = orjson.loads(self.encode((), {**bound, ANSWER: {"effect": "", "attempts": 0}}))
        del whole[ANSWER]
        return orjson.dumps(whole).decode()

    def decode(self, data: str | bytes) -> dict[str, Any]:
        """Fresh argument objects of JSON; refuses what does not fit the signature."""
        if not self.names:
            return {}
        try:
            arguments: BaseModel = self.arguments.__pydantic_validator__.validate_json(data)
            return arguments.__dict__
        except ValidationError as error:
            raise self._not_valid(error) from error

    def dump_result(self, value: Any) -> bytes:
        """The result as JSON; a value of another type than annotated is a fault."""
        if self.result is None:
            if value is not None:
                raise TypeError(f"{self.agent_type}.{self.name} is annotated to return None")
            return b"null"
        if type(value) is self.number:
            return str(value).encode()
        try:
            encoded = self.result.serializer.to_json(value, warnings="error")
        except PydanticSerializationError as error:
            raise TypeError(f"{self.agent_type}.{self.name} returned {value!r}: {error}") from error
        if has_nul(encoded):
            raise ValueError(f"{self.agent_type}.{self.name} returned text with a NUL character")
        return encoded

    def load_result(self, data: str | bytes) -> Any:
        """A fresh result object of its JSON."""
        return None if self.result is None else self.result.validator.validate_json(data)

    def schemas(self) -> dict[str, Any]:
        """JSON schemas of arguments and result, for operators."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "arguments": self.arguments.model_json_schema(),
            "result": {"type": "null"} if self.result is None else self.result.json_schema(),
        }

    def _not_valid(self, error: ValidationError) -> ArgumentsNotValid:
        # not with the input: it may be what JSON cannot hold, or nobody's business
        problems = [
            {"type": problem["type"], "loc": list(problem["loc"]), "msg": problem["msg"]}
            for problem in error.errors(
                include_url=False, include_context=False, include_input=False
            )
        ]
        return self._arguments_not_valid(problems)

    def _not_storable(self, arguments: dict[str, Any]) -> ArgumentsNotValid:
        message = "Text cannot have NUL characters or halves of surrogate pairs"
        return self._arguments_not_valid(
            [
                {"type": "text_not_storable", "loc": [name], "msg": message}
                for name, value in arguments.items()
                if not is_storable(value)
            ]
        )

    def _arguments_not_valid(self, problems: list[dict[str, Any]]) -> ArgumentsNotValid:
        return ArgumentsNotValid(method=f"{self.agent_type}.{self.name}", errors=problems)


def find_method(
    methods: dict[str, MethodSpec], agent_type: str, name: str, kind: MethodKind | None = None
) -> MethodSpec:
    """The method of that name (and kind); private helpers are not reachable from outside."""
    spec = methods.get(name)
    if spec is None or (kind is not None and spec.kind is not kind):
        raise UnknownMethod(agent_type=agent_type, method=name)
    return spec


_NOT_JSON = (TypeError, NameError, ValueError, PydanticUserError)


def _arguments_model(where: str, fields: dict[str, Any]) -> type[BaseModel]:
    for name in fields:
        if name in BaseModel.__dict__ or name.startswith("_"):
            raise DefinitionError(f"{where}: an argument cannot be called {name}.")
    try:
        model = create_model(where, __config__=ConfigDict(extra="forbid"), **fields)
        for hint, default in fields.values():
            if default is not ...:
                orjson.dumps(default, default=_dump_model)
                TypeAdapter(hint).validate_python(default)
        model.model_json_schema()
    except _NOT_JSON as error:
        raise DefinitionError(f"{where}: {error}") from error
    return model


def _adapter(where: str, hint: Any) -> TypeAdapter[Any] | None:
    if hint in (None, type(None)):
        return None
    try:
        return TypeAdapter(hint)
    except _NOT_JSON as error:
        raise DefinitionError(f"{where}: the result {hint!r} is not JSON: {error}") from error


def _dump_model(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"the default {value!r} is not JSON")
