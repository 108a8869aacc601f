"""Who is named in a text, as `@username`. Pure rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

# Not the second half of an e-mail address, nor a part of a web address.
_MENTION = re.compile(r"(?<![\w@./:-])@([A-Za-z0-9_.-]{1,64})")
# So many names in one text are looked at, the first ones.
MENTIONS_MAX = 20


def candidates(content: str) -> list[str]:
    """The user ids that the text may name: of `@ada.` both `ada.` and `ada`."""
    found: dict[str, None] = {}
    for match in _MENTION.finditer(content):
        if len(found) >= MENTIONS_MAX:
            break
        found.update(dict.fromkeys(_readings(match[1])))
    return list(found)


def parts(content: str, mentions: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """The text in pieces, those that name one of `mentions` with the user id."""
    begin = 0
    for match in _MENTION.finditer(content):
        named = next((name for name in _readings(match[1]) if name in mentions), None)
        if named is None:
            continue
        end = match.start() + 1 + len(named)
        if match.start() > begin:
            yield content[begin : match.start()], None
        yield content[match.start() : end], named
        begin = end
    if begin < len(content):
        yield content[begin:], None


def _readings(typed: str) -> list[str]:
    """What a name may be that ends where a sentence or a bracket may end, too; longest first."""
    name = typed.lower()
    return [one for one in dict.fromkeys((name, name.rstrip(".-"))) if one]
