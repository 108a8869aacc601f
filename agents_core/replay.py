"""Replay: what an agent's oplog has, run again in memory.

Commands run on the class as they did then: with the recorded time, seed and caller, and what their
calls answered is taken from the record. What they answer, ask and send is compared with it: where
it differs, the replay ends. Faults are left out, as they changed nothing. Nothing is written and no
other agent is read; collections are read as of where the replay starts.

A command that depends on the order of the keys of a JSON object cannot be replayed for certain: the
database does not keep it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
import psycopg

from agents_core import activation, context, oplog, store
from agents_core.agent import DurableAgent
from agents_core.errors import AgentError, DocumentTooLarge
from agents_core.identity import split_id
from agents_core.methods import MethodKind
from agents_core.overlay import ItemOverlay
from agents_core.replay_frame import Diverged, ReplayFrame
from agents_core.store import EntryRow, StatePointRow
from agents_core.text import storable_json
from agents_core.wire import Connection

PAGE = 2_000
"""Entries read at once."""
REPLAY_LIMIT = 10_000
"""Entries an update replays at most."""


class CannotReplay(Exception):
    """The oplog does not tell enough: it was pruned, or kept brief."""


@dataclass(frozen=True, slots=True)
class StatePoint:
    """An agent's document at an index: before its creation (0), or where an entry has it."""

    agent_id: str
    index: int
    version: int
    """Of the type."""
    state: bytes
    """The document, as JSON."""
    env: bytes | None


class History(NamedTuple):
    """What `replay` takes, for an agent up to an index."""

    start: StatePoint
    entries: Iterator[EntryRow]
    items: ItemOverlay


@dataclass(frozen=True, slots=True)
class Replayed:
    """An agent as a replay left it."""

    state: bytes
    """The document, as JSON."""
    items: ItemOverlay
    """What became of the items, over those of the state point."""
    revision: int


def load_history(
    connection: Connection, agent_id: str, to_revision: int, *, since: int | None = None
) -> History:
    """What happened to an agent up to that index, from the newest state point before it or from the
    one at `since` (0: from its creation). What was reverted by then is left out.

    The entries are read while the replay goes on, so all of it belongs into one transaction that
    holds the agent's lock.
    """
    beginning = store.beginning(connection, agent_id)
    row = store.read(connection, agent_id)
    if beginning is None or row is None:
        raise CannotReplay("it has no history")
    only = 1 if since is None else None
    points = store.state_points(connection, agent_id, upto=to_revision, limit=only)
    if since is None:
        since = points[0].index if points else 0
    if since < beginning.since:
        raise CannotReplay(f"what it did before {beginning.since} was pruned")
    start = StatePoint(agent_id, 0, beginning.version, b"null", None)
    if since:
        [point] = store.read_entries(connection, agent_id, after=since - 1, upto=since, limit=1)
        state = orjson.dumps(point.entry["state"])
        start = StatePoint(agent_id, since, point.entry["version"], state, row.env)
    entries = _read(connection, agent_id, live_ranges(points, since, to_revision))
    return History(start, entries, ItemOverlay(connection, agent_id, as_of=since))


def live_ranges(points: Iterable[StatePointRow], since: int, upto: int) -> list[tuple[int, int]]:
    """The stretches of the oplog, as (after, up to), that led from one index to another: what a
    revert dropped is between them. `points` are the state points up to there, newest first."""
    ranges = []
    for point in points:
        if point.kind == oplog.REVERT and point.to is not None and since < point.index <= upto:
            ranges.append((point.index - 1, upto))
            upto = point.to
    if upto < since:
        raise CannotReplay(f"what happened at {since} was reverted")
    return [(since, upto), *reversed(ranges)]


def earliest_start(
    connection: Connection, agent_id: str, upto: int, *, limit: int = REPLAY_LIMIT
) -> int:
    """The oldest index to replay from, within so many entries: an agent's creation (0), its last
    manual update, where its oplog was pruned, or else a state point."""
    beginning = store.beginning(connection, agent_id)
    oldest = beginning.since if beginning else 0
    found, passed, newest = upto, 0, upto
    points = store.state_points(connection, agent_id, upto=upto)
    for point in points:
        if point.index > newest:
            continue  # reverted
        passed += newest - point.index
        if passed > limit:
            return found
        found = newest = point.index
        if found == oldest or point.mode == "manual":
            return found
        if point.kind == oplog.REVERT and point.to is not None:
            newest = point.to
            if newest < oldest:
                return found
    if not oldest and passed + newest <= limit:
        return 0
    if found == upto and not points:
        raise CannotReplay("its oplog has no state point to start from")
    return found


def _read(
    connection: Connection, agent_id: str, ranges: Iterable[tuple[int, int]]
) -> Iterator[EntryRow]:
    for after, upto in ranges:
        while after < upto:
            page = store.read_entries(connection, agent_id, after=after, upto=upto, limit=PAGE)
            if not page or page[-1].index - after != len(page):
                raise CannotReplay(f"entries after {after} are missing")
            yield from page
            after = page[-1].index


def replay(
    agent_class: type[DurableAgent],
    start: StatePoint,
    entries: Iterable[EntryRow],
    items: ItemOverlay,
) -> Replayed:
    """Run the entries on the class from the state point on; raises `Diverged` where what it does
    differs from the record, `CannotReplay` where the record does not say enough."""
    running = _Replay(agent_class, start, items)
    revision = start.index
    for row in entries:
        running.run(row)
        revision = row.index
        # what went back or was updated took items as a replay left them
        if revision % activation.TRIM_EVERY == 0 and row.kind not in (oplog.REVERT, oplog.UPDATE):
            for name, newest in agent_class.bounds:
                items.trim_items(name, newest)
    return Replayed(running.document(), items, revision)


class _Replay:
    def __init__(
        self, agent_class: type[DurableAgent], start: StatePoint, items: ItemOverlay
    ) -> None:
        self._class = agent_class
        self._adapter = agent_class.state_adapter
        self._items = items
        self._agent = agent_class(start.agent_id, split_id(start.agent_id)[1])
        self._agent.__dict__["_rows"] = items
        self._exited = False
        if start.env is not None:
            self._agent.__dict__["_env"] = start.env
        self._load(start.state)

    def document(self) -> bytes:
        return self._adapter.dump_json(self._agent.state)

    def _load(self, state: bytes) -> None:
        self._agent.state = None if state == b"null" else self._adapter.validate_json(state)

    def run(self, row: EntryRow) -> None:
        exited, self._exited = self._exited, False
        if exited != (row.kind == oplog.EXIT):
            raise Diverged(row.index, "exit", not exited, exited)
        match row.kind:
            case oplog.COMMAND:
                self._command(row)
            case oplog.REFUSAL:
                self._refusal(row)
            case oplog.UPDATE if row.entry.get("mode") == "manual":
                raise CannotReplay(f"the manual update at {row.index} cannot be replayed")

    def _command(self, row: EntryRow) -> None:
        frame = self._frame(row)
        try:
            result = self._invoke(row, frame)
        except psycopg.Error:
            raise  # of a collection that was read: it says nothing of the command
        except Diverged:
            frame.expect_no_divergence()
            raise
        except Exception as error:
            frame.expect_no_divergence()
            got = {"refusal": error.to_json()} if isinstance(error, AgentError) else repr(error)
            raise Diverged(row.index, "result", {"result": row.entry["result"]}, got) from error
        frame.expect_end()
        if result != row.entry["result"]:
            raise Diverged(row.index, "result", row.entry["result"], result)
        self._exited = frame.exits

    def _refusal(self, row: EntryRow) -> None:
        frame = self._frame(row)
        saved, items = self.document(), self._items.unwritten()
        expected = row.entry["refusal"]
        try:
            got: Any = {"result": self._invoke(row, frame)}
            self._check_size(expected)
        except psycopg.Error:
            raise  # as above
        except Diverged:
            frame.expect_no_divergence()
            raise
        except AgentError as refusal:
            got = orjson.loads(storable_json(refusal.to_json()))
        except Exception as fault:
            got = repr(fault)
        frame.expect_end()
        if got != expected:
            raise Diverged(row.index, "refusal", expected, got)
        self._items.put_back(items)
        self._load(saved)

    def _check_size(self, expected: dict[str, Any]) -> None:
        """This refusal is not the method's own."""
        if expected["code"] == DocumentTooLarge.code:
            facts = expected["facts"]
            size = len(self.document())
            if size > facts["limit"]:
                raise DocumentTooLarge(agent_id=self._agent.id, size=size, limit=facts["limit"])

    def _frame(self, row: EntryRow) -> ReplayFrame:
        if "args" not in row.entry:
            raise CannotReplay(f"the entry {row.index} is brief")
        return ReplayFrame(self._agent.id, row.index, row.entry)

    def _invoke(self, row: EntryRow, frame: ReplayFrame) -> Any:
        """Run the command; what it answers, as parsed JSON."""
        spec = self._class.methods.get(row.entry["method"])
        if spec is None or spec.kind is not MethodKind.COMMAND:
            raise Diverged(row.index, "method", row.entry["method"], None)
        agent = self._agent
        agent.__dict__["_frame"] = frame
        outer = context.swap(frame)
        try:
            result = spec.function(agent, **spec.decode(orjson.dumps(row.entry["args"])))
            return orjson.loads(spec.dump_result(result))
        finally:
            context.swap(outer)
