"""The price rule, against a model written from its sentence alone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shop import money
from shop.agents import prices
from shop.agents.schemas import PriceItem, SalePriceItem

START = datetime(2026, 3, 1, tzinfo=UTC)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY"])
ZONES = st.sampled_from(["global", "eu"])
TIMES = st.integers(0, 6).map(lambda hours: START + timedelta(hours=hours))
AMOUNTS = st.decimals(0, 10_000, places=0)

ITEMS = st.lists(st.builds(PriceItem, price=AMOUNTS, currency=CURRENCIES, zone=ZONES), max_size=5)
SALES = st.lists(
    st.builds(
        SalePriceItem,
        price=AMOUNTS,
        currency=CURRENCIES,
        zone=ZONES,
        start=st.none() | TIMES,
        end=st.none() | TIMES,
    ),
    max_size=6,
)


@given(ITEMS, ITEMS, SALES, CURRENCIES, ZONES, TIMES)
def test_it_is_the_first_sale_that_holds_else_list_else_msrp(
    msrp: list[PriceItem],
    lists: list[PriceItem],
    sales: list[SalePriceItem],
    currency: str,
    zone: str,
    now: datetime,
) -> None:
    expected = None
    for item in reversed(msrp):
        if item.currency == currency and item.zone == zone:
            expected = ("msrp", item.price)
    for item in reversed(lists):
        if item.currency == currency and item.zone == zone:
            expected = ("list", item.price)
    for item in reversed(sales):
        begun = item.start is None or not now < item.start
        over = item.end is not None and not now < item.end
        if item.currency == currency and item.zone == zone and begun and not over:
            expected = ("sale", item.price)
    found = prices.current_price(msrp, lists, sales, currency=currency, zone=zone, now=now)
    assert (found and (found.kind, found.price)) == expected


@given(SALES, TIMES)
def test_between_two_changes_nothing_changes(sales: list[SalePriceItem], now: datetime) -> None:
    after = prices.next_change(sales, now)
    on = [prices.holds(sale, now) for sale in sales]
    last = START + timedelta(hours=7) if after is None else after - timedelta(microseconds=1)
    assert [prices.holds(sale, last) for sale in sales] == on
    if after is not None:
        assert after > now


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 999)), max_size=200))
def test_totals_are_exact(lines: list[tuple[int, int]]) -> None:
    amounts = [Decimal(cents).scaleb(-2) * quantity for cents, quantity in lines]
    assert money.in_minor_units(money.total(amounts, "USD"), "USD") == sum(
        cents * quantity for cents, quantity in lines
    )
