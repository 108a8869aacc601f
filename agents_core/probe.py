"""A small durable agent whose turns show that this process can run turns at all."""

from __future__ import annotations

import os

from pydantic import BaseModel

from agents_core import database
from agents_core.agent import DurableAgent, Parameter
from agents_core.methods import command
from agents_core.store.probe import forget_probe_entries

# Few, so that they can be many processes' for ever; several, so that a process that stands still
# with the lock of one holds up hardly anybody else's.
SLOTS = 16
ENTRIES_KEPT = 100


class ProbeState(BaseModel):
    """How often it was asked."""

    beats: int = 0


class ReadinessProbe(DurableAgent):
    """Counts the times somebody asked whether a process is ready. Parameters: a slot."""

    oplog = "brief"
    oplog_days = 1
    slot: Parameter[int]
    state: ProbeState | None

    @command
    def beat(self) -> int:
        """Count this time."""
        self.state = ProbeState(beats=(self.state.beats if self.state else 0) + 1)
        return self.state.beats


def run_probe() -> int:
    """Do one turn on this process's probe, lock to commit; what the probe counted.

    Its oplog never grows beyond twice `ENTRIES_KEPT`. Leaves no connection behind in its thread.
    """
    agent = ReadinessProbe.of(os.getpid() % SLOTS)
    try:
        beats = agent.beat()
        if beats % ENTRIES_KEPT == 0:
            oldest = beats - ENTRIES_KEPT
            forget_probe_entries(database.connection("search"), agent.id, oldest)
        return beats
    finally:
        database.discard()
        database.discard("search")
