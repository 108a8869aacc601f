"""Celery's doors into the runtime. Each is safe to run twice, late, or never."""

from __future__ import annotations

import logging

import psycopg
from celery import Task, shared_task

from agents_core import database, effects, hints, mailbox, retention, rollouts, samples

logger = logging.getLogger(__name__)


@shared_task(name=hints.TASK, bind=True)
def drain(self: Task, agent_ids: list[str], lane: str = "interactive") -> None:
    """Run the waiting mail of these agents."""
    requests = (self.request.headers or {}).get(hints.REQUESTS)
    mailbox.drain(hints.unpacked(agent_ids, requests), lane=lane)


@shared_task(name="agents.sweep")
def sweep() -> None:
    """Find what lost hints left behind and what is due, and take rollouts further."""
    try:
        mailbox.sweep()
        effects.sweep()
        samples.look_at_backlog()
        rollouts.advance_all()
    except psycopg.Error as error:
        if not database.is_lost(error):
            raise
        logger.warning("no sweep, the database is away: %s", error)


@shared_task(name="agents.effect")
def effect() -> None:
    """Run an effect that is due."""
    effects.run_one()


@shared_task(name="agents.prune")
def prune() -> None:
    """Delete what is past its time."""
    mailbox.prune()


@shared_task(name="agents.prune_history")
def prune_history() -> None:
    """Delete what types do not want to keep of what their agents did."""
    retention.prune_all()
