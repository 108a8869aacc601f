"""Effects: asked for by a turn, claimed by one process at a time, ended once.

They are asked for by the turn's own writes. What is done with a
claim commits by itself, and names it: who lost it writes nothing more. What operators do is part of
their transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from agents_core.wire import Connection

_FREE = (
    "failed_at IS NULL AND due_at <= %(now)b AND (lease_until IS NULL OR lease_until <= %(now)b) "
    "AND split_part(target, ':', 1) = ANY(%(types)b)"
)


class Claimed(NamedTuple):
    """An effect that this process runs."""

    agent_id: str
    id: uuid.UUID
    claim: uuid.UUID
    target: str
    method: str
    args: str
    asked: bool
    """Whether somebody waits for the answer."""
    attempts: int
    """This one included."""
    asked_at: datetime
    last_error: str | None
    abandoned: bool
    """The try before never ended: its process died, or stood still for the length of the lease."""


class FailedEffect(NamedTuple):
    """An effect that failed with nobody to tell."""

    agent_id: str
    target: str
    method: str
    args: dict[str, Any]


class Ending(NamedTuple):
    """How a try ended: with an answer (JSON), or an error and the time of the next try, or neither:
    then it stays with its error until an operator sees to it."""

    answer: str | None = None
    error: str | None = None
    again: datetime | None = None


def claim_effect(
    connection: Connection, claim: uuid.UUID, now: datetime, until: datetime, types: Sequence[str]
) -> Claimed | None:
    """Commit the claim of the effect of these types that has been due for longest and that nobody
    runs; None: there is none."""
    row = connection.execute(
        # materialized: a plan that ran it again for each row of the table would claim them all
        "WITH was AS MATERIALIZED (SELECT agent_id, id, claim FROM agents_core_effect "
        f"WHERE {_FREE} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
        "UPDATE agents_core_effect e SET claim = %(claim)b, lease_until = %(until)b, "
        "attempts = e.attempts + 1 FROM was WHERE e.agent_id = was.agent_id AND e.id = was.id "
        "RETURNING e.agent_id, e.id, e.claim, e.target, e.method, e.args::text, "
        "e.then_method IS NOT NULL, e.attempts, e.created_at, e.last_error, was.claim IS NOT NULL",
        {"claim": claim, "until": until, "now": now, "types": list(types)},
    ).fetchone()
    return Claimed(*row) if row else None


def renew_effects(
    connection: Connection, held: Sequence[Claimed], until: datetime
) -> set[uuid.UUID]:
    """Commit that these are still being run; the claims that are still held."""
    rows = connection.execute(
        "UPDATE agents_core_effect e SET lease_until = %b "
        "FROM unnest(%b::text[], %b::uuid[], %b::uuid[]) AS n (agent_id, id, claim) "
        "WHERE e.agent_id = n.agent_id AND e.id = n.id AND e.claim = n.claim RETURNING e.claim",
        (until, [h.agent_id for h in held], [h.id for h in held], [h.claim for h in held]),
    )
    return {row[0] for row in rows.fetchall()}


def finish_effect(
    connection: Connection, held: Claimed, ending: Ending, message: uuid.UUID, now: datetime
) -> bool:
    """Commit how a try ended. An answer ends the effect and becomes a message of that id to who
    asked for it. False: the claim is not held any more, and nothing is changed."""
    whose = "agent_id = %(agent_id)b AND id = %(id)b AND claim = %(claim)b"
    values = {**held._asdict(), **ending._asdict(), "message": message, "now": now}
    if ending.answer is not None:
        row = connection.execute(
            f"WITH done AS (DELETE FROM agents_core_effect WHERE {whose} RETURNING *), "
            "told AS (INSERT INTO agents_core_message (agent_id, id, sender, method, args) "
            "SELECT agent_id, %(message)b, target, then_method, "
            "then_args || jsonb_build_object('answer', %(answer)b::text::jsonb) "
            "FROM done WHERE then_method IS NOT NULL) SELECT 1 FROM done",
            values,
        ).fetchone()
        return row is not None
    ended = connection.execute(
        "UPDATE agents_core_effect SET claim = NULL, lease_until = NULL, "
        "last_error = %(error)b, due_at = coalesce(%(again)b::timestamptz, due_at), "
        "failed_at = CASE WHEN %(again)b::timestamptz IS NULL THEN %(now)b::timestamptz END "
        f"WHERE {whose}",
        values,
    )
    return ended.rowcount > 0


def count_free_effects(
    connection: Connection, now: datetime, types: Sequence[str], limit: int
) -> int:
    """How many effects of these types are due and run by nobody, counted up to `limit`."""
    row = connection.execute(
        "SELECT count(*) FROM "
        f"(SELECT 1 FROM agents_core_effect WHERE {_FREE} LIMIT %(limit)b) AS counted",
        {"now": now, "types": list(types), "limit": limit},
    ).fetchone()
    return int(row[0]) if row else 0


def failed_effect(connection: Connection, agent_id: str, id_: uuid.UUID) -> FailedEffect | None:
    """An effect that failed with nobody to tell; held until the transaction ends."""
    row = connection.execute(
        "SELECT agent_id, target, method, args FROM agents_core_effect "
        "WHERE agent_id = %b AND id = %b AND failed_at IS NOT NULL FOR UPDATE",
        (agent_id, id_),
    ).fetchone()
    return FailedEffect(*row) if row else None


def retry_effect(
    connection: Connection, agent_id: str, id_: uuid.UUID, now: datetime, args: str | None
) -> None:
    """Have an effect that failed be as if it were asked for now, with other arguments if given."""
    connection.execute(
        "UPDATE agents_core_effect SET failed_at = NULL, attempts = 0, due_at = %b, "
        "created_at = %b, args = coalesce(%b::text::jsonb, args) WHERE agent_id = %b AND id = %b",
        (now, now, args, agent_id, id_),
    )


def discard_effect(connection: Connection, agent_id: str, id_: uuid.UUID) -> None:
    """Delete an effect."""
    connection.execute(
        "DELETE FROM agents_core_effect WHERE agent_id = %b AND id = %b", (agent_id, id_)
    )
