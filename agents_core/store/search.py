"""The search index."""

from __future__ import annotations

from typing import Any

import orjson

from agents_core.wire import Connection


class Search:
    """A search on the index of one type, built condition by condition."""

    def __init__(self, agent_type: str, *, after: str, limit: int) -> None:
        self._where = ["s.type = %b", "s.agent_id > %b"]
        self._values: list[Any] = [agent_type, after]
        self._limit = limit

    def any_word(self, patterns: list[str], private: bool, owner: str | None) -> None:
        """One of the LIKE patterns lies in the words (or, where open, the private words)."""
        likes = [f"%{pattern}%" for pattern in patterns]
        condition = "s.words LIKE ANY (%b::text[])"
        self._values.append(likes)
        if private:
            only = "" if owner is None else " AND s.agent_id = %b"
            condition = f"({condition} OR (s.private_words LIKE ANY (%b::text[]){only}))"
            self._values += [likes] if owner is None else [likes, owner]
        self._where.append(condition)

    def text(self, field: str, pattern: str) -> None:
        """A value of the field holds the pattern; the index on the words narrows it first."""
        self._where.append(
            "s.words LIKE %b AND EXISTS (SELECT 1 FROM "
            "jsonb_array_elements_text(s.fields -> %b::text) v WHERE v LIKE %b)"
        )
        self._values += [f"%{pattern}%", field, f"%{pattern}%"]

    def whole(self, field: str, value: str, owner: str | None) -> None:
        """The field has exactly that value (on the one agent `owner`, if given)."""
        self._where.append("s.fields @> %b::text::jsonb")
        self._values.append(orjson.dumps({field: [value]}).decode())
        if owner is not None:
            self._where.append("s.agent_id = %b")
            self._values.append(owner)

    def known_by(self, agent_id: str, collections: list[str]) -> None:
        """The agent of that id, of the same type, has the found one's key in a collection."""
        self._where.append(
            "s.agent_id IN (SELECT split_part(%b, ':', 1) || ':' || i.item_key "
            "FROM agents_core_item i WHERE i.agent_id = %b AND i.name = ANY(%b::text[]))"
        )
        self._values += [agent_id, agent_id, collections]

    def run(self, connection: Connection) -> list[str]:
        """The ids found, in order."""
        rows = connection.execute(
            "SELECT s.agent_id FROM agents_core_searchentry s "
            f"WHERE {' AND '.join(self._where)} ORDER BY s.agent_id LIMIT %b",
            [*self._values, self._limit],
            binary=True,
        )
        return [row[0] for row in rows.fetchall()]
