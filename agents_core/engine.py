"""The engine: the doors through which calls from outside of agents come in."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg

from agents_core import clock, context, database, hints, store, trace
from agents_core.calls import Call
from agents_core.combiner import Combiner
from agents_core.config import options
from agents_core.context import Target, Then
from agents_core.drafts import effect_row
from agents_core.errors import MailboxFull, OutcomeUnknown
from agents_core.execution import drain_one, unavailable
from agents_core.frames import outside_frame, run_query
from agents_core.keys import Key
from agents_core.lifecycle import ALLOWED, Operation, Rule, Status, refusal_of

T = TypeVar("T")
Write = Callable[[Call, uuid.UUID], tuple[str, store.Writes]]
"""What an outsider hands over: how it is known to him, and the rows."""

TURNS_AT_ONCE = 2
"""How many turns of awaited commands a process has under way: while one waits for its commit
another runs. Measured: two bring a tenth more than one, three no more than two."""


class Engine:
    """The runtime of calls from outside of agents; one per process."""

    def __init__(self) -> None:
        self._combiners = [Combiner() for _ in range(TURNS_AT_ONCE)]

    def query(self, target: Target, *, fresh: bool) -> Any:
        """Read the last committed document; `fresh` applies the waiting mail first."""
        if fresh:
            drain_one(target.agent_id)
        return on_connection(lambda: self._query(target), target.agent_id)

    def _query(self, target: Target) -> Any:
        frame = outside_frame(_caller())
        row = store.read(frame.connection, target.agent_id)
        return target.spec.load_result(run_query(frame, target, row))

    def query_many(self, target: Target, agent_ids: Sequence[str]) -> list[Any]:
        """Read many agents with one statement."""
        return on_connection(
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
        id_ = self._post(target, _message)
        lane = target.agent_class.lane  # type: ignore[attr-defined]
        hints.announce([([target.agent_id], lane, trace.request_id())])
        return id_

    def ask(self, target: Target, then: Then | None) -> str:
        """Have an effect run in the background; its id. With an idempotency key, once."""
        if then is not None:
            raise TypeError(f"{target.agent_id}: .then is for commands; from outside, .trigger")
        id_ = self._post(target, _effect)
        hints.announce([([id_], hints.EFFECTS, None)])
        return id_

    def _post(self, target: Target, write: Write) -> str:
        key = Key.given(target.agent_id, target.what)
        run = _once if key is None else on_connection
        return run(lambda: self._posted(Call(target, _caller()), key, write), target.agent_id)

    def _posted(self, call: Call, key: Key | None, write: Write) -> str:
        connection = database.connection()
        known = key.known(connection) if key else None
        if known is not None:
            return str(known["result"])
        answer, writes = write(call, clock.outsiders_message_id(call.caller))
        if key is not None:
            writes.outcomes.append(key.row({"result": answer}))
        store.send(connection, writes)
        return answer

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
        hints.announce([(targets, chosen, trace.request_id())])

    def schedule(self, target: Target, at: datetime, name: str | None) -> str:
        """Send at that time; the same name replaces what was scheduled under it. Gives the name
        (one of its own, if none was given). With an idempotency key, once."""
        due = clock.to_micros(at)

        def schedule(call: Call, id_: uuid.UUID) -> tuple[str, store.Writes]:
            chosen = name or str(id_)
            row = (target.agent_id, chosen, due, call.caller, target.spec.name, target.args)
            return chosen, store.Writes(scheduled=[row])

        return self._post(target, schedule)

    def unschedule(self, agent_id: str, name: str) -> bool:
        """Cancel what was scheduled under that name; False: nothing was, or it is under way."""
        return on_connection(
            lambda: store.cancel_schedule(database.connection(), agent_id, name), agent_id
        )


def _message(call: Call, id_: uuid.UUID) -> tuple[str, store.Writes]:
    target, cap = call.target, options().mailbox_cap
    waiting, status = store.waiting(database.connection(), target.agent_id, cap)
    if status and ALLOWED[Operation.MESSAGE][Status(status)] is Rule.PARKED:
        raise refusal_of(target.agent_id, status)
    if waiting >= cap:
        raise MailboxFull(agent_id=target.agent_id, limit=cap)
    row = (target.agent_id, id_, call.caller, target.spec.name, target.args)
    return str(id_), store.Writes(sent=[row])


def _effect(call: Call, id_: uuid.UUID) -> tuple[str, store.Writes]:
    row = effect_row(call.target.agent_id, id_, call.target, None, 0, clock.micros())
    return str(id_), store.Writes(effects=[row])


def on_connection(function: Callable[[], T], what: str) -> T:
    """Run what may run twice; a stale connection (server restarted) is replaced once."""
    tries = 2
    while True:
        tries -= 1
        try:
            return function()
        except psycopg.Error as error:
            database.reset()
            if not database.is_passing(error) or not tries:
                raise unavailable(what, error) from error


def _once(function: Callable[[], T], what: str) -> T:
    """Run what must not happen twice: again only where it surely has not happened."""
    tries = 3
    while True:
        tries -= 1
        try:
            database.connect_anew_if_stale()
        except psycopg.Error as error:
            raise unavailable(what, error) from error
        try:
            return function()
        except psycopg.Error as error:
            database.reset()
            if database.is_lost(error):
                raise OutcomeUnknown(what) from error
            if not database.is_passing(error) or not tries:
                raise unavailable(what, error) from error


def _caller() -> str | None:
    block = context.current_calling()
    return block.caller.name if block else None


def install() -> None:
    """Let calls from outside of agents go through this process's engine; a fork gets its own."""
    context.install(Engine())


os.register_at_fork(after_in_child=install)
