"""A turn's mail: messages run in order, and what becomes of those that fault."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

import orjson
import psycopg

from agents_core import clock, ledger, oplog, trace, updates
from agents_core.errors import AgentError, AgentInterrupted, ArgumentsNotValid, UnknownMethod
from agents_core.lifecycle import Status
from agents_core.methods import MethodKind
from agents_core.signals import NeedsLocks, Postponed
from agents_core.text import storable

if TYPE_CHECKING:
    from agents_core.activation import Activation
    from agents_core.store import MessageRow
    from agents_core.turn import Turn

logger = logging.getLogger(__name__)

PUT_OFF = 2_000_000
"""Microseconds after which a message that met an interrupted agent looks for it again."""
AHEAD = 250
"""Entries of a long mailbox that are sent to the database while the next messages run."""
MAX_ERROR = 2_000
"""Characters kept of a fault beside its message; the oplog has all of it."""


def run_mail(turn: Turn, activation: Activation) -> None:
    """Run the waiting messages in order; a sender whose message must wait holds up its own."""
    activation.mail_run = True
    if turn.scopes:
        turn.scopes[-1].mail_run.append(activation)
        turn.scopes[-1].touched.setdefault(activation, activation.checkpoint())
    if activation.status == Status.EXITED:
        _park_all(turn, activation)
    if not turn.stack:
        turn.request_id = trace.request_of_mail(activation.id)
    held_up: set[str | None] = set()
    now = clock.micros()
    for message in activation.mail:
        if message.sender in held_up:
            continue
        if message.retry_at is not None and message.retry_at > now:
            held_up.add(message.sender)
            continue
        suspect = message.attempts > 0
        if suspect and not turn.solitary:
            # it may have killed a process: nothing else goes with it
            turn.unfinished.setdefault(activation.id, set())
            return
        try:
            if not run_message(turn, activation, message):
                held_up.add(message.sender)
            if len(turn.drafts.oplog) >= turn.ahead + AHEAD and not turn.stack:
                turn.write_ahead()
            if activation.halted:
                turn.unfinished.setdefault(activation.id, set())
                return
        except Postponed:
            held_up.add(message.sender)
        except NeedsLocks as signal:
            turn.unfinished.setdefault(activation.id, set()).add(signal.agent_id)
            if turn.stack:
                raise
            return
        if suspect:
            turn.unfinished.setdefault(activation.id, set())
            return
    if activation.has_more_mail:
        turn.unfinished.setdefault(activation.id, set())


def run_message(turn: Turn, activation: Activation, message: MessageRow) -> bool:
    """Run one message; False: it faulted and will be tried again."""
    agent_class = activation.agent_class
    if message.attempts > agent_class.retry.retries:
        return _give_up(turn, activation, message, message.attempts, ledger.DIED)
    spec = agent_class.methods.get(message.method)
    if spec is None or spec.kind is not MethodKind.COMMAND:
        return _run_uncommon(turn, activation, message)
    try:
        turn.invoke(activation, spec, message.args, message.sender, chain=(), message=message)
    except AgentInterrupted as other:
        return _put_off(turn, message, other)
    except UnknownMethod as gone:
        # of an older or newer version of the code: kept, for it may be repaired
        return _failed(turn, activation, message, gone)
    except ArgumentsNotValid as refusal:
        if refusal.facts.get("method") == f"{agent_class.agent_type}.{message.method}":
            return _failed(turn, activation, message, refusal)
    except AgentError:
        pass  # a refusal is the message's result; invoke recorded it
    except psycopg.Error:
        raise  # the transaction is broken, whoever broke it: nothing more can be run in it
    except Exception as fault:
        return _failed(turn, activation, message, fault)
    turn.drafts.done.append((message.agent_id, message.id))
    if message.attempts or spec.takes_answer:
        activation.restless = True
    return True


def _run_uncommon(turn: Turn, activation: Activation, message: MessageRow) -> bool:
    """What is for the runtime, or for another version of the code."""
    if message.method != updates.METHOD:
        gone = UnknownMethod(agent_type=activation.agent_class.agent_type, method=message.method)
        return _failed(turn, activation, message, gone)
    if turn.scopes:
        # it changes the agent's class: not in the middle of another's command
        raise NeedsLocks(activation.id)
    updates.run_manual(turn, activation, message)
    return True


def _failed(turn: Turn, activation: Activation, message: MessageRow, fault: Exception) -> bool:
    attempts = message.attempts + 1
    error = storable(f"{type(fault).__name__}: {fault}")[:MAX_ERROR]
    said = (activation.id, message.method, error)
    facts = trace.facts_of(activation.id, message.method, message.invocation_id)
    delay = activation.agent_class.retry.seconds_after(attempts, chance=random.random())
    if delay is None:
        logger.error("%s: %s given up: %s", *said, exc_info=fault, extra=facts)
        return _give_up(turn, activation, message, attempts, error)
    logger.warning("%s: %s will be retried: %s", *said, extra=facts)
    again = clock.micros() + round(delay * 1_000_000)
    turn.drafts.retried.append((message.agent_id, message.id, attempts, again, error))
    _note(turn, activation, message, oplog.RETRY, attempts=attempts, again=again, error=error)
    return False


def _put_off(turn: Turn, message: MessageRow, other: AgentInterrupted) -> bool:
    """It called an agent that is interrupted: it waits for that one, which is no fault."""
    again = clock.micros() + PUT_OFF
    reason = storable(other.message)[:MAX_ERROR]
    row = (message.agent_id, message.id, message.attempts, again, reason)
    turn.drafts.retried.append(row)
    return False


def _give_up(
    turn: Turn, activation: Activation, message: MessageRow, attempts: int, error: str
) -> bool:
    """It faulted on every try: it is parked, or its agent fails and keeps it."""
    if activation.agent_class.on_poison == "fail_agent" and activation.revision:
        _note(turn, activation, message, oplog.FAILED, error=error)
        now = clock.micros()
        turn.drafts.retried.append((message.agent_id, message.id, attempts, now, error))
        activation.status, activation.halted = Status.FAILED, True
        return False
    _park(turn, activation, message, attempts, error)
    return True


def _park(
    turn: Turn, activation: Activation, message: MessageRow, attempts: int, error: str
) -> None:
    parked = (message.agent_id, message.id, attempts, error, clock.micros())
    turn.drafts.parked.append(parked)
    turn.drafts.done.append((message.agent_id, message.id))
    effect = oplog.answered(orjson.loads(message.args))
    _note(turn, activation, message, oplog.PARKED, attempts=attempts, error=error, **effect)


def _park_all(turn: Turn, activation: Activation) -> None:
    """Its agent has ended: mail that comes is kept for an operator."""
    for message in activation.mail:
        _park(turn, activation, message, message.attempts, "its agent has exited")
    activation.mail = []


def _note(turn: Turn, activation: Activation, message: MessageRow, kind: str, **facts: Any) -> None:
    """Record what became of a message that was not run to an end."""
    if activation.revision:  # an agent begins to exist with a command
        named = {"message": oplog.uuid_text(message.id), "method": message.method}
        turn.add_entry(activation, kind, named | facts)
        activation.restless = True
