"""Handles: what `of` and `of_many` give. They turn a method call into a query, command or send."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Never

from agents_core import clock, context
from agents_core.context import EffectRun, Invocation, Target, Then
from agents_core.errors import UnknownMethod
from agents_core.identity import split_id
from agents_core.methods import MethodKind, MethodSpec, find_method

if TYPE_CHECKING:
    from agents_core.agent import AgentBase

Send = Callable[[Target], Any]


class Handle:
    """One agent by its id. Its methods are the type's queries and commands."""

    __slots__ = ("_ask", "_class", "_fresh", "_send", "id")

    def __init__(
        self,
        agent_class: type[AgentBase],
        agent_id: str,
        *,
        fresh: bool = False,
        send: Send | None = None,
        ask: Send | None = None,
    ) -> None:
        self._class = agent_class
        self.id = agent_id
        self._fresh = fresh
        self._send = send
        self._ask = ask

    @property
    def key(self) -> str:
        return split_id(self.id)[1]

    @property
    def trigger(self) -> Handle:
        """Commands called on it are sent: durable, delivered exactly once, in order. Effects are
        run in the background and nobody is told of the answer."""
        return Handle(self._class, self.id, send=_trigger, ask=_trigger_effect)

    def then(self, method: Callable[..., Any], /, **bound: Any) -> Handle:
        """Effects called on it are run in the background, for the command that calls. The answer
        comes as a message to `method`, a command of the calling agent with a parameter
        `answer: Answer[...]`, with the other arguments as bound here."""
        then = _answer_to(method, bound)
        return Handle(
            self._class,
            self.id,
            send=_not_an_effect,
            ask=lambda target: context.runtime().ask(target, then),
        )

    @property
    def fresh(self) -> Handle:
        """Queries called on it first apply the mail that waits."""
        return Handle(self._class, self.id, fresh=True)

    def schedule(self, *, at: datetime, name: str | None = None) -> Handle:
        """Commands called on it are sent at that time; the same name replaces the earlier one."""
        if at.tzinfo is None:
            raise ValueError(f"{self.id}: schedule takes a time with its zone, not {at!r}")

        def send(target: Target) -> None:
            only_commands(target.agent_class, target.spec)
            context.runtime().schedule(target, at, name)

        return Handle(self._class, self.id, send=send)

    def unschedule(self, name: str) -> bool:
        """Cancel what was scheduled under that name; False: there is none, or it is under way."""
        return context.runtime().unschedule(self.id, name)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        spec = find_method(self._class.methods, self._class.agent_type, name)
        return lambda *args, **kwargs: self._call(spec, args, kwargs)

    def _call(self, spec: MethodSpec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        target = Target(self._class, self.id, spec, spec.encode(args, kwargs))
        if self._send is not None:
            if spec.kind is MethodKind.EFFECT:
                return self._ask_for(target)
            return self._send(target)
        if not hasattr(self._class, "state_adapter"):
            return _run_ephemeral(target)
        if spec.kind is MethodKind.QUERY:
            return context.runtime().query(target, fresh=self._fresh)
        return context.runtime().command(target)

    def _ask_for(self, target: Target) -> Any:
        if self._ask is None:
            raise TypeError(f"{self.id}: the effect {target.spec.name} cannot be scheduled")
        return self._ask(target)

    def __repr__(self) -> str:
        return f"<{self._class.__name__} {self.id}>"


class Many:
    """Many agents of one type: queries in one statement, triggers with one payload."""

    __slots__ = ("_class", "_ids", "_lane", "_send")

    def __init__(
        self, agent_class: type[AgentBase], ids: Sequence[str], lane: str | None, send: bool = False
    ) -> None:
        self._class = agent_class
        self._ids = ids
        self._lane = lane
        self._send = send

    @property
    def trigger(self) -> Many:
        """Commands called on it are sent to each, exactly once."""
        return Many(self._class, self._ids, self._lane, send=True)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        spec = find_method(self._class.methods, self._class.agent_type, name)
        return lambda *args, **kwargs: self._call(spec, args, kwargs)

    def _call(self, spec: MethodSpec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        target = Target(self._class, "", spec, spec.encode(args, kwargs))
        if self._send:
            only_commands(self._class, spec)
            return context.runtime().send_many(target, self._ids, self._lane)
        if spec.kind is not MethodKind.QUERY:
            raise UnknownMethod(agent_type=f"{self._class.agent_type} (many)", method=spec.name)
        return context.runtime().query_many(target, self._ids)


def only_commands(agent_class: type[AgentBase], spec: MethodSpec) -> None:
    """Refuse to send what is not a durable agent's command."""
    if spec.kind is not MethodKind.COMMAND or not hasattr(agent_class, "state_adapter"):
        raise UnknownMethod(agent_type=f"{agent_class.agent_type} (trigger)", method=spec.name)


def _trigger(target: Target) -> str:
    only_commands(target.agent_class, target.spec)
    return context.runtime().send(target)


def _trigger_effect(target: Target) -> str:
    return context.runtime().ask(target, None)


def _not_an_effect(target: Target) -> Never:
    raise TypeError(f"{target.agent_id}: .then is for effects, and {target.spec.name} is none")


def _answer_to(method: Callable[..., Any], bound: dict[str, Any]) -> Then:
    agent = getattr(method, "__self__", None)
    name = getattr(method, "__name__", "")
    spec: MethodSpec | None = getattr(type(agent), "methods", {}).get(name)
    if agent is None or spec is None or not spec.takes_answer:
        raise TypeError(
            f".then({name or method!r}) takes a command of the asking agent that has a parameter "
            "`answer: Answer[...]`, such as self.mail_sent"
        )
    return Then(agent.id, name, spec.encode_bound(bound))


def _run_ephemeral(target: Target) -> Any:
    """Ephemeral agents run where they are called; their own calls go the caller's way."""
    agent = target.agent_class(target.agent_id, split_id(target.agent_id)[1])
    if target.spec.kind is MethodKind.EFFECT:
        agent.__dict__["_frame"] = _effect_run(target)
    else:
        agent.__dict__["_frame"] = _invocation_of_ephemeral()
    result = target.spec.function(agent, **target.spec.decode(target.args))
    return target.spec.load_result(target.spec.dump_result(result))


def _invocation_of_ephemeral() -> Invocation:
    """Within a method its time, and a seed that follows from its own: what a command does by way of
    an ephemeral agent can be replayed too."""
    outer = context.runtime()
    if isinstance(outer, Invocation):
        return Invocation(outer.moment, outer.as_caller(), outer.random.getrandbits(53))
    block = context.current_calling()
    return Invocation(clock.micros(), block.caller.name if block else None, clock.stamp())


def _effect_run(target: Target) -> EffectRun:
    """An effect called from outside runs once, here, under the key of the `calling` block."""
    if isinstance(context.runtime(), Invocation):
        raise TypeError(
            f"{target.agent_id}: the effect {target.spec.name} cannot be awaited within a command "
            f"or query. Ask for it in a command: .then(self.method).{target.spec.name}(...), or "
            f".trigger.{target.spec.name}(...) if nobody needs the answer"
        )
    block = context.current_calling()
    caller = block.caller.name if block else None
    key = block.next_key() if block else None
    return EffectRun(clock.micros(), caller, clock.stamp(), key or str(uuid.uuid4()))
