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

DIED = "the process that ran it died"

_unforgiven: list[uuid.UUID] = []
"""Attempts that ended through no fault of the mail, not taken out of the ledger yet."""

os.register_at_fork(after_in_child=_unforgiven.clear)


def enter(activations: Sequence[Activation]) -> uuid.UUID:
    """Commit that this process is about to run the mail of these agents."""
    id_ = uuid.uuid4()
    taken = {found.id: str(found.mail[-1].id) for found in activations}
    store.add_attempt(database.connection("ledger"), id_, taken, clock.micros())
    return id_


def blame_the_dead(
    activations: Sequence[Activation],
    attempts: Sequence[tuple[uuid.UUID, dict[str, str]]],
    *,
    ours: Sequence[uuid.UUID],
) -> None:
    """Count an attempt for mail that a process died over; we hold the locks of its agents."""
    by_id = {activation.id: activation for activation in activations}
    for id_, taken in attempts:
        if id_ in ours:
            continue
        for agent_id in taken.keys() & by_id.keys():
            last = taken[agent_id]
            store.count_attempt(database.connection("ledger"), id_, agent_id, last, DIED)
            activation = by_id[agent_id]
            activation.mail = [
                message._replace(attempts=message.attempts + 1)
                if str(message.id) <= last
                else message
                for message in activation.mail
            ]


def forgive(attempts: Sequence[uuid.UUID]) -> None:
    """Take attempts out of the ledger; those that cannot be now, with the next ones."""
    _unforgiven.extend(attempts)
    if not _unforgiven:
        return
    ids = list(_unforgiven)
    try:
        store.remove_attempts(database.connection("ledger"), ids)
    except psycopg.Error:
        database.discard("ledger")
        return
    for id_ in ids:
        _unforgiven.remove(id_)
