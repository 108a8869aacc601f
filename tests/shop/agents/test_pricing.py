"""Prices of a product, and sales that begin and end by themselves."""

from datetime import datetime, timedelta

import pytest

from agents_core import AgentError, operators
from agents_core.testing import freeze, step
from shop.agents.errors import (
    CurrencyNotValid,
    DuplicatePrice,
    PriceNotValid,
    SalePeriodNotValid,
    TooManyPrices,
)
from shop.agents.pricing import Pricing
from shop.agents.schemas import PriceItem, PriceView, SalePriceItem

NOON = "2026-03-01T12:00:00Z"
HOUR = timedelta(hours=1)


def usd(price: str, zone: str = "global") -> PriceItem:
    return PriceItem(price=price, currency="USD", zone=zone)


def sale(price: str, start: datetime | None = None, end: datetime | None = None) -> SalePriceItem:
    return SalePriceItem(price=price, currency="USD", zone="global", start=start, end=end)


def price(currency: str = "USD", zone: str = "global") -> tuple[str, str] | None:
    found = Pricing.of("lamp").get_price(currency, zone)
    return (str(found.price), found.kind) if found else None


def test_there_is_none_before() -> None:
    assert Pricing.of("lamp").get_pricing() is None
    assert Pricing.of("lamp").get_price() is None


def test_prices_are_exact_to_the_currency() -> None:
    yen = PriceItem(price="1200", currency="jpy", zone="asia")
    pricing = Pricing.of("lamp").put([usd("10"), yen], [usd("9.5")], [])
    assert pricing.model_dump(mode="json")["msrp_prices"] == [
        {"price": "10.00", "currency": "USD", "zone": "global"},
        {"price": "1200", "currency": "JPY", "zone": "asia"},
    ]
    assert Pricing.of("lamp").get_price() == PriceView(
        price="9.50", currency="USD", zone="global", kind="list"
    )


def test_a_price_is_for_exactly_its_currency_and_zone() -> None:
    Pricing.of("lamp").put([usd("10")], [usd("8", "eu")], [])
    assert price() == ("10.00", "msrp")
    assert price(zone="eu") == ("8.00", "list")
    assert price("EUR") is None
    assert price(zone="asia") is None


def test_the_same_again_changes_nothing() -> None:
    first = Pricing.of("lamp").put([usd("10")], [], [])
    assert Pricing.of("lamp").put([usd("10.00")], [], []) == first
    assert Pricing.of("lamp").merge([usd("10.00")]) == first


def test_putting_replaces_all() -> None:
    Pricing.of("lamp").put([usd("10")], [usd("9")], [sale("8")])
    assert price() == ("8.00", "sale")
    Pricing.of("lamp").put([usd("11")], [], [])
    assert price() == ("11.00", "msrp")


def test_merging_replaces_the_same_and_adds_the_others() -> None:
    with freeze(NOON) as time:
        Pricing.of("lamp").put(
            [usd("10"), usd("12", "eu")], [usd("9")], [sale("8", None, time.now)]
        )
        pricing = Pricing.of("lamp").merge(
            [usd("13", "asia"), usd("11")], [], [sale("7", None, time.now), sale("6")]
        )
    assert [(str(p.price), p.zone) for p in pricing.msrp_prices] == [
        ("11.00", "global"),
        ("12.00", "eu"),
        ("13.00", "asia"),
    ]
    assert [str(p.price) for p in pricing.list_prices] == ["9.00"]
    assert [str(p.price) for p in pricing.sale_prices] == ["7.00", "6.00"]


def test_merging_into_nothing_begins_with_it() -> None:
    Pricing.of("lamp").merge(list_prices=[usd("9")])
    assert price() == ("9.00", "list")


def test_sales_begin_and_end_by_the_clock() -> None:
    with freeze(NOON) as time:
        Pricing.of("lamp").put([], [usd("9")], [sale("7", time.now + HOUR, time.now + 2 * HOUR)])
        assert price() == ("9.00", "list")
        time.tick(3600)
        assert price() == ("7.00", "sale")
        time.tick(3600)
        assert price() == ("9.00", "list")


def revision() -> int:
    return operators.show("pricing:lamp").revision


def test_whoever_watches_is_told_when_a_sale_begins_and_ends() -> None:
    with freeze(NOON) as time:
        Pricing.of("lamp").put([], [usd("9")], [sale("7", time.now + HOUR, time.now + 2 * HOUR)])
        told = revision()
        step()
        assert revision() == told
        for _ in range(2):
            time.tick(3600)
            step()
            assert revision() == told + 1
            told = revision()
        time.tick(36_000)
        step()
        assert revision() == told


def test_a_sale_that_was_taken_back_wakes_nobody() -> None:
    with freeze(NOON) as time:
        Pricing.of("lamp").put([], [usd("9")], [sale("7", time.now + HOUR)])
        Pricing.of("lamp").put([], [usd("9")], [])
        told = revision()
        time.tick(3600)
        step()
        assert revision() == told


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ([PriceItem(price="1.001", currency="USD")], PriceNotValid),
        ([PriceItem(price="1.5", currency="JPY")], PriceNotValid),
        ([PriceItem(price="1", currency="ABC")], CurrencyNotValid),
        ([PriceItem(price="1", currency="XAU")], CurrencyNotValid),
        ([usd("1"), usd("2")], DuplicatePrice),
        ([usd("1", f"z{number}") for number in range(501)], TooManyPrices),
    ],
)
def test_what_cannot_be_a_price_changes_nothing(
    wrong: list[PriceItem], refusal: type[AgentError]
) -> None:
    before = Pricing.of("lamp").put([usd("10")], [], [])
    with pytest.raises(refusal):
        Pricing.of("lamp").put([usd("11")], wrong, [])
    assert Pricing.of("lamp").get_pricing() == before


def test_a_sale_ends_after_it_starts() -> None:
    with freeze(NOON) as time:
        with pytest.raises(SalePeriodNotValid):
            Pricing.of("lamp").put([], [], [sale("7", time.now, time.now)])
        assert Pricing.of("lamp").put([], [], [sale("7", time.now, time.now + HOUR)]).sale_prices


def test_several_sales_may_overlap_and_the_first_holds() -> None:
    with freeze(NOON) as time:
        Pricing.of("lamp").put([], [], [sale("8", time.now + HOUR), sale("9"), sale("7", time.now)])
        assert price() == ("9.00", "sale")
        time.tick(3600)
        assert price() == ("8.00", "sale")
