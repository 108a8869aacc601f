"""Prices against a plain model, whatever staff does and however the clock goes on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from agents_core.testing import freeze, step
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem, ProductDetails, ProductFilter, SalePriceItem
from shop.agents.search import ProductSearch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACES = (("USD", "global"), ("USD", "eu"), ("JPY", "global"))
HOURS = st.none() | st.integers(0, 12)
Key = tuple[Any, ...]


def item(place: tuple[str, str], units: int) -> PriceItem:
    digits = 0 if place[0] == "JPY" else 2
    price = Decimal(units).scaleb(-digits)
    return PriceItem(price=price, currency=place[0], zone=place[1])


prices = st.builds(item, st.sampled_from(PLACES), st.integers(1, 9_999))
unique = st.lists(prices, max_size=3, unique_by=lambda one: (one.currency, one.zone))


@st.composite
def sales(draw: Callable[..., Any]) -> list[SalePriceItem]:
    found: dict[Key, SalePriceItem] = {}
    for one in draw(st.lists(prices, max_size=4)):
        start, length = draw(HOURS), draw(st.none() | st.integers(1, 6))
        begins = None if start is None else NOON + timedelta(hours=start)
        ends = None if length is None else NOON + timedelta(hours=(start or 0) + length)
        sale = SalePriceItem(**dict(one), start=begins, end=ends)
        found[sale.zone, sale.currency, begins, ends] = sale
    return list(found.values())


class Prices(RuleBasedStateMachine):
    """What `Pricing` promises, said once more in a few lines."""

    @initialize()
    def begin(self) -> None:
        self.now, self.product_id = NOON, f"lamp-{uuid.uuid4().hex}"
        self.pricing = Pricing.of(self.product_id)
        self.msrp: dict[Key, PriceItem] = {}
        self.listed: dict[Key, PriceItem] = {}
        self.sales: dict[Key, SalePriceItem] = {}
        with freeze(self.now):
            Product.of(self.product_id).put(ProductDetails(name="Lamp", brand="Aurora"))

    @rule(msrp=unique, listed=unique, on_sale=sales())
    def put(self, msrp: list[PriceItem], listed: list[PriceItem], on_sale: list[Any]) -> None:
        self.msrp, self.listed, self.sales = {}, {}, {}
        with freeze(self.now):
            self.pricing.put(msrp, listed, on_sale)
        self.learn(msrp, listed, on_sale)

    @rule(msrp=st.none() | unique, listed=st.none() | unique, on_sale=st.none() | sales())
    def merge(self, msrp: Any, listed: Any, on_sale: Any) -> None:
        with freeze(self.now):
            self.pricing.merge(msrp, listed, on_sale)
        self.learn(msrp or [], listed or [], on_sale or [])

    @rule(minutes=st.integers(1, 240))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def learn(self, msrp: list[Any], listed: list[Any], on_sale: list[Any]) -> None:
        self.msrp |= {(one.zone, one.currency): one for one in msrp}
        self.listed |= {(one.zone, one.currency): one for one in listed}
        self.sales |= {(one.zone, one.currency, one.start, one.end): one for one in on_sale}

    def expected(self, currency: str, zone: str) -> tuple[Decimal, str] | None:
        for sale in self.sales.values():
            begun = sale.start is None or sale.start <= self.now
            over = sale.end is not None and sale.end <= self.now
            if begun and not over and (sale.currency, sale.zone) == (currency, zone):
                return sale.price, "sale"
        for known, kind in ((self.listed, "list"), (self.msrp, "msrp")):
            if (zone, currency) in known:
                return known[zone, currency].price, kind
        return None

    @invariant()
    def prices_are_the_models(self) -> None:
        with freeze(self.now):
            for currency, zone in PLACES:
                found = self.pricing.get_price(currency, zone)
                got = (found.price, found.kind) if found else None
                assert got == self.expected(currency, zone)

    @invariant()
    def lists_follow_the_clock(self) -> None:
        with freeze(self.now):
            step()
            for currency, zone in PLACES:
                query = f"product_id:{self.product_id}"
                filter = ProductFilter(query=query, currency=currency, zone=zone, on_sale=True)
                listed = len(ProductSearch.of().list_products(filter).items)
                expected = self.expected(currency, zone)
                assert listed == (expected is not None and expected[1] == "sale")

    @invariant()
    def a_quote_agrees(self) -> None:
        with freeze(self.now):
            for currency, zone in PLACES:
                quote = self.pricing.get_quote(currency, zone)
                expected = self.expected(currency, zone)
                assert (quote and (quote.price, quote.kind)) == expected
                if quote and quote.before is not None:
                    off = (quote.before - quote.price) * 100 / quote.before
                    assert quote.percent_off == int(off) >= 0
                if quote and quote.changes_at is not None:
                    assert quote.changes_at > self.now


def test_prices_are_those_of_a_plain_model() -> None:
    run_state_machine_as_test(
        Prices,
        settings=settings(
            max_examples=12,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
