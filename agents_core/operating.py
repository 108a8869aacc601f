"""An operation under way: a turn that holds the agent's lock, does it, and records who did it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
import psycopg

from agents_core import (
    clock,
    database,
    execution,
    store,
    trace,
)
from agents_core.activation import Activation
from agents_core.answers import keep_refusal
from agents_core.drafts import Announcement
from agents_core.errors import (
    AgentError,
    NoSuchAgent,
    OperationNotAllowed,
)
from agents_core.keys import Key, result_of
from agents_core.lifecycle import ALLOWED, Operation, Rule, Status
from agents_core.retry import back_off
from agents_core.text import storable_json
from agents_core.turn import Turn

T = TypeVar("T")

WAY_OUT = {
    Status.INTERRUPTED: "resume it first",
    Status.FAILED: "revert, update or delete it",
    Status.EXITED: "delete it to begin anew",
}


class Operating:
    """An operation under way: the turn, and its agent locked in it."""

    def __init__(self, turn: Turn, activation: Activation, by: str) -> None:
        self.turn = turn
        self.activation = activation
        self.by = by
        self.wakes = False
        """Whether its mail is to be looked at afterwards."""
        self.effects: list[str] = []
        """Effects that are to be run afterwards."""

    @property
    def connection(self) -> Any:
        return self.turn.connection

    def expect_allowed(self, operation: Operation) -> Rule:
        """What is to be done; refuses what the agent's status forbids."""
        status = Status(self.activation.status)
        rule = ALLOWED[operation][status]
        if rule is Rule.REFUSED:
            raise OperationNotAllowed(
                operation=operation.value,
                agent_id=self.activation.id,
                status=status.value,
                way_out=WAY_OUT[status],
            )
        return rule

    def note(self, kind: str, **facts: Any) -> None:
        """Record it in the oplog of an agent that exists."""
        if self.activation.revision:
            self.turn.add_entry(self.activation, kind, {"by": self.by, **facts})
            self.activation.restless = True


def operate(
    agent_id: str,
    operation: Operation,
    by: str,
    details: dict[str, Any],
    act: Callable[[Operating], T],
    *,
    must_exist: bool = True,
    load: Callable[[Any], T] | None = None,
) -> T:
    """Do it under the agent's lock and record it, all or nothing and once; with an idempotency key
    of the `calling` block this is in, once for that key. `load` makes a result of its JSON."""
    id_ = uuid.uuid4()
    answers: list[T] = []
    key = Key.given(agent_id, f"{operation.value} {orjson.dumps(details).decode()}")

    def once(operating: Operating) -> T:
        if answers and store.operation_done(operating.connection, agent_id, id_):
            return answers[-1]  # an earlier try was committed, but its answer never came
        known = key.known(operating.connection) if key else None
        if known is not None:
            result = result_of(known)
            return load(result) if load else result
        if must_exist and not operating.activation.exists:
            raise NoSuchAgent(agent_id=agent_id)
        answers.append(act(operating))
        if key is not None:
            operating.turn.outcomes.append(key.row({"result": answers[-1]}))
        text = storable_json(details).decode()
        # the time at which the lock was held: who began to wait before it waited for this agent
        row = (id_, clock.micros(), by, operation.value, agent_id, text)
        operating.turn.operations.append(row)
        return answers[-1]

    try:
        return under_lock(agent_id, once, by=by)
    except AgentError as refusal:
        if key is not None:
            keep_refusal(key, refusal)
        raise


def under_lock(agent_id: str, act: Callable[[Operating], T], *, by: str) -> T:
    """Run it in a turn that holds the agent's lock and leaves its mail alone."""
    tries = 0
    while True:
        turn = None
        tries += 1
        try:
            turn = Turn(database.connection(), operating=True)
            turn.open([agent_id], wait=True)
            operating = Operating(turn, turn.activations[agent_id], by)
            answer = act(operating)
            announcement = turn.commit()
        except psycopg.Error as error:
            if turn is not None:
                turn.abandon(blame=False)
            if not database.is_passing(error) or tries == execution.TRIES:
                raise execution.unavailable(agent_id, error) from error
            back_off(tries)
            continue
        except BaseException:
            if turn is not None:
                turn.abandon(blame=False)
            raise
        _announce(operating, announcement)
        return answer


def _announce(operating: Operating, announcement: Announcement) -> None:
    announcement.effects = operating.effects
    if operating.wakes:
        activation = operating.activation
        woken = ([activation.id], activation.agent_class.lane, trace.request_id())
        announcement.mailed.append(woken)
    execution.announce(announcement)
