"""Reactions, of which a page with many comments shows many."""

import re
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from socialnet.views.post_cards import Kind, ReactionsCard

register = template.Library()

_BLANK = re.compile(r"__(\w+?)__")


@register.simple_tag(takes_context=True)
def reactions(context: dict[str, Any], card: ReactionsCard) -> SafeString:
    """`_reactions.html` of this card. With these counts it was mostly drawn before, for another:
    then only what is the card's own is filled in, for a fifth of the time."""
    own = {
        "key": card.key,
        "url": card.url,
        "who": card.who_url,
        "token": context["csrf_token"],
        "here": context["request"].get_full_path(),
    }
    return mark_safe(_BLANK.sub(lambda blank: escape(own[blank[1]]), _drawn(tuple(card.kinds))))


@lru_cache(maxsize=1_000)
def _drawn(kinds: tuple[Kind, ...]) -> str:
    blank = ReactionsCard(
        key="__key__",
        url="__url__",
        who_url="__who__",
        kinds=list(kinds),
        total=sum(kind.count for kind in kinds),
    )
    request = {"get_full_path": "__here__"}
    context = {"r": blank, "csrf_token": "__token__", "request": request}
    return render_to_string("socialnet/_reactions.html", context)
