"""Calls in a turn: those from outside, run or answered from the record, and those of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import psycopg

from agents_core import clock, store
from agents_core.config import options
from agents_core.delivery import run_mail, run_message
from agents_core.errors import (
    AgentDeleted,
    AgentError,
    AgentInterrupted,
    CallCycle,
    CallTooDeep,
    IdempotencyKeyReused,
)
from agents_core.frames import as_stored
from agents_core.lifecycle import STOPPED, refusal_of
from agents_core.signals import NeedsLocks, Postponed
from agents_core.store import MessageRow
from agents_core.text import storable_json

if TYPE_CHECKING:
    from agents_core.activation import Activation
    from agents_core.calls import Call
    from agents_core.commands import CommandFrame
    from agents_core.context import Target
    from agents_core.turn import Turn

MAX_DEPTH = 32


def run_call(turn: Turn, activation: Activation, call: Call) -> None:
    """Settle a call, and note its outcome if it has a key; not done: `call.needs` says why."""
    if call.key is not None and _replay(turn, activation, call):
        return
    turn.call, turn.request_id = call, call.request_id
    try:
        target = _expect_working(activation, call.target)
        if turn.solitary and not activation.revision:
            _expect_not_deleted(turn, call)
    except AgentError as refusal:
        call.settle(error=refusal)
        return  # the agent was not asked: there is no answer of its to keep
    try:
        result = turn.invoke(activation, target.spec, target.args, call.caller, chain=())
        call.settle(result=call.target.spec.load_result(result))
        outcome = b'{"result":%b}' % result
    except AgentInterrupted as refusal:
        call.settle(error=refusal)
        return  # of an agent it called: the same call may go through later
    except AgentError as refusal:
        call.settle(error=refusal)
        outcome = storable_json({"refusal": refusal.to_json()})
    except NeedsLocks as signal:
        call.needs |= {activation.id, signal.agent_id}
        return
    except psycopg.Error:
        raise  # the turn is lost as a whole
    except Exception as fault:
        call.settle(error=fault)
        return
    if call.key is not None:
        expires = clock.micros() + options().idempotency_hours * clock.HOUR
        row = (activation.id, call.key, call.args_hash, outcome.decode(), expires)
        turn.outcomes.append(row)


def _replay(turn: Turn, activation: Activation, call: Call) -> bool:
    """Answer from the record, if the key is known: from before, or from this very turn."""
    assert call.key is not None
    for agent_id, key, args_hash, outcome, _ in turn.outcomes:
        if (agent_id, key) == (activation.id, call.key):
            return _answer(call, args_hash, orjson.loads(outcome))
    known = store.known_invocation(turn.connection, activation.id, call.key)
    return known is not None and _answer(call, *known)


def _answer(call: Call, args_hash: bytes, outcome: dict[str, Any]) -> bool:
    if bytes(args_hash) != call.args_hash:
        call.settle(error=IdempotencyKeyReused())
        return True
    call.replayed = True
    if "refusal" in outcome:
        call.settle(error=AgentError.from_json(outcome["refusal"]))
    else:
        call.settle(result=call.target.spec.load_result(orjson.dumps(outcome["result"])))
    return True


def _expect_not_deleted(turn: Turn, call: Call) -> None:
    """Whoever waited for an agent while it was deleted did not mean the next of its name."""
    if store.deleted_since(turn.connection, call.target.agent_id, call.since):
        raise AgentDeleted(agent_id=call.target.agent_id)


def _expect_working(activation: Activation, target: Target) -> Target:
    """Refuse a command of who is stopped; the command, as the agent's version has it."""
    if activation.status in STOPPED:
        raise refusal_of(activation.id, activation.status)
    return as_stored(target, activation.agent_class.version)


# from command to command


def call_nested(frame: CommandFrame, target: Target) -> bytes:
    """An awaited command inside a command: the same transaction, all or nothing."""
    turn, agent_id = frame.turn, target.agent_id
    if agent_id in frame.chain:
        raise CallCycle(chain=" -> ".join((*frame.chain, agent_id)))
    if len(frame.chain) >= MAX_DEPTH:
        raise CallTooDeep(limit=MAX_DEPTH, chain=" -> ".join((*frame.chain[-3:], agent_id)))
    if any(agent_id in ids for ids, *_ in turn.drafts.mailed[: frame.mailed_before]):
        # an earlier command of this turn sent mail there, which this call must not overtake
        raise NeedsLocks(agent_id)
    activation = turn.activations.get(agent_id) or turn.lock(agent_id)
    if activation.frame is not None:
        raise Postponed
    target = _expect_working(activation, target)
    if activation.mail and not activation.mail_run:
        run_mail(turn, activation)
    if agent_id in turn.unfinished:
        raise NeedsLocks(agent_id)  # some of its mail is left, which must not be overtaken
    _expect_no_mail(turn, frame.activation.id, activation)
    if frame.sent:
        _run_sent(turn, frame, activation)
    return turn.invoke(activation, target.spec, target.args, frame.activation.id, chain=frame.chain)


def _expect_no_mail(turn: Turn, sender: str, activation: Activation) -> None:
    """A sender locked after the mailbox was read may have sent to it in between."""
    if turn.reads[sender] > turn.reads[activation.id]:
        known = [message.id for message in activation.mail]
        if store.mail_arrived(turn.connection, activation.id, sender, known):
            raise NeedsLocks(sender)


def _run_sent(turn: Turn, frame: CommandFrame, activation: Activation) -> None:
    """What this very command sent there goes first: it must not overtake itself."""
    sender, drafts = frame.activation.id, turn.drafts
    settled = {(row[0], row[1]) for row in (*drafts.done, *drafts.retried)}
    to_many = [(activation.id, *row[:4]) for row in drafts.sent_to_many if activation.id in row[5]]
    to_one = [(row[0], row[1], row[2], row[3], row[4]) for row in drafts.sent]
    for agent_id, id_, by, method, args in sorted([*to_one, *to_many], key=lambda row: row[1]):
        if agent_id == activation.id and by == sender and (agent_id, id_.bytes) not in settled:
            message = MessageRow(agent_id, id_.bytes, method, args, sender, 0, None)
            try:
                run_message(turn, activation, message)
            except Postponed:
                return
