"""Collections: what an agent owns without bound, as rows under its lock.

A command sees its own writes before they are committed: they lie in an overlay over the rows until
the turn writes them with everything else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar, overload

import orjson
from pydantic import TypeAdapter

from agents_core import clock
from agents_core.errors import DefinitionError, Rejected
from agents_core.text import has_nul

T = TypeVar("T")
PAGE_LIMIT = 50
MAX_KEY_BYTES = 1024
"""Keys are indexed with the agent's id, and an index entry has at most 2,700 bytes."""


class CursorNotValid(Rejected):
    """This cursor is not one of ours: start again without it."""

    code = "cursor_not_valid"
    status = 422


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One item with its key and its sort key (a time counts as microseconds since 1970)."""

    key: str
    item: T
    sort: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, and where to go on; `next_cursor` is None on the last page."""

    items: list[Entry[T]]
    next_cursor: str | None


Row = tuple[str, str, int]
"""(item key, item as JSON, sort key)"""


class Rows(Protocol):
    """Where a bound collection reads and writes; the frame a method runs in provides it."""

    def get_items(self, name: str, keys: list[str], *, newest: int | None) -> list[Row]: ...

    def page_items(
        self,
        name: str,
        *,
        after: tuple[int, str] | None,
        limit: int,
        oldest_first: bool,
        newest: int | None,
    ) -> list[Row]: ...

    def walk_items(self, name: str, *, after: str, limit: int, newest: int | None) -> list[Row]: ...

    def count_items(self, name: str) -> int: ...

    def put_item(self, name: str, key: str, item: str, sort: int) -> None: ...

    def remove_item(self, name: str, key: str) -> None: ...

    def trim_items(self, name: str, newest: int) -> None: ...

    def clear_items(self, name: str) -> None: ...


class Collection(Generic[T]):
    """Declared on an agent class: `messages = Collection(Message)`.

    Its order is that of (sort key, item key). `newest=N` bounds it: reads see the newest N, older
    rows are deleted by later turns, some at a time. What is put into a `live` one travels with the
    hint to who watches the agent; a type may have one such.
    """

    def __init__(self, item: type[T], *, newest: int | None = None, live: bool = False) -> None:
        if newest is not None and newest < 1:
            raise DefinitionError(f"Collection(newest={newest}): a collection keeps 1 or more.")
        self.adapter: TypeAdapter[T] = TypeAdapter(item)
        self.list_adapter: TypeAdapter[list[T]] = TypeAdapter(list[item])  # type: ignore[valid-type]
        self.newest = newest
        self.live = live
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, agent: None, owner: type) -> Self: ...

    @overload
    def __get__(self, agent: object, owner: type) -> BoundCollection[T]: ...

    def __get__(self, agent: Any, owner: type) -> Self | BoundCollection[T]:
        if agent is None:
            return self
        rows = agent.__dict__.get("_rows")
        if rows is None:
            raise RuntimeError(f"{agent.id}.{self.name}: only within a query or command")
        return BoundCollection(self, rows)


class BoundCollection(Generic[T]):
    """A collection of one agent, within one invocation."""

    __slots__ = ("_collection", "_name", "_rows")

    def __init__(self, collection: Collection[T], rows: Rows) -> None:
        self._collection = collection
        self._name = collection.name
        self._rows = rows

    def put(self, key: str, item: T, *, sort: datetime | int) -> None:
        """Insert or replace the item of that key."""
        moment = clock.to_micros(sort) if isinstance(sort, datetime) else sort
        if not -(2**63) <= moment < 2**63:
            raise ValueError(f"{self._name}: the sort key {moment} has more than 64 bits")
        encoded = self._collection.adapter.serializer.to_json(item)
        # the database would refuse these at the commit, and with them the whole turn
        if "\0" in key or has_nul(encoded):
            raise ValueError(f"{self._name}: {key!r} or its item has a NUL character")
        if len(key.encode()) > MAX_KEY_BYTES:
            raise ValueError(f"{self._name}: {key[:40]!r}... has more than {MAX_KEY_BYTES} bytes")
        self._rows.put_item(self._name, key, encoded.decode(), moment)

    def remove(self, key: str) -> None:
        """Remove the item of that key; removing what is not there changes nothing."""
        self._rows.remove_item(self._name, key)

    def clear(self) -> None:
        """Remove every item."""
        self._rows.clear_items(self._name)

    def trim(self, *, newest: int) -> None:
        """Keep the newest so many by sort key, without reading the rest."""
        self._rows.trim_items(self._name, max(newest, 0))

    def get(self, key: str) -> T | None:
        """The item of that key, or None."""
        rows = self._rows.get_items(self._name, [key], newest=self._collection.newest)
        return self._collection.adapter.validator.validate_json(rows[0][1]) if rows else None

    def get_many(self, keys: Iterable[str]) -> dict[str, T]:
        """The items there are of those keys."""
        newest = self._collection.newest
        rows = self._rows.get_items(self._name, list(dict.fromkeys(keys)), newest=newest)
        return {entry.key: entry.item for entry in self._entries(rows)}

    def page(
        self, *, limit: int = PAGE_LIMIT, cursor: str | None = None, oldest_first: bool = False
    ) -> Page[T]:
        """So many items by sort key, newest first unless said, from the cursor on."""
        rows = self._rows.page_items(
            self._name,
            after=decode_cursor(cursor) if cursor else None,
            limit=limit + 1,
            oldest_first=oldest_first,
            newest=self._collection.newest,
        )
        more = len(rows) > limit
        rows = rows[:limit]
        next_cursor = encode_cursor(rows[-1][2], rows[-1][0]) if more and rows else None
        return Page(self._entries(rows), next_cursor)

    def walk(self, *, after: str = "", limit: int = 1000) -> list[Entry[T]]:
        """So many items in the order of their keys, behind the key `after`."""
        newest = self._collection.newest
        rows = self._rows.walk_items(self._name, after=after, limit=limit, newest=newest)
        return self._entries(rows)

    def count(self) -> int:
        """How many items there are; counted by the database, so not for a hot path."""
        count = self._rows.count_items(self._name)
        newest = self._collection.newest
        return count if newest is None else min(count, newest)

    def _entries(self, rows: list[Row]) -> list[Entry[T]]:
        # all items at once: validating each by itself takes several times as long
        items = self._collection.list_adapter.validate_json(f"[{','.join([r[1] for r in rows])}]")
        return [Entry(row[0], item, row[2]) for row, item in zip(rows, items, strict=True)]


def encode_cursor(sort: int, key: str) -> str:
    """An opaque word for a place in a list."""
    return base64.urlsafe_b64encode(orjson.dumps([sort, key])).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[int, str]:
    """The inverse of `encode_cursor`; refuses anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        match orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [int(sort), str(key)] if -(2**63) <= sort < 2**63 and "\0" not in key:
                return sort, key
    except (ValueError, binascii.Error):
        raise CursorNotValid from None
    raise CursorNotValid
