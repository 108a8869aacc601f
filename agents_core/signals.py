"""What the engine raises to itself while a turn runs."""

from __future__ import annotations


class Signal(BaseException):
    """The engine's own control flow; outside of Exception so that no agent swallows it."""


class RunCarefully(Signal):
    """Something failed behind commands whose documents were not kept: run again, keeping them."""


class NeedsLocks(Signal):
    """A nested call met an agent another turn holds, or which gets mail from this very turn: run
    again alone, after this turn's commit, locking it from the start."""

    def __init__(self, agent_id: str) -> None:
        super().__init__(agent_id)
        self.agent_id = agent_id


class Postponed(Signal):
    """A message met an agent that is in the middle of a command: it waits for another turn."""
