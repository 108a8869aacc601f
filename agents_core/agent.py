"""What an author writes against: agent types as classes with queries, commands and collections."""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from agents_core import context, registry
from agents_core import environment as _environment
from agents_core.collections import Collection
from agents_core.context import EffectRun
from agents_core.environment import Environment
from agents_core.errors import AgentExists, AgentIdNotValid, DefinitionError
from agents_core.files import Files
from agents_core.handles import Handle, Many
from agents_core.identity import (
    MAX_ID_LENGTH,
    is_type_name,
    join_key,
    kebab_case,
    split_key,
)
from agents_core.methods import MARK, MethodKind, MethodSpec, command
from agents_core.retry import RetryPolicy
from agents_core.search import SearchFields
from agents_core.text import storable

if TYPE_CHECKING:
    from agents_core.context import Invocation

T = TypeVar("T", str, int)
_PARAMETER = object()
Parameter = Annotated[T, _PARAMETER]
"""A constructor parameter: `user_id: Parameter[str]`. Their order is the order in the id."""

Lane = Literal["interactive", "bulk"]
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]{1,128}")
"""Text that is its own quoted form; most keys are, and need no further look."""


class AgentBase:
    """What durable and ephemeral agents have in common: identity, context, calls."""

    agent_type: ClassVar[str] = ""
    methods: ClassVar[dict[str, MethodSpec]] = {}
    parameters: ClassVar[dict[str, TypeAdapter[Any]]] = {}
    abstract: ClassVar[bool] = True
    environment: ClassVar[Mapping[str, str]] = {}
    """What `self.env` has unless an agent is created with something else. What a deployment is to
    decide, a type takes from Django's settings here: a change shows like any other of its code."""
    version: ClassVar[int] = 1
    """Several versions of a type may be in the code: classes of one `agent_type`. An agent keeps
    the one it was made with until it is updated; new ones get the newest."""
    _one_text: ClassVar[str] = ""
    """The name of the only parameter, where that is any text."""

    id: str
    """`type:parameters`, the agent's name everywhere."""
    key: str
    """The quoted parameters: what stands behind the colon of the id."""

    if TYPE_CHECKING:
        # Handles have these; they are typed as the agent itself so that calls are checked.
        trigger: Self
        fresh: Self

        def schedule(self, *, at: datetime, name: str | None = None) -> Self: ...

        def unschedule(self, name: str) -> bool: ...

        def then(self, method: Callable[..., Any], /, **bound: Any) -> Self: ...

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        super().__init_subclass__()
        cls.abstract = abstract
        if abstract:
            return
        cls.agent_type = cls.__dict__.get("agent_type") or kebab_case(cls.__name__)
        try:
            hints = get_type_hints(cls, include_extras=True)
        except NameError as error:
            raise DefinitionError(f"{cls.__qualname__}: {error}") from error
        cls.parameters = {
            name: TypeAdapter(hint) for name, hint in hints.items() if _is_parameter(hint)
        }
        match [(name, hints[name] == Parameter[str]) for name in cls.parameters]:
            case [(name, True)]:
                cls._one_text = name
            case _:
                cls._one_text = ""
        cls.methods = {
            name: MethodSpec.of(cls, name, function)
            for name, function in inspect.getmembers(cls, inspect.isfunction)
            if hasattr(function, MARK)
        }
        cls._check_definition(hints)
        registry.register(cls)

    @classmethod
    def _check_definition(cls, hints: dict[str, Any]) -> None:
        if not is_type_name(cls.agent_type):
            raise DefinitionError(
                f"{cls.__qualname__}: an agent type cannot be called {cls.agent_type!r}; write it "
                "as lower-case words joined by `-`."
            )
        own = {name for name, spec in cls.methods.items() if spec.function not in _INHERITED}
        if not own:
            raise DefinitionError(f"{cls.__qualname__} has no @query, @command or @effect method.")
        if taken := sorted({*own, *cls.parameters} & _taken_names()):
            raise DefinitionError(
                f"{cls.__qualname__}: every agent or handle has its own {', '.join(taken)}; "
                "choose another name."
            )
        try:
            _environment.adapter.validate_python(cls.environment, strict=True)
        except ValidationError as error:
            raise DefinitionError(f"{cls.__qualname__}.environment: {error}") from error

    def __init__(self, agent_id: str, key: str) -> None:
        """Made by the runtime alone; `of` gives a handle."""
        self.id = agent_id
        self.key = key
        if self._one_text and _PLAIN.fullmatch(key):
            setattr(self, self._one_text, key)
            return
        values = split_key(key)
        if len(values) != len(self.parameters):
            raise AgentIdNotValid(
                agent_id=agent_id,
                reason=f"{self.agent_type} takes the parameters {list(self.parameters)}",
            )
        for (name, adapter), value in zip(self.parameters.items(), values, strict=True):
            try:
                setattr(self, name, adapter.validate_strings(value))
            except ValidationError as error:
                raise AgentIdNotValid(
                    agent_id=agent_id, reason=f"{name}: {error.errors()[0]['msg']}"
                ) from error

    @classmethod
    def of(cls, *parameters: str | int) -> Self:
        """A handle on the agent with these parameters; it need not exist yet."""
        return Handle(cls, cls.id_of(*parameters))  # type: ignore[return-value]

    @classmethod
    def of_many(cls, keys: Iterable[str | int], *, lane: Lane | None = None) -> Many:
        """A handle on many agents of one parameter each.

        A query runs on all of them with one statement and gives the results in their order; a
        trigger stores its payload once. `lane` is the worker queue that hears of it.
        """
        if not cls._one_text:
            return Many(cls, [cls.id_of(key) for key in keys], lane)
        # a fan-out names thousands: what `id_of` does for plain text, without the call
        prefix, is_plain = f"{cls.agent_type}:", _PLAIN.fullmatch
        ids = [
            prefix + key if isinstance(key, str) and is_plain(key) else cls.id_of(key)
            for key in keys
        ]
        return Many(cls, ids, lane)

    @classmethod
    def id_of(cls, *parameters: str | int) -> str:
        """The id of the agent with these parameters."""
        match parameters:
            case [str(text)] if cls._one_text and _PLAIN.fullmatch(text):
                return f"{cls.agent_type}:{text}"
        if len(parameters) != len(cls.parameters):
            raise cls._not_an_id(parameters, f"it takes the parameters {list(cls.parameters)}")
        values = []
        for (name, adapter), value in zip(cls.parameters.items(), parameters, strict=True):
            text = str(value)
            if not text or text != storable(text):
                raise cls._not_an_id(parameters, f"{name} is empty or no proper text")
            try:
                # one spelling each: 3, "3" and "03" are the same number and so the same agent
                values.append(adapter.validate_strings(text))
            except ValidationError as error:
                reason = f"{name}: {error.errors(include_input=False)[0]['msg']}"
                raise cls._not_an_id(parameters, reason) from error
        agent_id = f"{cls.agent_type}:{join_key(values)}"
        if len(agent_id) > MAX_ID_LENGTH:
            raise cls._not_an_id(parameters, f"it has more than {MAX_ID_LENGTH} characters")
        return agent_id

    @classmethod
    def _not_an_id(cls, parameters: Iterable[object], reason: str) -> AgentIdNotValid:
        shown = f"{cls.agent_type}:{'/'.join(map(str, parameters))}"[:80]
        return AgentIdNotValid(agent_id=storable(shown), reason=reason)

    def now(self) -> datetime:
        """The invocation's time (UTC): the same throughout, later than any before on this agent."""
        return self._invocation.now()

    def new_id(self) -> str:
        """A new UUID (version 7), made of the invocation's time and its recorded seed."""
        return self._invocation.new_id()

    @property
    def random(self) -> random.Random:
        """Chance with a recorded seed: the same numbers when the invocation is replayed."""
        return self._invocation.random

    @property
    def env(self) -> Mapping[str, str]:
        """The type's environment, overlaid by what this agent was created with."""
        return _environment.overlay(self.environment, self.__dict__.get("_env"))

    @property
    def caller(self) -> str | None:
        """Who called: the id of an agent, or the name an outsider calls under."""
        return self._invocation.caller

    @property
    def _invocation(self) -> Invocation:
        return context.invocation_on(self)


class DurableAgent(AgentBase, abstract=True):
    """An agent whose document and collections survive everything.

    `state` is a Pydantic model or None; a command changes or replaces it. The document of a type
    is loaded whole with every call, so what can grow without bound belongs in a `Collection`.
    """

    lane: ClassVar[Lane] = "interactive"
    oplog: ClassVar[Literal["full", "brief"]] = "full"
    snapshot_every: ClassVar[int] = 100
    """A full oplog keeps the document after about so many entries: no replay is longer."""
    oplog_days: ClassVar[int | None] = None
    """What is older is pruned from the oplog, but for the rare entries that tell an agent's life;
    a full one goes back to a state point from then on. None: everything is kept."""
    live: ClassVar[bool] = False
    retry: ClassVar[RetryPolicy] = RetryPolicy()
    on_poison: ClassVar[Literal["dead_letter", "fail_agent"]] = "dead_letter"
    """What becomes of a message that faulted on every try: it is parked and the agent goes on, or
    the agent stops until an operator reverts, updates or deletes it."""
    collections: ClassVar[dict[str, Collection[Any]]] = {}
    bounds: ClassVar[tuple[tuple[str, int], ...]] = ()
    """(name, newest) of the collections that are bounded."""
    live_collection: ClassVar[str | None] = None
    state_adapter: ClassVar[TypeAdapter[Any]]

    state: Any = None

    @classmethod
    def _check_definition(cls, hints: dict[str, Any]) -> None:
        super()._check_definition(hints)
        for spec in cls.methods.values():
            if spec.kind is MethodKind.EFFECT:
                raise DefinitionError(
                    f"{cls.__qualname__}.{spec.name} is an @effect: only an EphemeralAgent has "
                    "such methods, and a command asks for them."
                )
        cls.collections = {
            name: value
            for base in reversed(cls.__mro__)
            for name, value in vars(base).items()
            if isinstance(value, Collection)
        }
        cls.bounds = tuple(
            (name, collection.newest)
            for name, collection in cls.collections.items()
            if collection.newest is not None
        )
        if cls.snapshot_every < 1:
            raise DefinitionError(f"{cls.__qualname__}.snapshot_every must be 1 or more.")
        if cls.oplog_days is not None and cls.oplog_days < 1:
            raise DefinitionError(f"{cls.__qualname__}.oplog_days must be 1 or more, or None.")
        match [name for name, collection in cls.collections.items() if collection.live]:
            case []:
                cls.live_collection = None
            case [name] if cls.live:
                cls.live_collection = name
            case names:
                raise DefinitionError(
                    f"{cls.__qualname__}: {', '.join(names)} with live=True: a type may have one "
                    "such collection, and then says `live = True` itself."
                )
        if "state" not in hints or hints["state"] is Any:
            hints["state"] = None
        if not _is_document(hints["state"]):
            raise DefinitionError(
                f"{cls.__qualname__}.state must be annotated as `Model | None` with a Pydantic "
                f"model, not {hints['state']!r}."
            )
        cls.state_adapter = TypeAdapter(hints["state"])

    @property
    def files(self) -> Files:
        """This agent's folder."""
        return Files(self.id, self._invocation, self.__dict__["_rows"])

    @command
    def created_with(self, environment: Environment) -> None:
        """Create the agent, with these over the environment of its type.

        Again with the same: nothing. With others, or on an agent that was created without: the
        refusal `agent_exists`, for what a command once read must not change behind it.
        """
        if self._invocation.creates:
            self.__dict__["_env"] = _environment.dump(environment)
        elif _environment.load(self.__dict__.get("_env")) != environment:
            raise AgentExists(agent_id=self.id)

    def save_snapshot(self) -> JsonValue:
        """What a manual update hands to the other version; the document, unless a type says more.

        Called on the version the agent has. Its collections stay as they are.
        """
        document: JsonValue = self.state_adapter.dump_python(self.state, mode="json")
        return document

    def load_snapshot(self, snapshot: JsonValue) -> None:
        """Become what the other version's `save_snapshot` handed over; any exception refuses it.

        Called on the version the agent is to have, with `state` None. It may change collections
        and files, and read other agents; commands, messages and effects are not for updates.
        """
        self.state = self.state_adapter.validate_python(snapshot)

    def exit(self) -> None:
        """End with this command, if it is not refused: no command and no message is run after it.

        The document can still be read. Mail that waits or comes becomes dead letters.
        """
        self._invocation.exit()

    def search_fields(self) -> SearchFields | None:
        """What searches find this agent by; None: they do not. A pure function of the document."""
        return None


class EphemeralAgent(AgentBase, abstract=True):
    """An agent without state: made for a call, gone after it; takes no lock."""

    @property
    def idempotency_key(self) -> str:
        """In an effect: the same text on every try of it, to be sent along."""
        run = self._invocation
        if not isinstance(run, EffectRun):
            raise RuntimeError(f"{self.id}: only within an effect")
        return run.key


class Nobody(DurableAgent, abstract=True):
    """What an operator's turn locks where an id is an ephemeral agent's: it has effects at most."""

    def __init__(self, agent_id: str, key: str) -> None:
        self.id = agent_id
        self.key = key


_INHERITED = frozenset({DurableAgent.created_with})
"""The public methods that every durable agent has."""


def _taken_names() -> set[str]:
    """What methods and parameters cannot be called."""
    return {"id", "key", "state"}.union(
        *map(vars, (AgentBase, DurableAgent, EphemeralAgent, Handle, Many))
    )


def _is_parameter(hint: Any) -> bool:
    return get_origin(hint) is Annotated and _PARAMETER in hint.__metadata__


def _is_document(hint: Any) -> bool:
    parts = get_args(hint) if isinstance(hint, UnionType) or get_origin(hint) is Union else [hint]
    return all(
        part in (None, NoneType) or (isinstance(part, type) and issubclass(part, BaseModel))
        for part in parts
    )
