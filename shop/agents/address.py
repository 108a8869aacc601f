"""Postal addresses as people type them, made fit to print. Pure functions."""

from __future__ import annotations

import re

from accounts.text import clean_line
from shop.agents.errors import AddressNotValid
from shop.agents.schemas import Address

LIMITS = {
    "street": 200,
    "city": 100,
    "state_or_region": 100,
    "country": 100,
    "postal_code": 20,
    "name": 120,
    "phone_number": 40,
}
OPTIONAL = frozenset({"name", "phone_number"})
_PHONE = re.compile(r"\+?[0-9 ()./-]*[0-9][0-9 ()./-]*")
_BOOK = 20
"""Addresses kept for next time: more than a household uses, and few enough to choose from."""


def clean_address(address: Address) -> Address:
    """The address on tidy lines, or one refusal that says what is wrong with each field."""
    given = address.model_dump()
    cleaned = {field: clean_line(given[field] or "") for field in LIMITS}
    errors = {field: error for field, text in cleaned.items() if (error := _error(field, text))}
    if errors:
        raise AddressNotValid(fields=", ".join(errors), errors=errors)
    return Address(**{field: text or None for field, text in cleaned.items()})


def with_newest(book: list[Address], *used: Address | None) -> list[Address]:
    """The address book with those in front that were used last, each once."""
    book = [address for address in used if address is not None] + book
    return [address for place, address in enumerate(book) if address not in book[:place]][:_BOOK]


def _error(field: str, text: str) -> str | None:
    if not text:
        return None if field in OPTIONAL else "This is needed."
    if len(text) > LIMITS[field]:
        return f"This has at most {LIMITS[field]} characters."
    if field == "phone_number" and not _PHONE.fullmatch(text):
        return "A phone number has digits, spaces, and + in front."
    return None
