"""What the console's templates may use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agents_core.store import RolloutRow
from operators.console import charts, json_html, pages

register = template.Library()

MOST, MOST_ARGUMENTS = 240, 120
"""Characters of what is said in a line, and of the arguments in it."""
_FORMAT = "%Y-%m-%d %H:%M:%S"


@register.filter
def coloured(value: Any, limit: int = json_html.SHOWN) -> SafeString:
    """JSON in lines and colours, so many characters of it."""
    return json_html.coloured(value, limit)


@register.filter
def gist(entry: dict[str, Any]) -> str:
    """What an oplog entry says, in a line: the method, its arguments, how it ended, who asked."""
    ended = entry.get("refusal", {}).get("code")
    ended = ended or entry.get("fault") or entry.get("error") or entry.get("reason")
    to = entry.get("to")
    asked = entry.get("by") or entry.get("caller")
    args = entry.get("args")
    given = json_html.short(args)[:MOST_ARGUMENTS] if args else None
    said = [
        entry.get("method"),
        given,
        to and f"to {to}",
        ended and f"→ {ended}",
        asked and f"by {asked}",
    ]
    return " ".join(part for part in said if part)[:MOST]


@register.simple_tag
def of_agent(page: str, agent_id: str, *args: str, **query: object) -> str:
    """The address of a page of an agent."""
    return pages.address(f"agent_{page}", agent_id, *args, **query)


@register.filter
def through(rollout: RolloutRow) -> int:
    """How many agents of a rollout had their turn."""
    return rollout.updated + rollout.waiting + rollout.failed


@register.filter
def moment(when: datetime | None) -> SafeString:
    """A time, to the second. The runtime's are all in UTC."""
    if when is None:
        return SafeString("")
    shown = when.strftime(_FORMAT)
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), shown)


@register.filter
def clock(when: datetime) -> str:
    """A time of day, below a chart."""
    return when.strftime("%H:%M")


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time that was measured."""
    return "–" if seconds is None else charts.duration(seconds)


@register.filter
def since(when: datetime | None) -> SafeString:
    """How long ago, in one figure; the time itself on hovering, and for who copies it."""
    if when is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        when.isoformat(),
        when.strftime(_FORMAT),
        length((timezone.now() - when).total_seconds()),
    )


def length(seconds: float) -> str:
    """A length of time in one figure: 12 s, 3 min, 5 h, 2 d."""
    amount, unit = max(seconds, 0.0), "s"
    for size, longer in ((60, "min"), (60, "h"), (24, "d")):
        if amount < size:
            break
        amount, unit = amount / size, longer
    return f"{amount:.0f} {unit}"
