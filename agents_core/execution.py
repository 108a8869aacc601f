"""Turns run again until they are through: for a batch that never waits, for one agent that does."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence

import psycopg

from agents_core import database, hints, live
from agents_core.calls import Call
from agents_core.drafts import Announcement
from agents_core.errors import AgentUnavailable, OutcomeUnknown
from agents_core.retry import back_off
from agents_core.turn import Turn

logger = logging.getLogger(__name__)

TRIES = 12
"""How often a turn is run again after deadlocks, lost connections and locks met half-way."""


def run_batch(calls: Sequence[Call]) -> None:
    """One turn for calls to many agents; those it could not run are left not done."""
    by_agent: dict[str, list[Call]] = {}
    for call in calls:
        by_agent.setdefault(call.target.agent_id, []).append(call)
    turn: Turn | None = None
    try:
        turn = Turn(database.connection())
        turn.open(list(by_agent), wait=False)
        turn.run(by_agent)
        announcement = turn.commit()
    except psycopg.Error as error:
        # broken by one command, or by the database: each again, alone
        logger.info("a turn of %d calls is run again one by one: %s", len(calls), error)
        _undo(turn, calls, error)
        return
    except Exception:
        # one agent's document cannot be read, say: alone, each learns its own part of it
        logger.exception("a turn of %d calls failed, each is run again alone", len(calls))
        _reset(calls)
        if turn is not None:
            turn.abandon(blame=False)
        return
    except BaseException:
        _reset(calls)  # nothing was committed
        if turn is not None:
            turn.abandon(blame=True)
        raise
    announce(announcement)


def run_alone(agent_id: str, calls: list[Call], take: Callable[[], list[Call]] = list) -> None:
    """Turns on one agent, waiting for its lock, until its mail and these calls are done.

    `take` is asked for further calls each time the lock is held. Locks met on the way are taken
    from the start the next time, in the order of their ids.
    """
    locks = {agent_id}
    tries = 0
    while tries < TRIES:
        turn: Turn | None = None
        running: list[Call] = []
        try:
            turn = Turn(database.connection(), solitary=True)
            turn.open(sorted(locks), wait=True)
            calls += take()
            running = [call for call in calls if not call.done]
            turn.run({agent_id: running})
            announcement = turn.commit()
        except psycopg.Error as error:
            passing = _undo(turn, running, error)
            calls += take()
            tries += 1
            if not passing:
                said = (agent_id, error)
                logger.error(
                    "%s: what it did cannot be written: %s", *said, extra={"agent_id": agent_id}
                )
            if not passing or tries == TRIES or (calls and _all_done(calls)):
                _settle_rest(calls, agent_id, error)
                return
            back_off(tries)
            continue
        except BaseException as error:
            _reset(running)  # nothing was committed
            if turn is not None:
                turn.abandon(blame=True)
            if calls and isinstance(error, Exception):
                _settle_rest(calls, agent_id, error)
                return
            raise
        announce(announcement)
        if _all_done(calls) and agent_id not in turn.unfinished:
            return
        needed = locks.union(*turn.unfinished.values(), *(call.needs for call in calls))
        tries = 0 if turn.progressed else tries + 1
        if needed == locks and not turn.progressed:
            # Another process has what this one still lacks, and may wait for what this one has.
            time.sleep(0.005 * random.random())
        locks = needed


def drain_one(agent_id: str) -> None:
    """Apply the mail that waits for an agent, waiting for its lock."""
    run_alone(agent_id, [])


def announce(announcement: Announcement) -> None:
    """Tell workers and sockets what was committed. Losing it costs time, never work."""
    if announcement.mailed:
        hints.announce(announcement.mailed)
    if announcement.retry_at:
        hints.announce_later(announcement.retry_at)
    if announcement.effects:
        hints.announce([(announcement.effects, hints.EFFECTS, None)])
    if announcement.changed:
        live.announce(announcement.changed)


def _undo(turn: Turn | None, calls: Sequence[Call], error: psycopg.Error) -> bool:
    """Roll back what the database broke; whether that will pass."""
    passing = database.is_passing(error)
    _reset(calls)
    if turn is not None:
        turn.abandon(blame=not passing)
        if turn.outcome_unknown and database.is_lost(error):
            _settle_unknown(calls, error)
    return passing


def _reset(calls: Sequence[Call]) -> None:
    for call in calls:
        call.reset()


def _all_done(calls: Sequence[Call]) -> bool:
    return all(call.done for call in calls)


def _settle_unknown(calls: Sequence[Call], error: Exception) -> None:
    """The commit's answer never came. With a key a call may be run again; without, say so."""
    for call in calls:
        if call.key is None:
            unknown = OutcomeUnknown(f"{call.target.agent_id}.{call.target.spec.name}")
            unknown.__cause__ = error
            call.settle(error=unknown)


def _settle_rest(calls: Sequence[Call], agent_id: str, error: Exception) -> None:
    """These will not be run again: the database is away, or breaks on what they wrote."""
    for call in calls:
        if not call.done:
            call.settle(error=unavailable(agent_id, error))


def unavailable(agent_id: str, error: Exception) -> Exception:
    """The refusal to try again later, where the database is to blame; else the error itself."""
    if not database.is_passing(error):
        return error
    reason = "the database is away" if database.is_lost(error) else "it is busy"
    refusal = AgentUnavailable(agent_id=agent_id, reason=reason)
    refusal.__cause__ = error
    return refusal
