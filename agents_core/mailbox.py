"""Draining mailboxes: what workers do when a hint, the sweeper or a caller names agents."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import psycopg

from agents_core import (
    clock,
    database,
    execution,
    files,
    hints,
    meters,
    registry,
    samples,
    store,
    trace,
)
from agents_core.drafts import Mailed
from agents_core.errors import AgentError
from agents_core.identity import split_id
from agents_core.turn import Turn

logger = logging.getLogger(__name__)

BATCH = 100
TURN_OF_DUTY = 2_000
"""Agents a drain visits before it leaves what follows from them to the end of the queue."""
SWEEP_LIMIT = 2_000
STALE = timedelta(seconds=1)
"""Mail this old was hinted at long ago: the hint is lost, or its queue is long."""
CROWDS_WAIT = 4.0
"""Seconds a crowd waits to be told while the fan-out that reaches it goes on in the same drain: it
gets through several times faster alone than beside its own readers."""
UNTOLD = STALE + timedelta(seconds=CROWDS_WAIT)
"""Mail of very many agents that is younger may be a fan-out's that is still under way."""
FORGOTTEN = timedelta(seconds=30)
"""Mail this old is hinted at again even if its queue is long."""


def drain(agents: trace.Agents, *, lane: str = "interactive", at_most: int | None = None) -> int:
    """Run the waiting mail of agents until none is left; how many agents were visited.

    What they send to few agents of the same lane is drained here too, without a detour over the
    broker, up to about `at_most` visits; the rest is announced. Safe to run twice, late, and in
    many processes at once.
    """
    sent_for = agents if isinstance(agents, Mapping) else {}
    waiting = {agent_id: sent_for.get(agent_id) for agent_id in filter(_is_known, agents)}
    visited = 0
    crowds: list[Mailed] = []
    told = time.monotonic()
    try:
        while waiting:
            batch = sorted(list(waiting)[:BATCH])
            requests = {agent_id: waiting.pop(agent_id) for agent_id in batch}
            visited += len(batch)
            with hints.collected(lane) as here, trace.mail_of(requests):
                _drain_batch(batch)
            waiting |= here.kept
            crowds += here.crowds
            if visited >= (at_most or TURN_OF_DUTY) and here.kept:
                crowds += [([agent_id], lane, waiting[agent_id]) for agent_id in waiting]
                break
            if time.monotonic() - told > CROWDS_WAIT:
                hints.announce(crowds)
                crowds, told = [], time.monotonic()
    finally:
        hints.announce(crowds)
    return visited


def drain_nearby(agents: trace.Agents) -> None:
    """Run the mail of a few agents in the process that sent it; a long chain is for workers."""
    drain(agents, at_most=BATCH)


def _drain_batch(agent_ids: list[str], *, wait: bool = False) -> None:
    """One turn on the agents nobody else holds, another on those that were held, waiting for
    their locks; then a turn each for what could not go with the others."""
    turn: Turn | None = None
    try:
        turn = Turn(database.connection())
        turn.open(agent_ids, wait=wait)
        turn.run({})
        announcement = turn.commit()
    except psycopg.Error as error:
        if turn is not None:
            turn.abandon(blame=False)  # whose fault it is shows when each is run alone
        if database.is_lost(error):
            logger.warning("the database is away, %d agents wait: %s", len(agent_ids), error)
            return
        logger.info("a turn of %d agents is run again one by one: %s", len(agent_ids), error)
        _drain_alone(agent_ids)
        return
    except Exception:
        logger.exception("a turn of %d agents failed, each is run again alone", len(agent_ids))
        if turn is not None:
            turn.abandon(blame=False)
        _drain_alone(agent_ids)
        return
    except BaseException:
        if turn is not None:
            turn.abandon(blame=True)
        raise
    execution.announce(announcement)
    _drain_alone(sorted(turn.unfinished))
    if turn.taken:
        # their holders may have read the mailboxes before this mail was in them
        _drain_batch(sorted(turn.taken), wait=True)


def _drain_alone(agent_ids: Iterable[str]) -> None:
    """A turn of its own for each; one whose document cannot be read, say, stops no other."""
    for agent_id in agent_ids:
        try:
            execution.drain_one(agent_id)
        except Exception:
            logger.exception("%s: its mail cannot be run", agent_id, extra={"agent_id": agent_id})


def sweep() -> int:
    """Find what a lost hint left behind, and what has become due; how many agents were found.

    A few agents are drained here. Many are a fan-out's: they are announced on the bulk lane, once
    the hints waiting there are worked off, so that they keep nobody waiting.
    """
    now = clock.now()
    moment = clock.ordered_uuid(clock.stamp(), 0)
    due = store.move_due(database.connection("search"), now, moment, limit=1_000)
    stale = sorted({*_left_behind(now - STALE), *due})
    if stale:
        meters.count_swept(len(stale))
    few, many = stale[:BATCH], stale[BATCH:]
    drain(few)
    if many:
        # while hints wait there, only what was left behind for long is told again
        age = FORGOTTEN if hints.queue_length("bulk") else UNTOLD
        left_behind = {*_left_behind(now - age), *due}
        many = [agent_id for agent_id in many if agent_id in left_behind]
    hints.announce([(many, "bulk", None)])
    return len(stale)


def _left_behind(older_than: datetime) -> list[str]:
    """Agents with mail older than that, up to a limit; mail of types not known here stays."""
    found: list[str] = []
    after = ""
    while len(found) < SWEEP_LIMIT:
        page = store.agents_with_mail(
            database.connection("search"),
            before=clock.message_bound(older_than),
            after=after,
            now=clock.now(),
            limit=SWEEP_LIMIT,
        )
        found += [agent_id for agent_id in page if _is_known(agent_id)]
        if len(page) < SWEEP_LIMIT:
            break
        after = page[-1]
    return found


def _is_known(agent_id: str) -> bool:
    """Whether this process has the type: during a deployment another may have newer ones."""
    try:
        registry.find(split_id(agent_id)[0])
    except AgentError as error:
        logger.warning("the mail of %s waits: %s", agent_id, error)
        return False
    return True


def prune() -> int:
    """Delete outcomes, payloads, stored files and samples past their time, in bounded batches; how
    many."""
    total = 0
    while True:
        deleted = store.prune(database.connection("search"), clock.now(), limit=1_000)
        total += deleted
        if deleted < 1_000:
            return total + files.prune_blobs() + samples.prune()
