"""JSON for people: set in lines and coloured on the server, whatever is in it."""

from __future__ import annotations

import json
import re
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

SHOWN = 50_000
"""Characters; a document may have twenty times as many, and no eye reads those."""
_TOKEN = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<word>true|false|null)|(?P<number>-?\d[\d.eE+-]*)"
)
# what turns the direction of the text around it, or is not seen: shown as it would be typed
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def pretty(value: Any) -> str:
    """The value in lines, with every character that is not seen written out."""
    return _written_out(json.dumps(value, indent=2, ensure_ascii=False))


def short(value: Any) -> str:
    """The value in one line, with every character that is not seen written out."""
    return _written_out(json.dumps(value, ensure_ascii=False))


def coloured(value: Any, limit: int = SHOWN) -> SafeString:
    """The value as HTML for a `<pre>`; cut behind so many characters, and then says so."""
    text = pretty(value)
    cut = "" if len(text) <= limit else f"\n… {len(text) - limit:,} more characters"
    return mark_safe(_TOKEN.sub(_span, text[:limit]) + cut)


def _written_out(text: str) -> str:
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _span(found: re.Match[str]) -> str:
    # what is between the tokens is brackets, commas and space: nothing HTML knows
    return f'<span class="json-{found.lastgroup}">{escape(found[0])}</span>'
