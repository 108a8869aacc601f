"""The signature of a query or command, and its arguments and result as JSON."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from pydantic_core import PydanticSerializationError

from agents_core.errors import ArgumentsNotValid, DefinitionError, UnknownMethod

MARK = "_agent_method_kind"


class MethodKind(enum.Enum):
    """What a public method of an agent does."""

    QUERY = "query"
    COMMAND = "command"


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
    brief_entry: str
    """What the oplog of a type that keeps it brief says of a run."""

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
        fields: dict[str, Any] = {}
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise DefinitionError(f"{where} takes *{parameter.name}: name each argument.")
            if parameter.name not in hints:
                raise DefinitionError(f"{where}: the argument {parameter.name} has no type.")
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], default)
        arguments = _arguments_model(where, fields)
        return cls(
            agent_type=owner.agent_type,  # type: ignore[attr-defined]
            name=name,
            kind=getattr(function, MARK),
            function=function,
            names=tuple(fields),
            arguments=arguments,
            result=_adapter(where, hints["return"]),
            brief_entry=orjson.dumps({"method": name}).decode(),
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
            return self.arguments.__pydantic_serializer__.to_json(arguments).decode()
        except ValidationError as error:
            raise self._not_valid(error) from error

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
        try:
            return self.result.serializer.to_json(value, warnings="error")
        except PydanticSerializationError as error:
            raise TypeError(f"{self.agent_type}.{self.name} returned {value!r}: {error}") from error

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
        problems = orjson.loads(error.json(include_url=False, include_context=False))
        return ArgumentsNotValid(method=f"{self.agent_type}.{self.name}", errors=problems)


def find_method(
    methods: dict[str, MethodSpec], agent_type: str, name: str, kind: MethodKind | None = None
) -> MethodSpec:
    """The method of that name (and kind); private helpers are not reachable from outside."""
    spec = methods.get(name)
    if spec is None or (kind is not None and spec.kind is not kind):
        raise UnknownMethod(agent_type=agent_type, method=name)
    return spec


def _arguments_model(where: str, fields: dict[str, Any]) -> type[BaseModel]:
    try:
        model = create_model(where, __config__=ConfigDict(extra="forbid"), **fields)
        for name, (_, default) in fields.items():
            if default is not ...:
                orjson.dumps(default, default=_dump_model)
            if name in BaseModel.__dict__ or name.startswith("_"):
                raise DefinitionError(f"{where}: an argument cannot be called {name}.")
        model.model_json_schema()
    except (TypeError, NameError, ValueError) as error:
        raise DefinitionError(f"{where}: {error}") from error
    return model


def _adapter(where: str, hint: Any) -> TypeAdapter[Any] | None:
    if hint in (None, type(None)):
        return None
    try:
        return TypeAdapter(hint)
    except (TypeError, NameError, ValueError) as error:
        raise DefinitionError(f"{where}: the result {hint!r} is not JSON: {error}") from error


def _dump_model(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"the default {value!r} is not JSON")
