"""The turn: one transaction in which agents are locked, loaded, run in memory and written.

A turn runs many commands of many agents. Commands are pure, so one that is refused or faults is
dropped alone by putting back the documents it touched, without savepoints.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors

from agents_core import clock, context, database, ledger, meters, oplog, registry, store, trace
from agents_core.activation import Activation
from agents_core.agent import EphemeralAgent, Nobody
from agents_core.answering import run_call
from agents_core.calls import Call
from agents_core.commands import CommandFrame
from agents_core.delivery import run_mail
from agents_core.drafts import Announcement, Drafts, Scope
from agents_core.errors import (
    AgentInterrupted,
)
from agents_core.identity import split_id
from agents_core.lifecycle import Status
from agents_core.methods import MethodSpec
from agents_core.signals import NeedsLocks, RunCarefully, Signal
from agents_core.store import MessageRow
from agents_core.text import storable_json
from agents_core.wire import Connection, settle

logger = logging.getLogger(__name__)

KEEP_MAIL = frozenset({Status.INTERRUPTED, Status.FAILED})


class Turn:
    """One transaction. Use: `open`, `run`, `commit`; or `abandon`."""

    def __init__(
        self, connection: Connection, *, solitary: bool = False, operating: bool = False
    ) -> None:
        self.connection = connection
        self.operating = operating
        """For an operator: it leaves mail and documents alone, so that what is wrong with them
        stops nobody from mending it."""
        self.operations: list[tuple[Any, ...]] = []
        self.activations: dict[str, Activation] = {}
        self.taken: set[str] = set()
        self.solitary = solitary
        """On one agent: here a message that may have killed a process is run, by itself."""
        self.careful = False
        self.stack: list[CommandFrame] = []
        self.scopes: list[Scope] = []
        self._optimistic = Scope(())
        """That of every command behind another; they are outermost, so there is one at a time."""
        self.call: Call | None = None
        """The one that runs, unless a message does."""
        self.request_id: str | None = None
        """Of the request for which its outermost command runs, if known."""
        self.drafts = Drafts()
        self.outcomes: list[tuple[Any, ...]] = []
        self.unfinished: dict[str, set[str]] = {}
        """Agents whose mail is not all run: more of it waits, or locks are needed."""
        self.reads: dict[str, int] = {}
        """In which of this turn's reads an agent and its mail were loaded."""
        self._attempts: list[uuid.UUID] = []
        self._committing = False
        self._answered = False
        self._began = time.perf_counter()
        self.ahead = 0
        """How many of the drafts' entries were sent to the database already."""

    # opening

    def open(self, agent_ids: Sequence[str], *, wait: bool) -> None:
        """Begin, lock, load; agents locked by others are in `taken` (unless waited for)."""
        loaded = store.begin_and_load(self.connection, sorted(agent_ids), wait=wait)
        self._activate(loaded)
        self.taken = loaded.taken

    def _activate(self, loaded: store.Loaded) -> list[Activation]:
        activations = []
        read = len(self.activations)
        for agent_id in (*loaded.agents, *loaded.missing):
            type_name, key = split_id(agent_id)
            row = loaded.agents.get(agent_id)
            agent_class: Any = registry.find(type_name)
            if self.operating and issubclass(agent_class, EphemeralAgent):
                agent_class = Nobody
            if row and row.version != agent_class.version and not self.operating:
                agent_class = registry.find_version(type_name, row.version)
            activation = Activation(
                agent_class, agent_id, key, row, self.connection, readable=not self.operating
            )
            if not self.operating and activation.status not in KEEP_MAIL:
                activation.mail = loaded.mail.get(agent_id, [])
                activation.has_more_mail = len(activation.mail) == loaded.mail_limit
            self.activations[agent_id] = activation
            self.reads[agent_id] = read
            activations.append(activation)
        with_mail = [found for found in activations if found.mail]
        if with_mail:
            ledger.blame_the_dead(with_mail, store.attempts(self.connection), ours=self._attempts)
            self._attempts += ledger.enter(with_mail, solitary=self.solitary)
        return activations

    # running

    def run(self, calls: dict[str, list[Call]]) -> None:
        """Run the waiting mail of all agents, then the calls; a call left not `done` says why in
        `needs`, or waits for mail that is left."""
        try:
            self._run(calls)
        except RunCarefully:
            self._reset(calls)
            self.careful = True
            self._run(calls)

    def _run(self, calls: dict[str, list[Call]]) -> None:
        for activation in list(self.activations.values()):
            if activation.mail and not activation.mail_run:
                run_mail(self, activation)
        for agent_id, waiting in calls.items():
            if agent_id not in self.activations:
                continue  # its lock is taken
            activation = self.activations[agent_id]
            if agent_id in self.unfinished:
                for call in waiting:
                    call.needs |= self.unfinished[agent_id]
                continue
            for call in waiting:
                if not call.done:
                    run_call(self, activation, call)
                    self._answered |= call.done
        self._check_sizes()

    def _check_sizes(self) -> None:
        """A document that cannot be stored: find out whose command made it so."""
        if self.careful:
            return
        for activation in self.activations.values():
            if not activation.clean and not activation.fits():
                raise RunCarefully

    def _reset(self, calls: dict[str, list[Call]]) -> None:
        if self.ahead:
            loaded = [(found.id, found.loaded_revision) for found in self.activations.values()]
            store.take_back(self.connection, loaded)
            self.ahead = 0
        for activation in self.activations.values():
            activation.restart()
        self.drafts = Drafts()
        self.outcomes = []
        self.unfinished = {}
        self.scopes.clear()
        for call in (call for waiting in calls.values() for call in waiting):
            call.done, call.result, call.error, call.replayed = False, None, None, False
            call.needs.clear()

    def write_ahead(self) -> None:
        """Have the database write the entries there are while the next commands run here."""
        store.write_ahead(self.connection, self.drafts.oplog[self.ahead :])
        self.ahead = len(self.drafts.oplog)

    def add_entry(self, activation: Activation, kind: str, entry: dict[str, Any]) -> None:
        """Record what is not a command."""
        moment = max(clock.micros(), activation.moment + 1)
        activation.moment = moment
        activation.revision += 1
        text = storable_json(entry).decode()
        self.drafts.mixed = True
        self.drafts.oplog.append((activation.id, activation.revision, kind, moment, text))

    def invoke(
        self,
        activation: Activation,
        spec: MethodSpec,
        args: str | bytes,
        caller: str | None,
        *,
        chain: tuple[str, ...],
        message: MessageRow | None = None,
    ) -> bytes:
        """Run one command all or nothing, in memory; records it; its result as JSON."""
        moment = max(clock.micros(), activation.moment + 1)
        activation.moment = moment
        mailed_before = self.stack[-1].mailed_before if chain else len(self.drafts.mailed)
        chain = (*chain, activation.id)
        frame = CommandFrame(self, activation, caller, moment, chain, mailed_before, spec, message)
        if activation.revision >= activation.trim_due:
            activation.trim()
        scope = self._enter_scope(activation)
        self.stack.append(frame)
        outer = context.swap(frame)
        activation.enter(frame)
        try:
            result = spec.function(activation.agent, **spec.decode(args))
            encoded = spec.dump_result(result)
            if self.careful:
                activation.check_document()
        except psycopg.Error:
            raise  # the turn is lost as a whole: there is nothing to put back
        except BaseException as error:
            trace.mark(error)
            self._drop(scope)
            self._record_error(frame, args, error)
            raise
        finally:
            activation.leave()
            context.swap(outer)
            self.stack.pop()
            self.scopes.pop()
        activation.clean = False
        if self.scopes:
            self._widen(self.scopes[-1], scope)
        self._record_result(frame, args, encoded)
        if frame.exits:
            self.add_entry(activation, oplog.EXIT, {})
            activation.status, activation.halted = Status.EXITED, True
        return encoded

    def _enter_scope(self, activation: Activation) -> Scope:
        """Note what to put back if the command is dropped. Behind another command of the turn that
        would cost as much as the command: it is left out, and the turn run again if need be."""
        if self.careful or self.scopes or activation.clean:
            scope = Scope(self.drafts.marks())
            scope.touched[activation] = activation.checkpoint()
        else:
            scope = self._optimistic
            scope.touched = {activation: None}
            scope.mail_run = []
        self.scopes.append(scope)
        return scope

    def _widen(self, outer: Scope, inner: Scope) -> None:
        """What a nested command touched is put back too if the one that called it is dropped."""
        for touched, checkpoint in inner.touched.items():
            outer.touched.setdefault(touched, checkpoint)
        outer.mail_run += inner.mail_run

    def _drop(self, scope: Scope) -> None:
        if any(checkpoint is None for checkpoint in scope.touched.values()):
            raise RunCarefully
        for activation, checkpoint in scope.touched.items():
            assert checkpoint is not None
            activation.restore(checkpoint)
        for activation in scope.mail_run:
            activation.mail_run = False
        self.drafts.cut(scope.marks)

    def _record_result(self, frame: CommandFrame, args: str | bytes, result: bytes) -> None:
        activation, spec = frame.activation, frame.spec
        activation.revision += 1
        if activation.agent_class.oplog == "brief" and not oplog.tells(frame):
            entry = spec.brief_entry
        elif oplog.is_plain(frame):
            entry = oplog.plain_entry(frame, spec.name, args, result)
        else:
            entry = oplog.command_entry(frame, spec.name, args, result, None)
        row = (activation.id, activation.revision, oplog.COMMAND, frame.moment, entry)
        self.drafts.oplog.append(row)

    def _record_error(self, frame: CommandFrame, args: str | bytes, error: BaseException) -> None:
        activation = frame.activation
        if isinstance(error, Signal):
            return
        kind = oplog.kind_of(error)
        self.drafts.mixed = True
        if activation.revision == 0:
            # an agent begins to exist with the first command that is not dropped
            self.drafts.unrecorded.append((activation.agent_class.agent_type, kind))
            return
        if frame.message is not None and isinstance(error, AgentInterrupted):
            return  # put off
        activation.revision += 1
        entry = oplog.command_entry(frame, frame.spec.name, args, None, error)
        self.drafts.oplog.append((activation.id, activation.revision, kind, frame.moment, entry))

    def lock(self, agent_id: str) -> Activation:
        """An agent that a command calls; raises `NeedsLocks` where another process holds it."""
        loaded = store.load(self.connection, [agent_id], wait=False)
        if loaded.taken:
            raise NeedsLocks(agent_id)
        return self._activate(loaded)[0]

    # ending

    def commit(self) -> Announcement:
        """Write everything and commit; what to announce."""
        announcement = Announcement()
        writes = self._writes(announcement)
        settle(self.connection)
        if database.was_closed(self.connection):
            # told so only by the commit's failure, nobody would know whether it had happened
            raise errors.IdleInTransactionSessionTimeout("fenced off before the commit")
        self._committing = True
        store.commit(self.connection, writes)
        self._attempts.clear()
        meters.count_turn(self, time.perf_counter() - self._began)
        return announcement

    @property
    def outcome_unknown(self) -> bool:
        """Whether the commit was sent and its answer never came."""
        return self._committing

    @property
    def progressed(self) -> bool:
        """Whether mail was done with or calls were answered."""
        return bool(self.drafts.done or self.drafts.retried) or self._answered

    def abandon(self, *, blame: bool) -> None:
        """Roll back. With `blame` the mail stays in the ledger and its next attempt is counted."""
        if not blame:
            # before the locks go: who takes them next must not find the attempts in the ledger
            ledger.forgive(self._attempts)
        database.reset()
        if not blame and self._committing:
            # the transaction rolled back just now may have held them
            ledger.forgive(self._attempts)
        meters.count_abandoned()

    def _writes(self, announcement: Announcement) -> store.Writes:
        drafts = self.drafts
        schedules: dict[tuple[str, str], tuple[Any, ...] | None] = {}
        writes = store.Writes(
            oplog=drafts.oplog[self.ahead :],
            sent=drafts.sent,
            sent_to_many=drafts.sent_to_many,
            done=drafts.done,
            retried=drafts.retried,
            parked=drafts.parked,
            outcomes=self.outcomes,
            attempts=list(self._attempts),
            operations=self.operations,
        )
        for agent_id, name, row in drafts.schedules:
            schedules[agent_id, name] = row
        for place, row in schedules.items():
            if row is None:
                writes.unscheduled.append(place)
            else:
                writes.scheduled.append((*place, *row))
        for activation in self.activations.values():
            activation.write(writes)
            if activation.agent_class.live and activation.changed:
                announcement.changed.append(activation.change())
        announcement.mailed = drafts.mailed
        if drafts.effects:
            writes.effects = drafts.effects
            announcement.effects = [str(row[1]) for row in drafts.effects]
        for agent_id, _, _, again, _ in drafts.retried:
            lane = self.activations[agent_id].agent_class.lane
            announcement.retry_at[agent_id] = (lane, again / 1_000_000)
        return writes
