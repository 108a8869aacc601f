"""The shelf of recommendations, for any page of the shop."""

from typing import Any

from django import template

from shop.recommended import shelf_of

register = template.Library()


@register.inclusion_tag("shop/_recommendations.html", takes_context=True)
def recommendations(context: dict[str, Any]) -> dict[str, Any]:
    """What is recommended to the viewer; it stays up to date by itself."""
    request = context["request"]
    return {"shelf": shelf_of(request), "request": request}
