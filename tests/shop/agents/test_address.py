"""Postal addresses."""

import pytest

from shop.agents.address import LIMITS, OPTIONAL, clean_address, with_newest
from shop.agents.errors import AddressNotValid
from tests.shop.goods import HOME, OFFICE


def test_it_is_tidied() -> None:
    typed = HOME.model_copy(update={"street": " 1  Mill\nLane\u202e ", "name": " "})
    assert clean_address(typed) == HOME


@pytest.mark.parametrize("field", sorted(set(LIMITS) - OPTIONAL))
def test_it_is_complete(field: str) -> None:
    with pytest.raises(AddressNotValid) as refused:
        clean_address(HOME.model_copy(update={field: " \u200b"}))
    assert refused.value.facts["errors"] == {field: "This is needed."}


@pytest.mark.parametrize("field", sorted(OPTIONAL))
def test_some_of_it_may_be_left_out(field: str) -> None:
    assert clean_address(HOME.model_copy(update={field: None})) == HOME


@pytest.mark.parametrize("field", sorted(set(LIMITS) - {"phone_number"}))
def test_each_field_has_a_limit(field: str) -> None:
    longest = HOME.model_copy(update={field: "x" * LIMITS[field]})
    assert clean_address(longest) == longest
    with pytest.raises(AddressNotValid) as refused:
        clean_address(HOME.model_copy(update={field: "x" * (LIMITS[field] + 1)}))
    assert refused.value.facts["errors"].keys() == {field}


@pytest.mark.parametrize("number", ["+49 (30) 123-456", "030/123.456"])
def test_a_phone_number_may_be_written_in_many_ways(number: str) -> None:
    address = HOME.model_copy(update={"phone_number": number})
    assert clean_address(address) == address


@pytest.mark.parametrize("number", ["call me", "+", "12+34", "1" * 41])
def test_a_phone_number_can_be_dialled(number: str) -> None:
    with pytest.raises(AddressNotValid):
        clean_address(HOME.model_copy(update={"phone_number": number}))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(AddressNotValid) as refused:
        clean_address(HOME.model_copy(update={"city": "", "country": ""}))
    assert refused.value.facts["errors"].keys() == {"city", "country"}
    assert "city, country" in refused.value.message


def test_the_book_has_each_address_once_the_last_used_first() -> None:
    assert with_newest([HOME, OFFICE], OFFICE, None) == [OFFICE, HOME]


def test_the_book_forgets_what_was_not_used_for_long() -> None:
    houses = [HOME.model_copy(update={"street": f"{number} Mill Lane"}) for number in range(25)]
    assert with_newest(houses[1:], houses[0]) == houses[:20]
