"""The combiner: awaited commands that arrive while a turn is under way go together in the next one.

Commits and round trips are what cost. A turn of many never waits for a lock; what another process
holds is run again alone, and calls to the same held agent wait for its lock together.
"""

from __future__ import annotations

import threading

from agents_core.calls import Call
from agents_core.errors import AgentUnavailable
from agents_core.execution import run_alone, run_batch

BATCH = 100


class Combiner:
    """Lets one thread at a time run a turn for all threads that wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Call] = []
        self._leading = False
        self._held: dict[str, list[Call]] = {}
        """Calls to agents whose lock a thread of ours is waiting for; they go with it."""

    def submit(self, call: Call) -> None:
        """Run the call, here or in another thread's turn; returns when it is done."""
        agent_id = call.target.agent_id
        with self._lock:
            if agent_id in self._held:
                self._held[agent_id].append(call)
                leads = False
            else:
                self._queue.append(call)
                leads, self._leading = not self._leading, True
        if not leads:
            call.wait()
        if not call.done and not call.alone:
            try:
                self._lead()
            except BaseException:
                self._desert(call)
                raise
            if not call.done and not call.alone:
                call.wait()  # another thread of ours runs it with its own call to that agent
        if not call.done:
            self._run_held(call)

    def _lead(self) -> None:
        """Run what is queued, then hand the lead to a thread that came meanwhile."""
        with self._lock:
            batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
        try:
            run_batch(batch)
        finally:
            with self._lock:
                for call in batch:
                    if not call.done:
                        self._hold(call)
                successor = self._queue[0] if self._queue else None
                self._leading = successor is not None
            for call in batch:
                if call.done or call.alone:
                    call.wake()
            if successor is not None:
                successor.wake()

    def _hold(self, call: Call) -> None:
        """Keep a call for a turn of its own; the first of an agent's runs it for all."""
        waiting = self._held.get(call.target.agent_id)
        if waiting is None:
            self._held[call.target.agent_id] = [call]
            call.alone = True
        else:
            waiting.append(call)

    def _desert(self, call: Call) -> None:
        """This thread is told to stop: nobody must wait for it."""
        if call.alone:
            with self._lock:
                calls = self._held.pop(call.target.agent_id, [])
            for other in calls:
                other.settle(
                    error=AgentUnavailable(agent_id=other.target.agent_id, reason="stopping")
                )
                if other is not call:
                    other.wake()

    def _run_held(self, call: Call) -> None:
        agent_id = call.target.agent_id
        open_group = True

        def take() -> list[Call]:
            nonlocal open_group
            with self._lock:
                taken = self._held.pop(agent_id) if open_group else []
                open_group = False  # from now on a group of that agent is somebody else's
            return taken

        calls: list[Call] = []
        failure: Exception | None = None
        try:
            run_alone(agent_id, calls, take)
        except Exception as error:
            failure = error
        finally:
            for other in (*calls, *take()):
                if not other.done:
                    busy = AgentUnavailable(agent_id=agent_id, reason="it is busy")
                    other.settle(error=failure or busy)
                if other is not call:
                    other.wake()
