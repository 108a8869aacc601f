"""The query language of all searches, matched in memory or on the index.

Words, `"quoted phrases"` and `field:value` / `field:"a phrase"` filters; `*` matches all. Text
compares case-insensitively by substring, ids whole. All filters must hold; of the words any one
(or every one, where the search says so). A field nobody knows matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents_core import database, store
from agents_core.collections import decode_cursor, encode_cursor
from agents_core.errors import AgentIdNotValid

if TYPE_CHECKING:
    from agents_core.agent import DurableAgent

BETWEEN = "\x1f"
"""Stands between the values of the index; no query has it, so none matches across two values."""
_TOKEN = re.compile(r'(?:([A-Za-z_-]+):)?(?:"([^"]*)"?|(\S+))')
FieldValue = str | list[str] | None


@dataclass(frozen=True, slots=True)
class SearchFields:
    """What an agent is found by.

    `words` are searched by substring; `private_words` only where the search says so. `text` fields
    match by substring (and must be among the words: that index narrows them), `ids` whole.

    For `listings`: the `headline`, its first value the name, is what ranks before all else and
    what suggestions are made of; `facets` are picked and counted, as they are written; `sorts`
    order lists and bound ranges, by text (its first 100 characters) or whole numbers from 0 on.
    Whether `sorts` is None is the type's decision, not the document's.
    """

    words: Iterable[str | None] = ()
    private_words: Iterable[str | None] = ()
    text: Mapping[str, FieldValue] = field(default_factory=dict)
    ids: Mapping[str, FieldValue] = field(default_factory=dict)
    headline: Iterable[str | None] = ()
    facets: Mapping[str, FieldValue] = field(default_factory=dict)
    sorts: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: lower-cased words, and filters as (field, value)."""

    words: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]

    def matches(self, fields: SearchFields, *, every_word: bool = False) -> bool:
        """Whether something with these fields is found."""
        if not all(_holds(fields, name, value) for name, value in self.filters):
            return False
        text = _lowered(fields.words)
        found = (any(word in line for line in text) for word in self.words)
        return not self.words or (all(found) if every_word else any(found))

    def without(self, *names: str) -> tuple[Query, list[tuple[str, str]]]:
        """The query less the filters on those fields, and these."""
        wanted = {normalise_field(name) for name in names}
        kept = tuple(pair for pair in self.filters if pair[0] not in wanted)
        return Query(self.words, kept), [pair for pair in self.filters if pair[0] in wanted]


def parse_query(text: str) -> Query:
    """Read a query; any text is one. `user-id`, `userid` and `user_id` are the same field."""
    words: list[str] = []
    filters: list[tuple[str, str]] = []
    plain = text.replace("\0", "").replace(BETWEEN, " ").encode(errors="ignore").decode()
    for name, phrase, word in _TOKEN.findall(plain):
        value = (phrase or word).casefold()
        if name:
            filters.append((normalise_field(name), value))
        elif value and value != "*":
            words.append(value)
    return Query(tuple(words), tuple(filters))


def normalise_field(name: str) -> str:
    """One spelling of a field's name."""
    return name.replace("-", "").replace("_", "").lower()


def search_agents(
    agent_class: type[DurableAgent],
    query: Query,
    *,
    limit: int = 50,
    cursor: str | None = None,
    private: bool | str = False,
    mutual: Mapping[str, Sequence[str]] | None = None,
    text: Iterable[str] = (),
    ids: Iterable[str] = (),
    private_ids: Iterable[str] = (),
) -> tuple[list[str], str | None]:
    """Ids of agents of a type that a query finds, in the order of their ids, and the next cursor.

    `text` and `ids` name the fields that may be filtered on; `private` opens the private words and
    `private_ids`: for all (True), or for the one agent of that id. `mutual` names fields that hold
    when the agent which the value names has the found one's key in one of these collections: of
    relations that both sides keep, so that nobody's own need to be searched.
    """
    after = decode_cursor(cursor)[1] if cursor else ""
    search = store.Search(agent_class.agent_type, after=after, limit=limit + 1)
    owner = private if isinstance(private, str) else None
    if query.words:
        search.any_word([escape_like(word) for word in query.words], bool(private), owner)
    known_text = {normalise_field(name): name for name in text}
    known_ids = {normalise_field(name): name for name in ids}
    known_private = {normalise_field(name): name for name in private_ids}
    known_mutual = {normalise_field(k): v for k, v in (mutual or {}).items()}
    for name, value in query.filters:
        if name in known_text:
            search.text(known_text[name], escape_like(value))
        elif name in known_ids:
            search.whole(known_ids[name], value, None)
        elif name in known_private and private:
            search.whole(known_private[name], value, owner)
        elif name in known_mutual and (known_by := _agent_id(agent_class, value)):
            search.known_by(known_by, list(known_mutual[name]))
        else:
            return [], None
    found = search.run(database.connection("search"))
    next_cursor = encode_cursor(0, found[limit - 1]) if len(found) > limit else None
    return found[:limit], next_cursor


def _agent_id(agent_class: type[DurableAgent], key: str) -> str | None:
    try:
        return agent_class.id_of(key)
    except AgentIdNotValid:
        return None


def escape_like(text: str) -> str:
    """The text as a LIKE pattern that matches it literally."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def index_row(fields: SearchFields) -> tuple[str, str, dict[str, list[str]]]:
    """Words, private words and fields as the index holds them: lower case, value by value."""
    values = {**fields.text, **fields.ids}
    rows = {name: _lowered(_as_list(value)) for name, value in values.items() if value}
    for name, value in fields.facets.items():
        rows[facet_key(name)] = _as_list(value)
    return (
        BETWEEN.join(_lowered(fields.words)),
        BETWEEN.join(_lowered(fields.private_words)),
        rows,
    )


def headline_of(fields: SearchFields) -> str | None:
    """The headline as the index holds it."""
    return BETWEEN.join(_lowered(fields.headline)) or None


def facet_key(name: str) -> str:
    """What a facet is called among the fields; no filter of a query has such a name."""
    return f"={name}"


def sort_keys(fields: SearchFields) -> dict[str, str]:
    """The values that lists are sorted by, as text that sorts as they do."""
    return {name: sort_key(value) for name, value in (fields.sorts or {}).items()}


def sort_key(value: str | int) -> str:
    """One of them."""
    if isinstance(value, int):
        return f"{value:020}"
    return value.casefold()[:100]


def _holds(fields: SearchFields, name: str, value: str) -> bool:
    for known, given in fields.ids.items():
        if normalise_field(known) == name:
            return value in _lowered(_as_list(given))
    for known, given in fields.text.items():
        if normalise_field(known) == name:
            return any(value in line for line in _lowered(_as_list(given)))
    return False


def _as_list(value: FieldValue) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _lowered(values: Iterable[str | None]) -> list[str]:
    return [value.casefold() for value in values if value]
