"""Which price holds, and what may be a price. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from shop import money
from shop.agents.errors import (
    CurrencyNotValid,
    DuplicatePrice,
    PriceNotValid,
    SalePeriodNotValid,
    TooManyPrices,
)
from shop.agents.schemas import (
    PRICES_MAX,
    PriceItem,
    PriceKind,
    PriceView,
    Quote,
    SalePriceItem,
)

P = TypeVar("P", bound=PriceItem)


def holds(sale: SalePriceItem, now: datetime) -> bool:
    """Whether a sale is on: from its start until before its end."""
    return (sale.start is None or sale.start <= now) and (sale.end is None or now < sale.end)


def current_price(
    msrp: Iterable[PriceItem],
    lists: Iterable[PriceItem],
    sales: Iterable[SalePriceItem],
    *,
    currency: str,
    zone: str,
    now: datetime,
) -> PriceView | None:
    """The first sale that holds, else the list price, else the MSRP; None where there is none."""
    on_sale = (sale for sale in sales if holds(sale, now))
    kinds: list[tuple[PriceKind, Iterable[PriceItem]]] = [
        ("sale", on_sale),
        ("list", lists),
        ("msrp", msrp),
    ]
    for kind, prices in kinds:
        for item in prices:
            if (item.currency, item.zone) == (currency, zone):
                return PriceView(price=item.price, currency=currency, zone=zone, kind=kind)
    return None


def quote(
    msrp: Sequence[PriceItem],
    lists: Sequence[PriceItem],
    sales: Sequence[SalePriceItem],
    *,
    currency: str,
    zone: str,
    now: datetime,
) -> Quote | None:
    """The price that holds, beside what it is less than and how long the sale lasts."""
    price = current_price(msrp, lists, sales, currency=currency, zone=zone, now=now)
    if price is None:
        return None
    higher = (
        item.price
        for item in (*msrp, *lists)
        if (item.currency, item.zone) == (currency, zone) and item.price > price.price
    )
    before = next(higher, None)
    off = money.percent_off(price.price, before) if before is not None else 0
    here = [sale for sale in sales if (sale.currency, sale.zone) == (currency, zone)]
    until = None
    if price.kind == "sale":
        until = next(sale.end for sale in here if holds(sale, now))
    changes_at = next_change(here, now)
    return Quote(**dict(price), before=before, percent_off=off, until=until, changes_at=changes_at)


def next_change(sales: Iterable[SalePriceItem], now: datetime) -> datetime | None:
    """When the next sale begins or ends after now."""
    times = (time for sale in sales for time in (sale.start, sale.end))
    return min((time for time in times if time is not None and time > now), default=None)


def merged(old: Sequence[P], new: Sequence[P]) -> list[P]:
    """The old prices, those of the same key replaced where they stand, and the others behind."""
    prices = {key_of(item): item for item in old}
    prices.update((key_of(item), item) for item in new)
    return list(prices.values())


def checked(prices: Sequence[P], what: str) -> list[P]:
    """The prices with all their decimal places, or the refusal of the first that cannot be."""
    seen: set[tuple[object, ...]] = set()
    exact = []
    if len(prices) > PRICES_MAX:
        raise TooManyPrices(prices=what, limit=PRICES_MAX)
    for item in prices:
        exact.append(_exact(item))
        if key_of(item) in seen:
            raise DuplicatePrice(prices=what, currency=item.currency, zone=item.zone)
        seen.add(key_of(item))
    return exact


def _exact(item: P) -> P:
    if not money.is_currency(item.currency):
        raise CurrencyNotValid(currency=item.currency)
    amount = money.exact(item.price, item.currency)
    if amount is None:
        digits = money.digits(item.currency)
        raise PriceNotValid(price=str(item.price), currency=item.currency, digits=digits)
    if isinstance(item, SalePriceItem) and item.start and item.end and item.start >= item.end:
        raise SalePeriodNotValid(start=item.start.isoformat(), end=item.end.isoformat())
    return item.model_copy(update={"price": amount})


def key_of(item: PriceItem) -> tuple[object, ...]:
    """What tells prices of one kind apart: zone and currency, and a sale's period."""
    if isinstance(item, SalePriceItem):
        return (item.zone, item.currency, item.start, item.end)
    return (item.zone, item.currency)
