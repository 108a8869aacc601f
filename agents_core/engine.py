"""The engine: how calls from outside of agents reach a turn.

Awaited commands that arrive in a process while a turn is under way go together in the next one
(the combiner): commits and round trips are what cost. A turn of many never waits for a lock; what
another process holds is run again alone, and calls to the same held agent wait for it together.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import orjson
import psycopg

from agents_core import clock, context, database, hints, live, store
from agents_core.calls import Call
from agents_core.config import options
from agents_core.context import Target
from agents_core.drafts import Announcement
from agents_core.errors import (
    AgentUnavailable,
    IdempotencyKeyReused,
    MailboxFull,
    OutcomeUnknown,
)
from agents_core.frames import outside_frame, run_query
from agents_core.turn import Turn

T = TypeVar("T")
logger = logging.getLogger(__name__)

BATCH = 100
TURNS_AT_ONCE = 2
"""How many turns of awaited commands a process has under way: while one waits for its commit
another runs. Measured: two bring a tenth more than one, three no more than two."""
TRIES = 12
"""How often a turn is run again after deadlocks, lost connections and locks met half-way."""


class Engine:
    """The runtime of calls from outside of agents; one per process."""

    def __init__(self) -> None:
        self._combiners = [Combiner() for _ in range(TURNS_AT_ONCE)]

    def query(self, target: Target, *, fresh: bool) -> Any:
        """Read the last committed document; `fresh` applies the waiting mail first."""
        if fresh:
            drain_one(target.agent_id)
        return _on_connection(lambda: self._query(target), target.agent_id)

    def _query(self, target: Target) -> Any:
        frame = outside_frame(_caller())
        row = store.read(frame.connection, target.agent_id)
        return target.spec.load_result(run_query(frame, target, row.state if row else None))

    def query_many(self, target: Target, agent_ids: Sequence[str]) -> list[Any]:
        """Read many agents with one statement."""
        return _on_connection(
            lambda: outside_frame(_caller()).query_many(target, agent_ids), "the database"
        )

    def command(self, target: Target) -> Any:
        """Run a command and wait for its result."""
        block = context.current_calling()
        first = block is not None and not block.replayed
        call = Call(target, _caller(), block.next_key() if block else None)
        combiner = self._combiners[hash(target.agent_id) % TURNS_AT_ONCE]
        combiner.submit(call)
        if block is not None and first:
            block.replayed = call.replayed
        if call.error is not None:
            raise call.error
        return call.result

    def send(self, target: Target) -> str:
        """Put a message into a mailbox; its id. With an idempotency key, once."""
        block = context.current_calling()
        call = Call(target, _caller(), block.next_key() if block else None)
        run = _once if call.key is None else _on_connection
        id_ = run(lambda: self._send(call), target.agent_id)
        if block is not None and call.replayed:
            block.replayed = True
        hints.announce([([target.agent_id], target.agent_class.lane)])  # type: ignore[attr-defined]
        return id_

    def _send(self, call: Call) -> str:
        connection, cap = database.connection(), options().mailbox_cap
        target = call.target
        known = store.known_invocation(connection, target.agent_id, call.key) if call.key else None
        if known is not None:
            if bytes(known[0]) != call.args_hash:
                raise IdempotencyKeyReused()
            call.replayed = True
            return str(known[1]["result"])
        if store.waiting(connection, target.agent_id, cap) >= cap:
            raise MailboxFull(agent_id=target.agent_id, limit=cap)
        id_ = clock.outsiders_message_id(call.caller)
        row = (target.agent_id, id_, call.caller, target.spec.name, target.args)
        writes = store.Writes(sent=[row])
        if call.key is not None:
            expires = clock.micros() + options().idempotency_hours * clock.HOUR
            outcome = orjson.dumps({"result": str(id_)}).decode()
            record = (target.agent_id, call.key, call.args_hash, outcome, expires)
            writes.outcomes.append(record)
        store.send(connection, writes)
        return str(id_)

    def send_many(self, target: Target, agent_ids: Sequence[str], lane: str | None) -> None:
        """Put one message into many mailboxes, its payload stored once."""
        if not agent_ids:
            return
        targets = list(dict.fromkeys(agent_ids))

        def send() -> None:
            id_ = clock.outsiders_message_id(_caller())
            row = (id_, _caller(), target.spec.name, target.args, clock.micros(), targets)
            store.send(database.connection(), store.Writes(sent_to_many=[row]))

        _once(send, "the database")
        chosen = lane or target.agent_class.lane  # type: ignore[attr-defined]
        hints.announce([(targets, chosen)])

    def schedule(self, target: Target, at: datetime, name: str | None) -> None:
        """Send at that time; the same name replaces what was scheduled under it."""
        id_ = clock.outsiders_message_id(_caller())
        due = clock.to_micros(at)
        row = (target.agent_id, name or str(id_), due, _caller(), target.spec.name, target.args)
        writes = store.Writes(scheduled=[row])
        _once(lambda: store.send(database.connection(), writes), target.agent_id)

    def unschedule(self, agent_id: str, name: str) -> bool:
        """Cancel what was scheduled under that name; False: nothing was, or it is under way."""
        return _on_connection(
            lambda: store.cancel_schedule(database.connection(), agent_id, name), agent_id
        )


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


def run_batch(calls: Sequence[Call]) -> None:
    """One turn for calls to many agents; those it could not run are left not done."""
    by_agent: dict[str, list[Call]] = {}
    for call in calls:
        by_agent.setdefault(call.target.agent_id, []).append(call)
    turn: Turn | None = None
    try:
        turn = Turn(database.connection())
        turn.open(list(by_agent), wait=False)
        turn.run(by_agent)
        announcement = turn.commit()
    except psycopg.Error as error:
        # broken by one command, or by the database: each again, alone
        logger.info("a turn of %d calls is run again one by one: %s", len(calls), error)
        _reset(calls)
        if turn is not None:
            turn.abandon(blame=not database.is_passing(error))
            if turn.outcome_unknown and database.is_lost(error):
                _settle_unknown(calls, error)
        return
    except Exception:
        # one agent's document cannot be read, say: alone, each learns its own part of it
        logger.exception("a turn of %d calls failed, each is run again alone", len(calls))
        _reset(calls)
        if turn is not None:
            turn.abandon(blame=False)
        return
    except BaseException:
        _reset(calls)  # nothing was committed
        if turn is not None:
            turn.abandon(blame=True)
        raise
    announce(announcement)


def run_alone(agent_id: str, calls: list[Call], take: Callable[[], list[Call]] = list) -> None:
    """Turns on one agent, waiting for its lock, until its mail and these calls are done.

    `take` is asked for further calls each time the lock is held. Locks met on the way are taken
    from the start the next time, in the order of their ids.
    """
    locks = {agent_id}
    tries = 0
    while tries < TRIES:
        turn: Turn | None = None
        running: list[Call] = []
        try:
            turn = Turn(database.connection(), solitary=True)
            turn.open(sorted(locks), wait=True)
            calls += take()
            running = [call for call in calls if not call.done]
            turn.run({agent_id: running})
            announcement = turn.commit()
        except psycopg.Error as error:
            passing = database.is_passing(error)
            _reset(running)
            if turn is not None:
                turn.abandon(blame=not passing)
                if turn.outcome_unknown and database.is_lost(error):
                    _settle_unknown(running, error)
            calls += take()
            tries += 1
            if not passing:
                logger.error("%s: what it did cannot be written: %s", agent_id, error)
            if not passing or tries == TRIES or (calls and _all_done(calls)):
                _settle_rest(calls, agent_id, error)
                return
            time.sleep(min(0.01 * 2**tries, 1.0) * random.random())
            continue
        except BaseException as error:
            _reset(running)  # nothing was committed
            if turn is not None:
                turn.abandon(blame=True)
            if calls and isinstance(error, Exception):
                _settle_rest(calls, agent_id, error)
                return
            raise
        announce(announcement)
        if _all_done(calls) and agent_id not in turn.unfinished:
            return
        needed = locks.union(*turn.unfinished.values(), *(call.needs for call in calls))
        tries = 0 if turn.progressed else tries + 1
        if needed == locks and not turn.progressed:
            time.sleep(0.005 * random.random())
        locks = needed


def drain_one(agent_id: str) -> None:
    """Apply the mail that waits for an agent, waiting for its lock."""
    run_alone(agent_id, [])


def announce(announcement: Announcement) -> None:
    """Tell workers and sockets what was committed. Losing it costs time, never work."""
    if announcement.mailed:
        hints.announce(announcement.mailed)
    if announcement.retry_at:
        hints.announce_later(announcement.retry_at)
    if announcement.changed:
        live.announce(announcement.changed)


def _reset(calls: Sequence[Call]) -> None:
    for call in calls:
        call.reset()


def _all_done(calls: Sequence[Call]) -> bool:
    return all(call.done for call in calls)


def _settle_unknown(calls: Sequence[Call], error: Exception) -> None:
    """The commit's answer never came. With a key a call may be run again; without, say so."""
    for call in calls:
        if call.key is None:
            unknown = OutcomeUnknown(f"{call.target.agent_id}.{call.target.spec.name}")
            unknown.__cause__ = error
            call.settle(error=unknown)


def _settle_rest(calls: Sequence[Call], agent_id: str, error: Exception) -> None:
    """These will not be run again: the database is away, or breaks on what they wrote."""
    for call in calls:
        if not call.done:
            call.settle(error=_unavailable(agent_id, error))


def _unavailable(agent_id: str, error: Exception) -> Exception:
    if not database.is_passing(error):
        return error
    reason = "the database is away" if database.is_lost(error) else "it is busy"
    refusal = AgentUnavailable(agent_id=agent_id, reason=reason)
    refusal.__cause__ = error
    return refusal


def _on_connection(function: Callable[[], T], what: str) -> T:
    """Run what may run twice; a stale connection (server restarted) is replaced once."""
    tries = 2
    while True:
        tries -= 1
        try:
            return function()
        except psycopg.Error as error:
            database.reset()
            if not database.is_passing(error) or not tries:
                raise _unavailable(what, error) from error


def _once(function: Callable[[], T], what: str) -> T:
    """Run what must not happen twice: again only where it surely has not happened."""
    tries = 3
    while True:
        tries -= 1
        try:
            database.connect_anew_if_stale()
        except psycopg.Error as error:
            raise _unavailable(what, error) from error
        try:
            return function()
        except psycopg.Error as error:
            database.reset()
            if database.is_lost(error):
                raise OutcomeUnknown(what) from error
            if not database.is_passing(error) or not tries:
                raise _unavailable(what, error) from error


def _caller() -> str | None:
    block = context.current_calling()
    return block.caller.name if block else None


def install() -> None:
    """Let calls from outside of agents go through this process's engine; a fork gets its own."""
    context.install(Engine())


os.register_at_fork(after_in_child=install)
