"""What every page template may use: pictures made from ids, times, post texts, form keys."""

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, urlize
from django.utils.safestring import SafeString, mark_safe

from socialnet.agents.mentions import parts

register = template.Library()

LONG_POST_CHARACTERS = 900  # about 14 lines of the column: longer ones get "Read the whole post"
LONG_POST_LINES = 14


def initials_of(user_id: str, name: str | None) -> str:
    """Two letters at most: of the first and the last word of the name, else of the id."""
    words: list[str] = re.findall(r"\w+", name or "") or re.findall(r"[^\W_]+", user_id) or ["?"]
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


def hues_of(user_id: str) -> tuple[int, int, int]:
    """Two hues that go together and an angle, the same for this id for ever."""
    digest = hashlib.sha256(user_id.encode()).digest()
    hue = int.from_bytes(digest[:2]) % 360
    return hue, (hue + 40 + digest[2] % 70) % 360, digest[3] * 360 // 256


@register.simple_tag
def avatar(
    user_id: str, name: str | None = None, size: str = "", picture: str | None = None
) -> SafeString:
    """A person's picture, named by its hash, or the disc of somebody who has none. Decoration: the
    name always stands beside it."""
    if picture:
        return format_html(
            '<img class="avatar {}" src="{}" alt="" width="96" height="96" loading="lazy">',
            size,
            reverse("avatar", args=[user_id, picture]),
        )
    first, second, angle = hues_of(user_id)
    return format_html(
        '<svg class="avatar {}" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
        '<circle cx="20" cy="20" r="20" fill="oklch(50% 0.085 {})"/>'
        '<path d="M20 0a20 20 0 0 1 0 40z" fill="oklch(58% 0.1 {})" transform="rotate({} 20 20)"/>'
        '<text x="20" y="20.5" dy=".34em" text-anchor="middle" font-size="16" fill="#fffaf0">{}'
        "</text></svg>",
        size,
        first,
        second,
        angle,
        initials_of(user_id, name),
    )


@register.simple_tag
def band(user_id: str) -> SafeString:
    """The strip above a profile: a low sun over two hills, in the hues of the avatar."""
    first, second, angle = hues_of(user_id)
    return format_html(
        '<svg viewBox="0 0 680 112" preserveAspectRatio="xMidYMax slice" aria-hidden="true">'
        '<rect width="680" height="112" fill="oklch(84% 0.05 {first})"/>'
        '<circle cx="{sun}" cy="58" r="30" fill="oklch(93% 0.05 {second})"/>'
        '<path d="M0 84c120-44 260-36 360-6s220 20 320-22v56H0z" fill="oklch(70% 0.075 {second})"/>'
        '<path d="M0 96c140-8 240-40 380-14s200 22 300 4v26H0z" fill="oklch(56% 0.085 {first})"/>'
        "</svg>",
        first=first,
        second=second,
        sun=90 + angle * 500 // 360,
    )


@register.simple_tag
def when(moment: datetime, css: str = "") -> SafeString:
    """A time in few words, in full in its title; app.js keeps it current, in the reader's zone."""
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        css,
        moment.isoformat(),
        timezone.localtime(moment).strftime("%A %-d %B %Y, %H:%M"),
        in_few_words(moment, timezone.now()),
    )


def in_few_words(moment: datetime, now: datetime) -> str:
    """ "now", "2 min", "5 h", "Tue 14:05", "3 Mar", "3 Mar 2025"; times.js says the same."""
    seconds = (now - moment).total_seconds()
    local = timezone.localtime(moment)
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h"
    if seconds < 6 * 86400:
        return local.strftime("%a %H:%M")
    return local.strftime("%-d %b" if local.year == timezone.localtime(now).year else "%-d %b %Y")


@register.filter
def post_text(content: str, mentions: Sequence[str] = ()) -> SafeString:
    """A post as safe HTML: escaped, addresses and those of the people named in it who are
    `mentions` made links; line breaks are the stylesheet's."""
    if not mentions:
        return _with_links(content)
    pieces = [
        format_html('<a class="mention" href="{}">{}</a>', reverse("profile", args=[named]), piece)
        if named
        else _with_links(piece)
        for piece, named in parts(content, mentions)
    ]
    return mark_safe("".join(pieces))


def _with_links(text: str) -> SafeString:
    return mark_safe(urlize(conditional_escape(text), trim_url_limit=48, nofollow=True))


# What things are called here, and what the set of icons calls them.
_ICONS = {
    "like": "hand-thumb-up",
    "insightful": "light-bulb",
    "love": "heart",
    "dislike": "hand-thumb-down",
    "comment": "chat-bubble-left",
    "reply": "arrow-uturn-left",
}
_SIZES = {"outline": 20, "solid": 20, "mini": 18}


@register.simple_tag
@cache
def icon(name: str, style: str = "outline") -> SafeString:
    """An icon, drawn once for all pages; decoration: words stand beside it or name its control."""
    source = f'{{% load heroicons %}}{{% heroicon_{style} name size=size aria_hidden="true" %}}'
    context = template.Context({"name": _ICONS.get(name, name), "size": _SIZES[style]})
    return template.Template(source).render(context)


@register.filter
def shortened(content: str) -> str:
    """The beginning of a long post, cut at a word; a short one as it is."""
    lines = content.splitlines()
    cut = "\n".join(lines[:LONG_POST_LINES])
    if len(cut) > LONG_POST_CHARACTERS:
        cut = cut[:LONG_POST_CHARACTERS].rsplit(None, 1)[0]
    return cut if cut == content else f"{cut.rstrip()}…"


@register.filter
def as_json(value: Any) -> str:
    """For an attribute that script reads; the template escapes it."""
    return json.dumps(value)


@register.simple_tag
def idempotency_key() -> SafeString:
    """A hidden field that makes sending the form twice the same as sending it once."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid.uuid4().hex)


@register.simple_tag(takes_context=True)
def replaced_query(context: dict[str, Any], **changes: str | None) -> str:
    """This page's query string with some parameters changed; None takes one out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = value
    return f"?{parameters.urlencode()}"


@register.simple_tag(takes_context=True)
def theme_attribute(context: dict[str, Any]) -> SafeString:
    """The chosen theme as an attribute of the root: the account's, else this browser's."""
    request = context.get("request")
    user = getattr(request, "user", None)
    cookies: dict[str, str] = getattr(request, "COOKIES", {})
    theme = getattr(user, "theme", None) or cookies.get("theme")
    return mark_safe(f' data-theme="{theme}"') if theme in ("light", "dark") else mark_safe("")


@register.simple_tag(takes_context=True)
def zone_attribute(context: dict[str, Any]) -> SafeString:
    """The time zone an account names, for times.js; nothing where that of the device counts."""
    user = getattr(context.get("request"), "user", None)
    zone = getattr(user, "time_zone", "")
    return format_html(' data-zone="{}"', zone) if zone else mark_safe("")
