"""Files of agents: a private folder each, on Django's default storage.

What a file holds is a *blob*: written once, never changed. Which blob a name stands for is an item
of the built-in collection `~files`, so files are as atomic as any collection: what a dropped
command wrote is never seen. A blob is recorded before it is stored; one that no item and no
earlier version of an item names is an orphan, and is deleted when it is an hour old.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO, Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from pydantic import BaseModel, ConfigDict

from agents_core import clock, database, store
from agents_core.collections import BoundCollection, Collection, Rows
from agents_core.config import options
from agents_core.errors import FileNotValid, FileTooLarge, NoSuchFile
from agents_core.frames import ItemReader
from agents_core.store import BlobRow
from agents_core.wire import Connection

logger = logging.getLogger(__name__)

MAX_NAME_BYTES = 255
ANY_BYTES = "application/octet-stream"
ORPHAN_AFTER = timedelta(hours=1)
"""Far longer than a turn can take: whoever wrote the blob has committed by then, or never will."""
BATCH = 100
_CONTENT_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}(; ?[\w-]{1,30}=[\w.+-]{1,60}){0,2}", re.A)
_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Not printable, but part of words and of emoji."""


class AgentFile(BaseModel):
    """A file of an agent, without what it holds; an argument or a result like any other model.

    `open_file` gives what it holds to whoever has this. It asks nobody: the query that gives this
    out has to.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Of what it holds, as 64 hexadecimal digits: good as an ETag."""
    content_type: str
    written_at: datetime
    blob: uuid.UUID
    """The stored bytes. They never change: who replaces the file makes other ones."""


class Keeper(Protocol):
    """What a folder needs of the invocation it is used in."""

    def now(self) -> datetime: ...

    def new_id(self) -> str: ...

    def keep_blob(self, file: AgentFile, data: bytes) -> None: ...

    def hold_blob(self, file: AgentFile) -> None: ...


class Named(Protocol):
    """A handle on an agent, or the agent."""

    id: str


COLLECTION = "~files"
_FILES = Collection(AgentFile)
_FILES.name = COLLECTION  # no attribute can be called so, so no other collection is


class Files:
    """An agent's folder, within one of its methods. There are no folders in it."""

    __slots__ = ("_agent_id", "_items", "_keeper")

    def __init__(self, agent_id: str, keeper: Keeper, rows: Rows) -> None:
        self._agent_id = agent_id
        self._keeper = keeper
        self._items = BoundCollection(_FILES, rows)

    def write(self, name: str, data: bytes, content_type: str | None = None) -> AgentFile:
        """Write or replace a file. This command reads it at once, all others after the commit.

        Refuses names that are no names (422) and more than `FILE_LIMIT` bytes (413). The bytes are
        stored while the agent is locked: what comes from outside is better brought by `upload`.
        """
        blob = uuid.UUID(self._keeper.new_id())
        file = _describe(name, data, content_type, self._keeper.now(), blob)
        self._keeper.keep_blob(file, data)
        return self._put(file)

    def take(self, upload: AgentFile) -> AgentFile:
        """Write or replace a file with what `upload` stored for it.

        Refuses what was not uploaded for this agent and name, or is gone, for nobody took it
        within an hour.
        """
        self._keeper.hold_blob(upload)
        return self._put(upload.model_copy(update={"written_at": self._keeper.now()}))

    def read(self, name: str) -> bytes:
        """What a file holds; refuses (404) where there is none of that name."""
        file = self.get(name)
        if file is None:
            raise NoSuchFile(agent_id=self._agent_id, name=name)
        with open_file(file) as opened:
            return opened.read()

    def get(self, name: str) -> AgentFile | None:
        """The file of that name, or None."""
        return self._items.get(name)

    def list(self, *, after: str = "", limit: int = 1000) -> list[AgentFile]:
        """So many files in the order of their names, behind the name `after`."""
        return [entry.item for entry in self._items.walk(after=after, limit=limit)]

    def delete(self, name: str) -> None:
        """Delete a file; deleting what is not there changes nothing."""
        self._items.remove(name)

    def _put(self, file: AgentFile) -> AgentFile:
        self._items.put(file.name, file, sort=file.written_at)
        return file


def list_files(agent_id: str, *, after: str = "", limit: int = 1000) -> list[AgentFile]:
    """The committed files of an agent, for operators: by name, behind the name `after`."""
    rows = ItemReader(database.connection(), agent_id)
    return [entry.item for entry in BoundCollection(_FILES, rows).walk(after=after, limit=limit)]


def find_file(agent_id: str, name: str) -> AgentFile:
    """The committed file of that name, for operators; refuses (404) where there is none."""
    found = BoundCollection(_FILES, ItemReader(database.connection(), agent_id)).get(name)
    if found is None:
        raise NoSuchFile(agent_id=agent_id, name=name)
    return found


def upload(agent: Named, name: str, data: bytes, content_type: str | None = None) -> AgentFile:
    """Store what a command is to `take` within the hour; nobody sees it before.

    From outside of agents, and without any lock. What is uploaded twice is stored twice, and what
    no command takes is deleted.
    """
    moment = clock.stamp()
    blob = clock.ordered_uuid(moment, uuid.uuid4().int >> 66)
    file = _describe(name, data, content_type, clock.to_datetime(moment), blob)
    store_blob(agent.id, file, data)
    return file


def hold_again(connection: Connection, agent_id: str, items: Iterable[str]) -> str | None:
    """Have blobs stay that files put back name, given as the JSON of these; the name of a file
    whose blob is not stored any more."""
    for item in items:
        file = AgentFile.model_validate_json(item)
        if not store.hold_blob(connection, agent_id, file.blob, file.name):
            return file.name
    return None


def open_file(file: AgentFile) -> IO[bytes]:
    """What a file holds, for reading; a view that checked who asks may stream it."""
    return default_storage.open(_path(file.blob))


def store_blob(agent_id: str, file: AgentFile, data: bytes) -> None:
    """Record a blob and store it, durably. Commits by itself: who is not through leaves an orphan.

    A storage that fails is a fault of the command.
    """
    path = _path(file.blob)
    ledger = database.connection("ledger")
    store.add_blob(ledger, BlobRow(agent_id, file.blob, file.name, path), clock.micros())
    stored = default_storage.save(path, ContentFile(data))
    if stored != path:
        default_storage.delete(stored)
        raise RuntimeError(f"{path} is stored already, or the storage calls it {stored}")
    _sync(default_storage, path)


def _sync(storage: Storage, path: str) -> None:
    """The commit that names it will survive a power failure: so must it, if it is on this disk."""
    try:
        name = storage.path(path)
    except NotImplementedError:
        return  # elsewhere, and durable when it is saved
    folder = os.path.dirname(name)
    for target in (name, folder, os.path.dirname(folder)):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def prune_blobs(limit: int = BATCH) -> int:
    """Delete every orphan older than an hour, looking at so many blobs at a time; how many.

    Safe to be killed anywhere and to run twice at once. What cannot be deleted now is left for
    the next time.
    """
    connection = database.connection("search")
    before = clock.now() - ORPHAN_AFTER
    after: tuple[str, uuid.UUID] = ("", uuid.UUID(int=0))
    deleted = 0
    while True:
        page = store.old_blobs(connection, after, before, limit)
        orphans = [row for row, named in page if not named]
        if orphans:
            with store.held_orphans(connection, orphans) as held:
                gone = [row for row in held if _delete(row)]
                store.forget_blobs(connection, gone)
                deleted += len(gone)
        if len(page) < limit:
            return deleted
        after = (page[-1][0].agent_id, page[-1][0].id)


def _delete(row: BlobRow) -> bool:
    try:
        default_storage.delete(row.path)
    except OSError as error:
        logger.warning("%s of %s cannot be deleted: %s", row.path, row.agent_id, error)
        return False
    return True


def _path(blob: uuid.UUID) -> str:
    # by the last digits, the random ones: the first are the time, and folders would fill in turn
    return f"agent-files/{blob.hex[-2:]}/{blob}"


def _describe(
    name: str, data: bytes, content_type: str | None, written_at: datetime, blob: uuid.UUID
) -> AgentFile:
    limit = options().file_limit
    if len(data) > limit:
        raise FileTooLarge(name=name[:MAX_NAME_BYTES], size=len(data), limit=limit)
    if reason := _what_is_wrong_with(name):
        raise FileNotValid(name=name[:MAX_NAME_BYTES], reason=reason)
    content_type = content_type or ANY_BYTES
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise FileNotValid(name=name, reason="its content type is not of the form type/subtype")
    return AgentFile(
        name=name,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        content_type=content_type,
        written_at=written_at,
        blob=blob,
    )


def _what_is_wrong_with(name: str) -> str | None:
    if not name or name in (".", ".."):
        return "it is no name"
    if "/" in name or "\\" in name:
        return "there are no folders: it has a slash"
    if not name.translate(_JOINERS).isprintable():
        return "it has characters that cannot be seen"
    if name != name.strip():
        return "it begins or ends with a space"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"it has more than {MAX_NAME_BYTES} bytes"
    return None
