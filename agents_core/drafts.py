"""What the commands of a turn leave to be written, and how to drop the last of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agents_core.activation import Activation, Checkpoint
    from agents_core.context import Target, Then


@dataclass(slots=True)
class Scope:
    """What to put back if the commands run since are dropped."""

    marks: tuple[int, ...]
    touched: dict[Activation, Checkpoint | None] = field(default_factory=dict)
    mail_run: list[Activation] = field(default_factory=list)
    """Agents whose mail was run on the way, because a command awaited them."""


class Change(NamedTuple):
    """What a turn, or several, did to an agent, for those who watch it."""

    agent_id: str
    before: int
    """The revision from which this leads to `revision`."""
    revision: int
    put: list[str] | None
    """What was put into its live collection, as JSON; None: that does not tell all, read it."""


Mailed = tuple[Sequence[str], str, str | None]
"""(agent ids, lane, id of the request for which it was sent) of each send"""


@dataclass(slots=True)
class Announcement:
    """What the world is told after the commit."""

    mailed: list[Mailed] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    retry_at: dict[str, tuple[str, float]] = field(default_factory=dict)
    """agent id -> (lane, epoch seconds)"""
    effects: Sequence[str] = ()
    """ids of effects asked for"""


def effect_row(
    asker: str, id_: uuid.UUID, target: Target, then: Then | None, revision: int, moment: int
) -> tuple[Any, ...]:
    """An effect as it is stored; an outsider asks at revision 0."""
    answer_to = (then.method, then.args) if then else (None, None)
    what = (target.agent_id, target.spec.name, target.args)
    return (asker, id_, *what, *answer_to, revision, moment)


@dataclass(slots=True)
class Drafts:
    """What commands leave to be written, in lists that a scope can cut back."""

    oplog: list[tuple[Any, ...]] = field(default_factory=list)
    sent: list[tuple[Any, ...]] = field(default_factory=list)
    sent_to_many: list[tuple[Any, ...]] = field(default_factory=list)
    schedules: list[tuple[str, str, tuple[Any, ...] | None]] = field(default_factory=list)
    """(agent_id, name, row or None to cancel); the last word about a name holds"""
    done: list[tuple[str, bytes]] = field(default_factory=list)
    retried: list[tuple[Any, ...]] = field(default_factory=list)
    parked: list[tuple[Any, ...]] = field(default_factory=list)
    mailed: list[Mailed] = field(default_factory=list)
    effects: list[tuple[Any, ...]] = field(default_factory=list)
    """as `effect_row` makes them"""
    unrecorded: list[tuple[str, str]] = field(default_factory=list)
    """(type, kind) of commands of agents that do not exist yet; only counted, and never cut"""
    mixed: bool = False
    """Whether there is, or was before a cut, more in `oplog` and `unrecorded` than commands done"""

    def _lists(self) -> tuple[list[Any], ...]:
        return (
            self.oplog,
            self.sent,
            self.sent_to_many,
            self.schedules,
            self.done,
            self.retried,
            self.parked,
            self.mailed,
            self.effects,
        )

    def marks(self) -> tuple[int, ...]:
        # spelt out: this runs once for every command
        return (
            len(self.oplog),
            len(self.sent),
            len(self.sent_to_many),
            len(self.schedules),
            len(self.done),
            len(self.retried),
            len(self.parked),
            len(self.mailed),
            len(self.effects),
        )

    def cut(self, marks: tuple[int, ...]) -> None:
        for entries, mark in zip(self._lists(), marks, strict=True):
            del entries[mark:]
