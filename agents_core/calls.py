"""A command an outsider waits for."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from agents_core import clock, trace
from agents_core.context import Target
from agents_core.keys import hash_of


@dataclass(slots=True, eq=False)
class Call:
    """The command, and what became of it. A thread waits for it on a lock of its own."""

    target: Target
    caller: str | None = None
    key: str | None = None
    done: bool = False
    replayed: bool = False
    alone: bool = False
    result: Any = None
    error: BaseException | None = None
    since: int = field(default_factory=clock.micros)
    """When it was made."""
    needs: set[str] = field(default_factory=set)
    """Agents to lock from the start when it is run again."""
    request_id: str | None = field(default_factory=trace.request_id)
    named: str = ""
    _asleep: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._asleep.acquire()

    def settle(self, *, result: Any = None, error: BaseException | None = None) -> None:
        """It has its outcome."""
        self.done, self.result, self.error = True, result, error

    def reset(self) -> None:
        """As if it had never run."""
        self.done, self.replayed, self.result, self.error = False, False, None, None

    def wait(self) -> None:
        """Sleep until woken."""
        self._asleep.acquire()

    def wake(self) -> None:
        """Let the waiting thread go on."""
        if self._asleep.locked():
            self._asleep.release()

    @property
    def invocation_id(self) -> str:
        """What log records call it: its key, or a name made when the first of them is."""
        self.named = self.named or self.key or str(uuid.uuid4())
        return self.named

    @property
    def args_hash(self) -> bytes:
        """Tells whether an idempotency key comes again with the same command."""
        return hash_of(self.target.what)
