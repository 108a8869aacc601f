"""What pages show of carts and orders."""

from typing import Any

from django import template

from shop.agents.schemas import Address, ItemView
from shop.guests import find_cart
from shop.money import Money

register = template.Library()


@register.filter
def line_total(item: ItemView, currency: str) -> str:
    """What a line comes to, as people write it."""
    return str(Money(item.price, currency) * item.quantity)


@register.filter
def pieces(items: list[ItemView]) -> int:
    """How many things these are."""
    return sum(item.quantity for item in items)


@register.filter
def order_number(order_id: str) -> str:
    """An order as people name it on the phone: the part of its id that no other shares."""
    return order_id[-8:].upper()


@register.filter
def address_lines(address: Address) -> list[str]:
    """An address as it stands on an envelope."""
    city = f"{address.postal_code} {address.city}"
    lines = [address.name, address.street, city, address.state_or_region, address.country]
    return [line for line in [*lines, address.phone_number] if line]


@register.simple_tag(takes_context=True)
def cart_pieces(context: dict[str, Any]) -> int:
    """How many things are in the viewer's cart: one read, of its document alone."""
    request: Any = context.get("request")
    found = find_cart(request) if hasattr(request, "caller") else None
    return found.get_news().pieces if found else 0
