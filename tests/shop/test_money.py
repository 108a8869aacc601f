"""Money."""

from decimal import Decimal

import pytest

from shop import money
from shop.money import Money


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3)])
def test_it_knows_the_digits_of_currencies(currency: str, digits: int) -> None:
    assert money.digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "exact"),
    [("5", "USD", "5.00"), ("1E+2", "USD", "100.00"), ("5", "JPY", "5"), ("0", "KWD", "0.000")],
)
def test_it_gives_amounts_their_digits(amount: str, currency: str, exact: str) -> None:
    assert str(money.exact(Decimal(amount), currency)) == exact


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "USD"), ("0.5", "JPY")])
def test_it_rounds_nothing_away(amount: str, currency: str) -> None:
    assert money.exact(Decimal(amount), currency) is None


def test_an_empty_sum_has_digits_too() -> None:
    assert str(money.total([], "USD")) == "0.00"


def test_currencies_do_not_mix() -> None:
    one = Money(Decimal("1.10"), "USD")
    assert one * 3 + one == Money(Decimal("4.40"), "USD")
    with pytest.raises(ValueError, match="EUR is not USD"):
        one + Money(Decimal(1), "EUR")


@pytest.mark.parametrize(
    ("price", "before", "percent"), [("75", "100", 25), ("99.99", "100", 0), ("100", "75", 0)]
)
def test_it_says_by_how_many_percent_it_is_less(price: str, before: str, percent: int) -> None:
    assert money.percent_off(Decimal(price), Decimal(before)) == percent


def test_it_is_written_as_people_do() -> None:
    assert str(Money(Decimal("1234.50"), "USD")) == "$1,234.50"
    assert str(Money(Decimal("1234"), "JPY")) == "¥1,234"
    assert money.format_money(Money(Decimal("1234.50"), "EUR"), "de_DE") == "1.234,50\xa0€"


def test_gold_and_nonsense_are_no_currencies() -> None:
    assert money.is_currency("EUR")
    assert not money.is_currency("XAU")
    assert not money.is_currency("eur")
