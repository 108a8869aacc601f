"""Going back: an agent's document and items as a replay of its oplog gives them.

It happens in the turn of an operation, which holds the agent's lock. Rows of items are put back by
one statement, whatever their number; what the replay did after its state point goes on top of them.
Nothing is erased: it is one more change, which can itself be reverted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Never, cast

import orjson
import psycopg
from pydantic import ValidationError

from agents_core import files, oplog, registry, replay, store
from agents_core.activation import Activation
from agents_core.agent import DurableAgent
from agents_core.errors import AgentError, AgentVersionUnknown, RevertRefused
from agents_core.frames import QueryFrame
from agents_core.identity import split_id
from agents_core.replay import CannotReplay, Replayed
from agents_core.replay_frame import Diverged
from agents_core.text import storable
from agents_core.wire import Connection

if TYPE_CHECKING:
    from agents_core.turn import Turn


class Earlier(NamedTuple):
    """An agent as it was."""

    agent_class: type[DurableAgent]
    """Of the version it had."""
    found: Replayed


def revert(turn: Turn, activation: Activation, to_revision: int, by: str) -> None:
    """Make an agent what it was after the entry `to_revision`: document, items and version.

    In an operating turn that has done nothing else to it. The entry `revert` ends the turn; its
    index is `activation.revision`. Mail, schedules, effects asked and kept answers are left as they
    are. Refused (`revert_refused`), with nothing changed once the turn is abandoned, where the
    oplog has no such entry or does not tell enough, or the code does something else than then.
    """
    earlier = as_it_was(turn.connection, activation, to_revision)
    facts = {"by": by, "to": to_revision}
    try:
        put_back(turn, activation, earlier.agent_class, earlier.found, oplog.REVERT, facts)
    except (psycopg.Error, AgentError):
        raise
    except Exception as error:
        reason = f"the code cannot work with what it was: {type(error).__name__}: {error}"
        _refuse(activation, storable(reason), to_revision=to_revision)


def as_it_was(connection: Connection, activation: Activation, revision: int) -> Earlier:
    """An agent after the entry of that index, replayed from the newest state point before it."""
    if revision < 1:
        _refuse(activation, "before its creation it was nobody, delete it to begin anew")
    if revision > activation.revision:
        _refuse(activation, f"its newest entry is {activation.revision}", to_revision=revision)
    try:
        past = replay.load_history(connection, activation.id, revision)
        agent_class = _class_of(activation, past.start.version)
        expect_full(agent_class, _known_class(activation))
        return Earlier(agent_class, replay.replay(agent_class, *past))
    except CannotReplay as error:
        _refuse(activation, str(error), to_revision=revision)
    except ValidationError:
        reason = f"its document of then, at {past.start.index}, is not valid any more"
        _refuse(activation, reason, to_revision=revision)
    except Diverged as divergence:
        start = past.start.index
        way_out = f", but to {start} it can be, which is kept whole" if start else ""
        reason = f"at {divergence.index} the code does something else than then{way_out}"
        _refuse(activation, reason, to_revision=revision, diff=divergence.to_json())


def put_back(
    turn: Turn,
    activation: Activation,
    agent_class: type[DurableAgent],
    found: Replayed,
    kind: str,
    facts: Mapping[str, Any],
) -> None:
    """Give an agent the document and items of a replay, and the version on which it ran.

    In an operating turn that has done nothing else to it: the items as of where the replay began
    are put back at once, by SQL. The entry, of a `kind` among `STATE_POINTS`, has the facts and
    then `version` and `state`; nothing may be done to the agent after it in this turn. Status and
    mail are the caller's. Any exception (a refusal where a file or the document cannot be kept):
    the turn is to be abandoned.
    """
    connection, revision = turn.connection, activation.revision + 1
    as_of = found.items.as_of or 0
    store.restore_items(connection, activation.id, as_of=as_of, revision=revision)
    written = found.items.items.get(files.COLLECTION, {}).values()
    gone = files.hold_again(connection, activation.id, [value[0] for value in written if value])
    if gone is not None:
        _refuse(activation, f"what its file {gone} held is not stored any more")
    activation.go_back(agent_class, found.state, found.items.unwritten())
    frame = QueryFrame(connection, activation.id, activation.moment + 1)
    activation.agent.__dict__["_frame"] = frame
    activation.check_document()
    activation.agent.search_fields()
    document = orjson.Fragment(activation.save())
    entry = {**facts, "version": agent_class.version, "state": document}
    turn.add_entry(activation, kind, entry)
    activation.state_point = activation.restless = True


def before_last(connection: Connection, activation: Activation, last: int) -> int:
    """The index before the last so many commands that were done. Refusals and faults changed
    nothing, so they do not count; nor does what was reverted. Refused where there are fewer."""
    points = store.state_points(connection, activation.id, upto=activation.revision)
    beginning = store.beginning(connection, activation.id)
    pruned = beginning.since if beginning else 0
    wanted = last
    for after, upto in reversed(replay.live_ranges(points, 0, activation.revision)):
        # the first command is its creation
        after = max(after, pruned, 1)
        found = store.commands_done(connection, activation.id, after=after, upto=upto, limit=wanted)
        wanted -= len(found)
        if not wanted:
            return found[-1] - 1
    earlier = f"what it did before {pruned} was pruned" if pruned else "then comes its creation"
    _refuse(activation, f"{last - wanted} commands can be, {earlier}", last=last)


def _class_of(activation: Activation, version: int) -> type[DurableAgent]:
    found = registry.find_version(split_id(activation.id)[0], version)
    return cast("type[DurableAgent]", found)


def _known_class(activation: Activation) -> type[DurableAgent] | None:
    try:
        return _class_of(activation, activation.version)
    except AgentVersionUnknown:
        return None


def expect_full(*versions: type[DurableAgent] | None) -> None:
    """Raise `CannotReplay` where one of them keeps a brief oplog."""
    if any(one is not None and one.oplog == "brief" for one in versions):
        raise CannotReplay("its type keeps a brief oplog, which does not tell what it did")


def _refuse(activation: Activation, reason: str, **facts: Any) -> Never:
    raise RevertRefused(agent_id=activation.id, reason=reason, **facts)
