"""An agent in a turn: its document in memory, what to put back, what to write."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, NamedTuple

import orjson

from agents_core import oplog, store
from agents_core.config import options
from agents_core.drafts import Change
from agents_core.errors import DocumentTooLarge
from agents_core.lifecycle import STOPPED, Status
from agents_core.overlay import NOTHING, ItemOverlay, Unwritten
from agents_core.search import headline_of, index_row, sort_keys
from agents_core.text import has_nul
from agents_core.wire import Connection

if TYPE_CHECKING:
    from agents_core.agent import DurableAgent
    from agents_core.commands import CommandFrame

logger = logging.getLogger(__name__)

# a bounded collection is trimmed every so many revisions: deleting one row at every put costs more
TRIM_EVERY = 64
NEVER = 1 << 62

_CARRIED = {"_rows", "_env"}
"""What an agent object is given beside its document."""


class Checkpoint(NamedTuple):
    """A document and what was not written yet, at some moment of a turn."""

    saved: bytes
    revision: int
    items: Unwritten
    status: str
    restless: bool


class Activation:
    """One locked agent in one turn."""

    __slots__ = (
        "agent",
        "agent_class",
        "clean",
        "exists",
        "frame",
        "halted",
        "has_more_mail",
        "id",
        "incarnation",
        "items",
        "loaded",
        "loaded_class",
        "loaded_revision",
        "loaded_status",
        "loaded_version",
        "mail",
        "mail_run",
        "moment",
        "readable",
        "restless",
        "revision",
        "saved",
        "state_point",
        "status",
        "trim_due",
        "version",
    )

    def __init__(
        self,
        agent_class: type[DurableAgent],
        agent_id: str,
        key: str,
        row: store.AgentRow | None,
        connection: Connection,
        *,
        readable: bool = True,
    ) -> None:
        self.readable = readable
        """Whether the document is made an object; else it is carried as it is."""
        self.version = self.loaded_version = row.version if row else agent_class.version
        self.agent_class = self.loaded_class = agent_class
        self.id = agent_id
        self.agent = agent_class(agent_id, key)
        self.exists = row is not None
        self.incarnation = row.incarnation if row else random.getrandbits(62)
        self.loaded_revision = row.revision if row else 0
        self.moment = row.updated_at if row else 0
        self.loaded: bytes = row.state if row and row.state is not None else b"null"
        self.loaded_status = row.status if row else Status.IDLE
        self.mail: list[store.MessageRow] = []
        self.has_more_mail = False
        self.items = ItemOverlay(connection, agent_id)
        self.agent.__dict__["_rows"] = self.items
        if row is not None and row.env is not None:
            self.agent.__dict__["_env"] = row.env
        self.frame: CommandFrame | None = None
        self.restart()

    def restart(self) -> None:
        """As it was loaded."""
        self.mail_run = False
        if self.agent_class is not self.loaded_class:
            self.become(self.loaded_class)
        self.halted = False
        """Whether the rest of its mail is for another turn: once it is written what it became."""
        self.state_point = False
        """Whether an entry that holds the document ends this turn; it must be the last."""
        self.restore(
            Checkpoint(
                self.loaded,
                self.loaded_revision,
                NOTHING,
                self.loaded_status,
                restless=False,
            )
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """As it was at the checkpoint."""
        self.saved = checkpoint.saved
        self.clean = True
        self.revision = checkpoint.revision
        self.items.put_back(checkpoint.items)
        if not checkpoint.revision:
            self.agent.__dict__.pop("_env", None)  # its creation was dropped
        self.status = checkpoint.status
        self.restless = checkpoint.restless
        """Whether what it waits for may have changed, so that its status is to be found anew."""
        self._expect_trim()
        self.agent.state = (
            None
            if self.saved == b"null" or not self.readable
            else self.agent_class.state_adapter.validator.validate_json(self.saved)
        )

    def become(self, agent_class: type[DurableAgent]) -> None:
        """Go on in another version; its document is still to be given to it."""
        before = self.agent.__dict__
        self.agent = agent_class(self.id, before["key"])
        self.agent.__dict__.update({name: before[name] for name in _CARRIED & before.keys()})
        self.agent_class, self.version = agent_class, agent_class.version
        self.clean = False

    def go_back(self, agent_class: type[DurableAgent], state: bytes, items: Unwritten) -> None:
        """Take the document and the unwritten items that a replay on that version left."""
        self.become(agent_class)
        self.readable = True
        self.agent.state = (
            None if state == b"null" else agent_class.state_adapter.validate_json(state)
        )
        self.items.put_back(items)
        self.trim_due = NEVER  # the items are to be as they were, also those that do not count

    def checkpoint(self) -> Checkpoint:
        """What `restore` needs to come back here."""
        return Checkpoint(
            self.save(),
            self.revision,
            self.items.unwritten(),
            self.status,
            self.restless,
        )

    def save(self) -> bytes:
        """The document as JSON, as it is now."""
        if not self.clean or self.frame is not None:
            self.saved = self.agent_class.state_adapter.serializer.to_json(self.agent.state)
            self.clean = self.frame is None
        return self.saved

    def as_row(self) -> store.AgentRow:
        """What a query finds of it now, within the turn."""
        return store.AgentRow(
            self.id,
            self.agent_class.version,
            self.incarnation,
            self.save(),
            self.revision,
            self.moment,
            self.env,
            self.status,
        )

    @property
    def env(self) -> bytes | None:
        """What the agent was created with."""
        env: bytes | None = self.agent.__dict__.get("_env")
        return env

    def fits(self) -> bool:
        """Whether the document, as it is now, can be stored."""
        return len(self.save()) <= options().document_limit and not has_nul(self.saved)

    def check_document(self) -> None:
        """Refuse a document that is too large; text that cannot be stored is a fault."""
        if not self.fits():
            size, limit = len(self.saved), options().document_limit
            if size > limit:
                raise DocumentTooLarge(agent_id=self.id, size=size, limit=limit)
            raise ValueError(f"{self.id}: its document has text with a NUL character")

    def _expect_trim(self) -> None:
        """When the bounded collections are trimmed next. They are after every so many entries, not
        turns, where a replay must find them as they were; there it never knows of turns."""
        self.trim_due = NEVER
        if self.agent_class.bounds and self.agent_class.oplog == "full":
            self.trim_due = (self.revision // TRIM_EVERY + 1) * TRIM_EVERY

    def trim(self) -> None:
        """Trim the bounded collections before the next command of this turn."""
        for name, newest in self.agent_class.bounds:
            self.items.trim_items(name, newest)
        self._expect_trim()

    def enter(self, frame: CommandFrame) -> None:
        """A command begins."""
        self.frame = frame
        self.agent.__dict__["_frame"] = frame

    def leave(self) -> None:
        """The command ended."""
        self.frame = None

    @property
    def stopped(self) -> bool:
        """Whether it runs neither mail nor commands."""
        return self.status in STOPPED

    @property
    def changed(self) -> bool:
        """Whether the turn ran anything on it that is to be written."""
        return self.revision != self.loaded_revision

    def change(self) -> Change:
        """What who watches the agent is told."""
        name = self.agent_class.live_collection
        put: list[str] | None = None
        hidden = self.items.cleared | self.items.floors.keys()
        if name is not None and name not in hidden and not self.state_point:
            pending = self.items.items.get(name, {}).values()
            put = [value[0] for value in pending if value is not None]
            if len(put) < len(pending):
                put = None
        return Change(self.id, self.loaded_revision, self.revision, put)

    def write(self, writes: store.Writes) -> None:
        """Add what changed to what the turn writes."""
        if not self.changed:
            return
        state = self.save()
        if len(state) > options().document_warn:
            logger.warning(
                "%s: its document has %d bytes", self.id, len(state), extra={"agent_id": self.id}
            )
        same = state == self.loaded
        self._write_snapshot(state, writes)
        if self.exists:
            text = None if same else state.decode()
            writes.agents.append((self.id, text, self.revision, self.moment))
        else:
            version = self.agent_class.version
            row = (self.id, self.agent_class.agent_type, version, self.incarnation)
            env = None if self.env is None else self.env.decode()
            writes.new_agents.append((*row, state.decode(), self.revision, self.moment, env))
        if self.version != self.loaded_version:
            writes.versions.append((self.id, self.version))
        if self.restless or self.status != self.loaded_status:
            # "": found by the statement, of what waits for it
            writes.statuses.append((self.id, str(self.status) if self.stopped else ""))
        if not same:
            self._write_search(writes)
        self._write_items(writes)

    def _write_search(self, writes: store.Writes) -> None:
        fields = self.agent.search_fields()
        if fields is not None:
            type_ = self.agent_class.agent_type
            words, private_words, values = index_row(fields)
            row = (self.id, type_, words, private_words, orjson.dumps(values).decode())
            writes.search.append((*row, headline_of(fields)))
            if fields.sorts is not None:
                writes.sorts.append((self.id, type_, orjson.dumps(sort_keys(fields)).decode()))
        elif "search_fields" in self.agent_class.__dict__:
            writes.unsearched.append(self.id)

    def _write_snapshot(self, state: bytes, writes: store.Writes) -> None:
        """Every so many entries keep the document among them, so that no replay is long."""
        every = self.agent_class.snapshot_every
        if self.revision // every == self.loaded_revision // every or self.state_point:
            return
        if self.agent_class.oplog == "full":
            self.revision += 1
            entry = oplog.snapshot_entry(self.version, state)
            row = (self.id, self.revision, oplog.SNAPSHOT, self.moment, entry)
            writes.oplog.append(row)

    def _write_items(self, writes: store.Writes) -> None:
        items, revision = self.items, self.revision
        if self.agent_class.oplog == "full":
            rows, until = writes.kept, [revision]
            trims = revision >= self.trim_due
        else:
            rows, until = writes.items, []
            trims = revision // TRIM_EVERY != self.loaded_revision // TRIM_EVERY
        rows.cleared.extend((self.id, name, *until) for name in items.cleared)
        for name, pending in items.items.items():
            for key, value in pending.items():
                if value is None:
                    rows.removed.append((self.id, name, key, *until))
                else:
                    rows.put.append((self.id, name, key, value[1], value[0], *until))
        rows.trimmed.extend((self.id, name, *floor, *until) for name, floor in items.floors.items())
        if trims:
            rows.outgrown.extend((self.id, *bound, *until) for bound in self.agent_class.bounds)
