"""The ledger of attempts: which mail some process is running, committed before it runs.

A count inside the turn's own transaction would roll back with the process that died of the message,
and it would be tried for ever. One row names a whole batch; the turn's commit deletes it. Who holds
an agent's lock and finds the agent in somebody else's row has found a process that died.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

import psycopg

from agents_core import clock, database, store

if TYPE_CHECKING:
    from agents_core.activation import Activation
    from agents_core.store import AttemptRow, MessageRow

DIED = "the process that ran it died"

_unforgiven: set[uuid.UUID] = set()
"""Attempts that ended through no fault of the mail, not taken out of the ledger yet."""

os.register_at_fork(after_in_child=_unforgiven.clear)


def enter(activations: Sequence[Activation], *, solitary: bool) -> list[uuid.UUID]:
    """Commit that this process is about to run the mail of these agents, if it is to run any."""
    now = clock.micros()
    taken = {}
    for activation in activations:
        last = _last_to_run(activation.mail, now, solitary=solitary)
        if last is not None:
            taken[activation.id] = last.hex()
    if not taken:
        return []
    id_ = uuid.uuid4()
    store.add_attempt(database.connection("ledger"), id_, taken, now)
    return [id_]


def _last_to_run(mail: Sequence[MessageRow], now: int, *, solitary: bool) -> bytes | None:
    """How far a turn will go. What it will leave must not be blamed for the death of its process.

    It ends with the first message that was tried before, or before it unless `solitary`.
    """
    last = None
    for message in mail:
        if message.retry_at is not None and message.retry_at > now:
            continue
        if message.attempts > 0:
            return message.id if solitary else last
        last = message.id
    return last


def blame_the_dead(
    activations: Sequence[Activation], attempts: Sequence[AttemptRow], *, ours: Sequence[uuid.UUID]
) -> None:
    """Count an attempt for mail that a process died over; we hold the locks of its agents.

    Attempts that ended with the database are struck off and not counted.
    """
    by_id = {activation.id: activation for activation in activations}
    connection = database.connection("ledger")
    for attempt in attempts:
        named = attempt.taken.keys() & by_id.keys()
        if attempt.id in ours or not named:
            continue
        if attempt.cut_off:
            store.remove_attempts(connection, [attempt.id])
            continue
        for agent_id in named:
            last = attempt.taken[agent_id]
            counted = store.count_attempt(connection, attempt.id, agent_id, last, DIED)
            activation = by_id[agent_id]
            activation.mail = [
                message._replace(attempts=message.attempts + 1)
                if message.id in counted
                else message
                for message in activation.mail
            ]


def forgive(attempts: Sequence[uuid.UUID]) -> None:
    """Take attempts out of the ledger; those that cannot be now, with the next ones."""
    _unforgiven.update(attempts)
    if not _unforgiven:
        return
    ids = list(_unforgiven)
    try:
        store.remove_attempts(database.connection("ledger"), ids)
    except psycopg.Error:
        database.discard("ledger")
        return
    _unforgiven.difference_update(ids)
