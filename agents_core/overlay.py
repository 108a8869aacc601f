"""An agent's items in memory: the rows, with what was not written yet on top."""

from __future__ import annotations

from agents_core import store
from agents_core.collections import Row
from agents_core.frames import ItemReader
from agents_core.wire import Connection

Pending = dict[str, tuple[str, int] | None]
"""item key -> (item as JSON, sort key), or None where it was removed"""

Place = tuple[int, str]
"""(sort key, item key): where an item stands in the order of its collection"""

Unwritten = tuple[dict[str, Pending], frozenset[str], dict[str, Place]]
"""What an overlay has of each collection: items, whether it was cleared, where it was trimmed."""

NOTHING: Unwritten = ({}, frozenset(), {})


class ItemOverlay(ItemReader):
    """An agent's items as its turn sees them: the rows with what was not written yet on top."""

    __slots__ = ("cleared", "floors", "items")

    def __init__(self, connection: Connection, agent_id: str, as_of: int | None = None) -> None:
        super().__init__(connection, agent_id, as_of)
        self.items: dict[str, Pending] = {}
        self.cleared: frozenset[str] = frozenset()
        self.floors: dict[str, Place] = {}
        """Rows below are trimmed; what is put later may lie below and stays."""

    def unwritten(self) -> Unwritten:
        """What `put_back` needs to come back here."""
        items = {name: dict(pending) for name, pending in self.items.items()}
        return items, self.cleared, dict(self.floors)

    def put_back(self, unwritten: Unwritten) -> None:
        """As it was then."""
        items, self.cleared, floors = unwritten
        self.items = {name: dict(pending) for name, pending in items.items()}
        self.floors = dict(floors)

    def put_item(self, name: str, key: str, item: str, sort: int) -> None:
        self.items.setdefault(name, {})[key] = (item, sort)

    def remove_item(self, name: str, key: str) -> None:
        self.items.setdefault(name, {})[key] = None

    def trim_items(self, name: str, newest: int) -> None:
        if newest == 0:
            return self.clear_items(name)
        last = self._oldest_of(name, newest)
        if last is not None:
            self.floors[name] = max(last, self.floors.get(name, last))
            pending = self.items.setdefault(name, {})
            for row in self._pending_rows(name):
                if _place(row) < last:
                    pending[row[0]] = None

    def clear_items(self, name: str) -> None:
        self.items[name] = {}
        self.floors.pop(name, None)
        self.cleared |= {name}

    def get_items(self, name: str, keys: list[str], *, newest: int | None) -> list[Row]:
        pending = self.items.get(name, {})
        unknown = [key for key in keys if key not in pending]
        rows: list[Row] = []
        if unknown and name not in self.cleared:
            rows = super().get_items(name, unknown, newest=None)
            floor = self.floors.get(name)
            rows = [row for row in rows if floor is None or _place(row) >= floor]
        return self._bounded(name, [*rows, *self._pending_rows(name, set(keys))], newest)

    def page_items(
        self,
        name: str,
        *,
        after: Place | None,
        limit: int,
        oldest_first: bool,
        newest: int | None,
    ) -> list[Row]:
        pending = self.items.get(name, {})
        bound, floor = self._bounds(name, newest)
        rows: list[Row] = []
        if name not in self.cleared:
            rows = store.page_items(
                self.connection,
                self.agent_id,
                name,
                after=after,
                limit=limit + len(pending),  # so many of the rows may be hidden by what is pending
                oldest_first=oldest_first,
                newest=None,
                floor=floor,
                as_of=self.as_of,
            )
        rows = [row for row in rows if row[0] not in pending]
        for row in self._pending_rows(name):
            place = _place(row)
            if after is None or (place > after if oldest_first else place < after):
                rows.append(row)
        rows = [row for row in rows if bound is None or _place(row) >= bound]
        rows.sort(key=_place, reverse=not oldest_first)
        return rows[:limit]

    def walk_items(self, name: str, *, after: str, limit: int, newest: int | None) -> list[Row]:
        pending = self.items.get(name, {})
        bound, floor = self._bounds(name, newest)
        rows: list[Row] = []
        if name not in self.cleared:
            rows = store.walk_items(
                self.connection,
                self.agent_id,
                name,
                after=after,
                limit=limit + len(pending),
                newest=None,
                floor=floor,
                as_of=self.as_of,
            )
        rows = [row for row in rows if row[0] not in pending]
        rows += [row for row in self._pending_rows(name) if row[0] > after]
        rows = [row for row in rows if bound is None or _place(row) >= bound]
        return sorted(rows)[:limit]

    def count_items(self, name: str) -> int:
        pending = self.items.get(name, {})
        stored = replaced = 0
        if name not in self.cleared:
            floor = self.floors.get(name)
            stored = store.count_items(
                self.connection, self.agent_id, name, floor=floor, as_of=self.as_of
            )
            hidden = super().get_items(name, list(pending), newest=None) if pending else []
            replaced = sum(floor is None or _place(row) >= floor for row in hidden)
        return stored - replaced + sum(value is not None for value in pending.values())

    def _bounds(self, name: str, newest: int | None) -> tuple[Place | None, Place | None]:
        """Below which place nothing is seen, and below which no row is."""
        bound = None if newest is None else self._oldest_of(name, newest)
        places = [place for place in (bound, self.floors.get(name)) if place is not None]
        return bound, max(places, default=None)

    def _oldest_of(self, name: str, newest: int) -> Place | None:
        """The place of the last of so many newest; None: there are fewer."""
        rows = self.page_items(name, after=None, limit=newest, oldest_first=False, newest=None)
        return _place(rows[-1]) if len(rows) == newest else None

    def _bounded(self, name: str, rows: list[Row], newest: int | None) -> list[Row]:
        bound = self._oldest_of(name, newest) if rows and newest is not None else None
        return [row for row in rows if bound is None or _place(row) >= bound]

    def _pending_rows(self, name: str, keys: set[str] | None = None) -> list[Row]:
        return [
            (key, *value)
            for key, value in self.items.get(name, {}).items()
            if value is not None and (keys is None or key in keys)
        ]


def _place(row: Row) -> Place:
    return row[2], row[0]
