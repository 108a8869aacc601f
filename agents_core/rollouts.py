"""Updates of many agents: a share of them first, paused when too many fail, resumed where it was.

A rollout is a row. Whoever waits for it takes it further, and so does the sweeper: it goes on when
its process is killed.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Required, TypedDict, Unpack

from agents_core import (
    clock,
    database,
    lifecycle,
    mailbox,
    operations,
    oplog,
    registry,
    store,
    updates,
)
from agents_core.errors import AgentError, NoSuchRollout, RolloutNotAllowed, UpdateRefused
from agents_core.store import OperationRow, RolloutRow
from agents_core.updates import Mode, Outcome

BATCH = 50
CLAIM = timedelta(seconds=30)
"""How long a process may take for a batch before another thinks it dead."""
LONGEST = 10.0
"""Seconds after which a batch is cut short, so that it is not."""
POLL = 0.5
"""Seconds between looks at what another process does."""
FEWEST = 5
"""Before so many were tried, their failures are no rate."""


class How(TypedDict, total=False):
    """Who begins a rollout, for whom, and how careful it is: as in `plan`."""

    by: Required[str]
    canary: float
    max_failures: float
    from_version: int | None
    status: str | None


def plan(
    agent_type: str,
    version: int,
    mode: Mode,
    *,
    by: str,
    canary: float = 0.01,
    max_failures: float = 0.05,
    from_version: int | None = None,
    status: str | None = None,
) -> RolloutRow:
    """An update of the agents of a type (of a version, of a status) to another version; `total` is
    how many there are now. Nothing happens until it is begun.

    The share `canary` of them goes first. While more than the share `max_failures` of those tried
    have failed it is paused.
    """
    known = registry.versions_of(registry.find(agent_type).agent_type)
    if version not in known:
        reason = f"the code has the versions {known}"
        raise UpdateRefused(agent_id=f"{agent_type}:*", version=version, reason=reason)
    row = RolloutRow(
        id=uuid.uuid4(),
        type=agent_type,
        version=version,
        mode=mode,
        from_version=from_version,
        only_status=None if status is None else lifecycle.Status(status).value,
        canary=canary,
        max_failures=max_failures,
        by=by,
        started_at=clock.now(),
        status="running",
        in_canary=canary > 0,
        after="",
        total=0,
    )
    return replace(row, total=store.count_wanted(database.connection(), row))


def begin(row: RolloutRow) -> str:
    """Begin what was planned; its id."""
    wanted = {"version": row.version, "mode": row.mode, "canary": row.canary}
    store.add_rollout(database.connection(), row, _noted(row, row.by, "start", **wanted))
    return str(row.id)


def start(agent_type: str, version: int, mode: Mode, **how: Unpack[How]) -> str:
    """`plan` and `begin` in one; its id."""
    return begin(plan(agent_type, version, mode, **how))


def progress(rollout_id: str) -> RolloutRow:
    """How far it is."""
    found = store.find_rollouts(database.connection(), id_=_id(rollout_id))
    if not found:
        raise NoSuchRollout(rollout_id=rollout_id)
    return found[0]


def newest(limit: int = 50) -> list[RolloutRow]:
    """The rollouts there were, the newest first."""
    return store.find_rollouts(database.connection(), limit=limit)


def pause(rollout_id: str, *, by: str) -> None:
    """Stop after the agents that are being updated now."""
    _set(rollout_id, "paused", before="running", what="be paused", by=by)


def resume(rollout_id: str, *, by: str) -> None:
    """Go on where it was paused; what failed is not tried again, nor held against the rest."""
    _set(rollout_id, "running", before="paused", what="go on", by=by)


def follow(rollout_id: str) -> Iterator[RolloutRow]:
    """Take it further until it is done or paused, telling how far it is after every batch."""
    while True:
        moved = advance(rollout_id)
        row = progress(rollout_id)
        yield row
        if row.status != "running":
            return
        if not moved:
            time.sleep(POLL)


def advance(rollout_id: str, *, limit: int = BATCH) -> bool:
    """Update the next few agents; False: another process is at it, or it is not running."""
    connection, now = database.connection(), clock.now()
    until = now + CLAIM
    claimed = store.claim_rollout(connection, _id(rollout_id), now, until)
    if claimed is None:
        return False
    row, abandoned = claimed
    if abandoned:
        row = replace(row, updated=row.updated + store.count_uncounted(connection, row))
    waiting = store.next_agents(connection, row, limit)
    enough = time.monotonic() + LONGEST
    while waiting and row.status == "running" and time.monotonic() < enough:
        agent_id = waiting.pop(0)
        row = _count(row, agent_id, _update(agent_id, row))
        if _fails_too_often(row):
            row = replace(row, status="paused")
    if row.status == "running" and not waiting and not store.next_agents(connection, row, 1):
        # after the canary the rest, from the start
        done = not row.in_canary
        row = replace(row, in_canary=False, after="", status="done" if done else "running")
    store.move_rollout(database.connection(), row, until)
    return True


def advance_all() -> None:
    """Take every running rollout a batch further."""
    for id_ in store.running_rollouts(database.connection()):
        advance(str(id_))


def _update(agent_id: str, row: RolloutRow) -> Outcome:
    """Update one agent; that it cannot be is an outcome too."""
    refused = None
    try:
        outcome = operations.update(agent_id, row.version, _mode(row), by=row.by)
        if outcome.what != "queued":
            return outcome
        mailbox.drain([agent_id])
    except AgentError as refusal:
        refused = refusal.message
    agent = store.read(database.connection(), agent_id)
    if agent is None or agent.version == row.version:
        return Outcome("updated")
    if row.version in store.updates_waiting(database.connection(), agent_id, updates.METHOD):
        return Outcome("queued")  # now, or by a process that died over it
    if refused is not None:
        return Outcome("failed", refused)
    last = store.last_entry(database.connection(), agent_id, oplog.UPDATE_FAILED)
    return Outcome("failed", last["reason"]) if last else Outcome("queued")


def _mode(row: RolloutRow) -> Mode:
    return "automatic" if row.mode == "automatic" else "manual"


def _count(row: RolloutRow, agent_id: str, outcome: Outcome) -> RolloutRow:
    row = replace(row, after=agent_id)
    match outcome.what:
        case "updated":
            return replace(row, updated=row.updated + 1)
        case "queued":
            return replace(row, waiting=row.waiting + 1)
        case _:
            error = f"{agent_id}: {outcome.reason}"
            return replace(row, failed=row.failed + 1, last_error=error)


def _fails_too_often(row: RolloutRow) -> bool:
    tried = row.updated + row.failed
    few = tried < min(FEWEST, row.total)
    return not few and row.failed > row.max_failures * tried


def _set(rollout_id: str, status: str, *, before: str, what: str, by: str) -> None:
    row = progress(rollout_id)
    noted = _noted(row, by, "pause" if status == "paused" else "resume")
    if not store.set_rollout_status(database.connection(), row.id, status, [before], noted):
        now = progress(rollout_id).status
        raise RolloutNotAllowed(rollout_id=rollout_id, status=now, what=what)


def _noted(row: RolloutRow, by: str, step: str, **facts: Any) -> OperationRow:
    """That somebody did this to a rollout: an operation on its type, with which it is committed."""
    details = {"rollout": str(row.id), "step": step, **facts}
    return OperationRow(uuid.uuid4(), clock.now(), by, "update", row.type, details)


def _id(rollout_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(rollout_id)
    except ValueError:
        raise NoSuchRollout(rollout_id=rollout_id) from None
