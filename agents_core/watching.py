"""Which revision agents have by now, for those who watch many: read without their documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from agents_core import clock, database, store
from agents_core.engine import on_connection


class Seen(NamedTuple):
    """How far an agent is."""

    revision: int
    """0: there is no such agent."""
    at: datetime
    """When it last changed, by its own clock: whatever it does from now on, it does later."""


NOTHING = Seen(0, clock.EPOCH)


def seen(agent_ids: Sequence[str]) -> list[Seen]:
    """How far each of these agents is, as of the last commit. One statement."""
    rows = on_connection(
        lambda: store.revisions(database.connection(), list(dict.fromkeys(agent_ids))),
        "the database",
    )
    known = {id_: Seen(revision, clock.to_datetime(at)) for id_, revision, at in rows}
    return [known.get(agent_id, NOTHING) for agent_id in agent_ids]
