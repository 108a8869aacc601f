"""What surrounds a running method: time, chance, caller, and whom its calls go through."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from agents_core import clock
from agents_core.errors import WriteInQuery

if TYPE_CHECKING:
    from agents_core.agent import AgentBase
    from agents_core.files import AgentFile
    from agents_core.methods import MethodSpec


@dataclass(frozen=True, slots=True)
class Target:
    """Which method of which agent is meant, and its arguments as JSON."""

    agent_class: type[AgentBase]
    agent_id: str
    spec: MethodSpec
    args: str

    @property
    def what(self) -> str:
        """The call in words, to tell it from others on the same agent."""
        return f"{self.spec.name} {self.args}"


@dataclass(frozen=True, slots=True)
class Then:
    """Which command of the asking agent gets the answer, with which other arguments (JSON)."""

    agent_id: str
    method: str
    args: str


class Runtime(Protocol):
    """What a handle needs: the engine from outside, the invocation from within a command."""

    def query(self, target: Target, *, fresh: bool) -> Any: ...

    def query_many(self, target: Target, agent_ids: Sequence[str]) -> list[Any]: ...

    def command(self, target: Target) -> Any: ...

    def send(self, target: Target) -> str: ...

    def send_many(self, target: Target, agent_ids: Sequence[str], lane: str | None) -> None: ...

    def schedule(self, target: Target, at: datetime, name: str | None) -> str: ...

    def unschedule(self, agent_id: str, name: str) -> bool: ...

    def ask(self, target: Target, then: Then | None) -> str: ...


class Invocation:
    """One run of a method: its fixed time, its seed, its caller.

    Lists nothing by itself; the turn's invocations add what they call and send.
    """

    __slots__ = ("_random", "caller", "moment", "seed")

    def __init__(self, moment: int, caller: str | None, seed: int) -> None:
        self.moment = moment
        self.caller = caller
        self.seed = seed
        self._random: random.Random | None = None

    @property
    def creates(self) -> bool:
        """Whether its agent exists from it on."""
        return False

    def as_caller(self) -> str | None:
        """Who calls when this invocation calls an ephemeral agent."""
        return self.caller

    def exit(self) -> None:
        raise WriteInQuery("a query cannot end its agent: make it a command")

    def facts(self) -> dict[str, str | None]:
        """What a log record made in it says of it."""
        return {}

    def keep_blob(self, file: AgentFile, data: bytes) -> None:
        """Store what a file is to hold. Here nothing: what is replayed did it when it ran."""

    def hold_blob(self, file: AgentFile) -> None:
        """Have an uploaded file stay. Here nothing, as above."""

    def now(self) -> datetime:
        return clock.to_datetime(self.moment)

    @property
    def random(self) -> random.Random:
        if self._random is None:
            self._random = random.Random(self.seed)
        return self._random

    def new_id(self) -> str:
        return str(clock.ordered_uuid(self.moment, self.random.getrandbits(62)))


class EffectRun(Invocation):
    """One try of an effect."""

    __slots__ = ("key",)

    def __init__(self, moment: int, caller: str | None, seed: int, key: str) -> None:
        super().__init__(moment, caller, seed)
        self.key = key


@dataclass(frozen=True, slots=True)
class Caller:
    """An outsider: the name recorded as the caller of what it does."""

    name: str


@dataclass(slots=True)
class Calling:
    """What holds for the commands an outsider makes in a `calling` block."""

    caller: Caller
    key: str | None
    replayed: bool = False
    _commands: int = field(default=0)

    def next_key(self) -> str | None:
        """The given key for the first command; for later ones keys derived by their ordinal."""
        if self.key is None:
            return None
        ordinal, self._commands = self._commands, self._commands + 1
        return self.key if ordinal == 0 else f"{self.key}#{ordinal}"


class _Local(threading.local):
    runtime: Runtime | None = None
    calling: Calling | None = None


_local = _Local()
_outside: list[Runtime] = []


def install(runtime: Runtime) -> None:
    """Make this the runtime of calls from outside of agents; done once, by the engine."""
    _outside[:] = [runtime]


def runtime() -> Runtime:
    """Whom a call made now, on this thread, goes through."""
    return _local.runtime or _outside[0]


def inside() -> Invocation | None:
    """The invocation that this thread is running, if any."""
    running = _local.runtime
    return running if isinstance(running, Invocation) else None


def swap(inner: Runtime | None) -> Runtime | None:
    """Let this thread's calls go through `inner`; returns what they went through before."""
    before, _local.runtime = _local.runtime, inner
    return before


def current_calling() -> Calling | None:
    """The innermost `calling` block of this thread."""
    return _local.calling


@contextmanager
def calling(caller: Caller | str, *, key: str | None = None) -> Iterator[Calling]:
    """Name who calls, and give the commands made inside an idempotency key.

    The first command uses `key`, later ones keys derived from it and their ordinal; a command
    whose key is known answers from its record and sets `replayed`.
    """
    block = Calling(Caller(caller) if isinstance(caller, str) else caller, key)
    before, _local.calling = _local.calling, block
    try:
        yield block
    finally:
        _local.calling = before


def invocation_on(agent: AgentBase) -> Invocation:
    """The invocation an agent is in."""
    invocation: Invocation | None = agent.__dict__.get("_frame")
    if invocation is None:
        raise RuntimeError(f"{agent.id}: only within a query or command")
    return invocation
