"""The lines of carts and orders: what is offered now, what has changed, what it comes to.

Pure functions but for `read_offers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from shop import money
from shop.agents.errors import ItemNotFound, PricingNotFound, ProductNotFound, QuantityTooLarge
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import (
    QUANTITY_MAX,
    CartProblem,
    ItemView,
    Market,
    Offer,
    OfferState,
    ProblemCode,
)


def read_offers(product_ids: Sequence[str], market: Market) -> dict[str, OfferState]:
    """What of these products can be had now, and for how much; two reads however many."""
    if not product_ids:
        return {}
    labels = Product.of_many(product_ids).get_label()
    prices = Pricing.of_many(product_ids).get_price(market.currency, market.zone)
    return {
        product_id: OfferState(label=label, price=price.price if price else None)
        for product_id, label, price in zip(product_ids, labels, prices, strict=True)
    }


def read_offer(product_id: str, market: Market) -> Offer:
    """One product's offer, or the refusal of what is not sold or has no price there."""
    state = read_offers([product_id], market)[product_id]
    if state.label is None:
        raise ProductNotFound(product_id=product_id)
    if state.price is None:
        raise PricingNotFound(product_id=product_id, currency=market.currency, zone=market.zone)
    return Offer(name=state.label.name, brand=state.label.brand, price=state.price)


def line_of(product_id: str, offer: Offer, quantity: int) -> ItemView:
    """So many of what is offered, or the refusal of more than one line may have."""
    if quantity > QUANTITY_MAX:
        raise QuantityTooLarge(product_id=product_id, limit=QUANTITY_MAX)
    return ItemView(
        product_id=product_id,
        product_name=offer.name,
        product_brand=offer.brand,
        price=offer.price,
        quantity=quantity,
    )


def afresh(
    lines: Iterable[ItemView], offers: dict[str, OfferState]
) -> tuple[list[ItemView], list[CartProblem]]:
    """The lines that can be ordered, at today's names and prices; and all that is to be told."""
    items, problems = [], []
    for line in lines:
        state = offers[line.product_id]
        problem = _problem(line, state)
        if problem is not None:
            problems.append(problem)
        if state.label is not None and state.price is not None:
            offer = Offer(name=state.label.name, brand=state.label.brand, price=state.price)
            items.append(line_of(line.product_id, offer, line.quantity))
    return items, problems


def find(lines: Iterable[ItemView], product_id: str) -> ItemView | None:
    """The line of that product."""
    return next((line for line in lines if line.product_id == product_id), None)


def require(lines: Iterable[ItemView], product_id: str) -> ItemView:
    """The line of that product, or the refusal that there is none."""
    line = find(lines, product_id)
    if line is None:
        raise ItemNotFound(product_id=product_id)
    return line


def put(lines: Sequence[ItemView], line: ItemView) -> list[ItemView]:
    """The lines with this one in the place of its product's, or behind all others."""
    if find(lines, line.product_id) is None:
        return [*lines, line]
    return [line if old.product_id == line.product_id else old for old in lines]


def without(lines: Iterable[ItemView], product_id: str) -> list[ItemView]:
    """The lines but that of this product."""
    return [line for line in lines if line.product_id != product_id]


def merged(lines: Sequence[ItemView], others: Iterable[ItemView]) -> list[ItemView]:
    """Both together; of what both have, the larger quantity."""
    together = list(lines)
    for other in others:
        old = find(together, other.product_id)
        if old is None or other.quantity > old.quantity:
            together = put(together, other)
    return together


def with_more(lines: Sequence[ItemView], more: Iterable[ItemView]) -> list[ItemView]:
    """The lines with so many more of each, up to what a line may have, at the newer price."""
    together = list(lines)
    for line in more:
        old = find(together, line.product_id)
        quantity = min(line.quantity + (old.quantity if old else 0), QUANTITY_MAX)
        together = put(together, line.model_copy(update={"quantity": quantity}))
    return together


def total(lines: Iterable[ItemView], currency: str) -> Decimal:
    """What the lines come to, exact."""
    return money.total((line.price * line.quantity for line in lines), currency)


def _problem(line: ItemView, state: OfferState) -> CartProblem | None:
    code: ProblemCode
    if state.label is None:
        code = "no_longer_sold"
    elif state.price is None:
        code = "no_price"
    elif state.price != line.price:
        code = "price_changed"
    else:
        return None
    return CartProblem(
        code=code,
        product_id=line.product_id,
        product_name=line.product_name,
        quantity=line.quantity,
        old_price=line.price,
        new_price=state.price if state.label is not None else None,
    )
