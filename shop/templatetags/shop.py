"""What shop pages, and the shell around every page, show of the shop."""

from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from shop import pictures
from shop.agents.schemas import ProductView
from shop.markets import NamedMarket, market_of, markets
from shop.money import Money

register = template.Library()


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """An amount as people write it."""
    return str(Money(amount, currency))


@register.simple_tag(takes_context=True)
def market(context: dict[str, Any]) -> NamedMarket:
    """The currency and zone that this page is in."""
    return market_of(context["request"])


@register.simple_tag
def all_markets() -> list[NamedMarket]:
    """Every currency and zone that the shop sells in."""
    return markets()


@register.simple_tag
def picture(product: ProductView) -> SafeString:
    """The photo of a product, or a drawing. Decoration: the name always stands beside it."""
    if product.picture:
        address = reverse("product_picture", args=[product.product_id, product.picture])
        return format_html('<img src="{}" alt="" loading="lazy" decoding="async">', address)
    shapes = pictures.still_life(product.product_id, product.name, product.tags)
    return format_html(
        '<svg class="still-life" viewBox="0 0 160 120" aria-hidden="true" focusable="false">'
        '<ellipse class="ground" cx="80" cy="102" rx="58" ry="7"/>{}</svg>',
        mark_safe(shapes),
    )
