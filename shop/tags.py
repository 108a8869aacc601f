"""Tags in one line of text, as forms and files have them: whatever a tag has in it comes back."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ESCAPE = "\\"


def written(tags: Iterable[str], between: str) -> str:
    """The tags, `between` between them; where a tag has that in it, a backslash stands before."""
    special = re.compile(rf"[{re.escape(_ESCAPE + between.strip())}]")
    return between.join(special.sub(lambda found: _ESCAPE + found[0], tag) for tag in tags)


def read(text: str, between: str) -> list[str]:
    """The tags of such a line, trimmed; what is empty is none. Any text is one."""
    mark = re.escape(between.strip())
    parts = re.findall(rf"(?:\\[\\{mark}]|[^{mark}])+", text)
    tags = (re.sub(rf"\\([\\{mark}])", r"\1", part).strip() for part in parts)
    return [tag for tag in tags if tag]
