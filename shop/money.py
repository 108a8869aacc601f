"""Amounts of money: exact decimals of a currency's own precision. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

# What ISO 4217 has for bonds, metals, tests and none at all: nothing costs so many of them.
_METALS = {"XAG", "XAU", "XPD", "XPT"}
_UNITS = {"XBA", "XBB", "XBC", "XBD", "XDR", "XEU", "XFO", "XFU", "XRE", "XSU", "XUA"}
_NO_MONEY = _METALS | _UNITS | {"XTS", "XXX"}
CURRENCIES: frozenset[str] = frozenset(get_global("all_currencies")) - _NO_MONEY


@dataclass(frozen=True, slots=True)
class Money:
    """So much of one currency."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        self._require_same(other)
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        return format_money(self)

    def _require_same(self, other: Money) -> None:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} is not {self.currency}")


def is_currency(code: str) -> bool:
    """Whether something can be paid in it: an ISO 4217 code, in capitals."""
    return code in CURRENCIES


def digits(currency: str) -> int:
    """How many decimal places amounts of the currency have: USD 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


def exact(amount: Decimal, currency: str) -> Decimal | None:
    """The amount with all decimal places of its currency; None where it has more than those."""
    rounded = amount.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP)
    return rounded if rounded == amount else None


def total(amounts: Iterable[Decimal], currency: str) -> Decimal:
    """The sum, with the decimal places of the currency even where there is nothing to add."""
    return sum(amounts, Decimal(0).scaleb(-digits(currency)))


def in_minor_units(amount: Decimal, currency: str) -> int:
    """The amount in cents, or whatever the currency's smallest unit is."""
    return int(amount.scaleb(digits(currency)))


def percent_off(price: Decimal, before: Decimal) -> int:
    """By how many whole percent a price is less than what it was; 0 where it is not."""
    return int((before - price) * 100 / before) if price < before else 0


def format_money(money: Money, locale: str = "en_US") -> str:
    """The amount as people of the locale write it."""
    return format_currency(money.amount, money.currency, locale=locale)
