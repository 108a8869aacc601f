"""Fills the shelves of the demo world, with sales around the moment of the first load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from agents_core import hints, mailbox
from agents_core.clock import now
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem, ProductDetails, SalePriceItem

Progress = Callable[[int, int, str], None]
"""Told after every step: how many are done, of how many, and what is being done."""

_GOODS = Path(__file__).with_name("goods.txt")
_CENT = Decimal("0.01")
_EUROS_PER_DOLLAR = Decimal("0.95")
_PLACES = (("USD", "global", Decimal(1)), ("EUR", "eu", _EUROS_PER_DOLLAR))


@dataclass(frozen=True, slots=True)
class Good:
    """Something to sell: what it is, and its prices in dollars."""

    product_id: str
    details: ProductDetails
    msrp: Decimal
    price: Decimal


@cache
def goods() -> tuple[Good, ...]:
    """All of them, in the order of their brands."""
    return tuple(_read(_GOODS.read_text()))


def stock(progress: Progress | None = None) -> None:
    """Put everything on the shelves; what stands there already is left as it is."""
    for number, good in enumerate(goods()):
        # There may be no workers yet, so the mail that this causes is run here.
        with hints.collected(Pricing.lane) as here:
            _put(good, number)
        mailbox.drain(set(here.kept))
        if progress is not None:
            progress(number + 1, len(goods()), "Shelves are filled")


def _put(good: Good, number: int) -> None:
    product, pricing = Product.of(good.product_id), Pricing.of(good.product_id)
    if pricing.get_pricing() is None:
        pricing.put(
            [_in(place, good.msrp) for place in _PLACES],
            [_in(place, good.price) for place in _PLACES],
            _sales(good, number),
        )
    if product.get_product() is None and product.get_withdrawn() is None:
        product.put(good.details)


def _read(text: str) -> Iterator[Good]:
    brand = ""
    for line in text.splitlines():
        if line.startswith("# "):
            brand = line[2:]
            continue
        product_id, name, tags, msrp, price, description = (
            part.strip() for part in line.split("|")
        )
        details = ProductDetails(
            name=name, brand=brand, description=description, tags=tags.split(", ")
        )
        yield Good(product_id, details, Decimal(msrp), Decimal(price))


def _in(place: tuple[str, str, Decimal], dollars: Decimal) -> PriceItem:
    currency, zone, rate = place
    amount = (dollars * rate).quantize(_CENT, ROUND_HALF_UP)
    return PriceItem(price=amount, currency=currency, zone=zone)


def _sales(good: Good, number: int) -> list[SalePriceItem]:
    """Every fifth runs, every fifth is about to, and some in between are over."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    match number % 5:
        case 3:
            start, days = today - timedelta(days=3), 10 + number % 7
        case 2:
            start, days = today + timedelta(days=1 + number % 3), 5
        case 0:
            start, days = today - timedelta(days=20), 12
        case _:
            return []
    reduced = (good.price * Decimal(80 - number % 3 * 5) / 100).quantize(Decimal(1))
    period = {"start": start, "end": start + timedelta(days=days)}
    return [SalePriceItem(**dict(_in(place, reduced)), **period) for place in _PLACES]
