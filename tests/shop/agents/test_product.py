"""Products."""

import pytest

from agents_core.testing import freeze
from shop.agents.errors import (
    ProductIdNotValid,
    ProductNotFound,
    ProductNotValid,
    TooManyTags,
)
from shop.agents.product import Product
from shop.agents.schemas import ProductDetails

LAMP = ProductDetails(name="Lamp", brand="Aurora", description="Glows.", tags=["light"])


def test_it_is_what_staff_says() -> None:
    put = Product.of("lamp").put(LAMP)
    assert put.is_new
    assert put.product.model_dump(include=set(ProductDetails.model_fields)) == LAMP.model_dump()
    assert Product.of("lamp").get_product() == put.product


def test_there_is_none_before() -> None:
    assert Product.of("lamp").get_product() is None


def test_the_same_again_changes_nothing() -> None:
    first = Product.of("lamp").put(LAMP).product
    again = Product.of("lamp").put(LAMP)
    assert (again.product, again.is_new) == (first, False)


def test_a_change_keeps_when_it_was_made() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        first = Product.of("lamp").put(LAMP).product
        time.tick(60)
        changed = Product.of("lamp").put(LAMP.model_copy(update={"name": "Big lamp"})).product
    assert changed.created_at == first.created_at
    assert changed.updated_at > first.updated_at
    assert changed.name == "Big lamp"


def test_texts_are_cleaned_and_tags_said_once() -> None:
    typed = ProductDetails(name=" Big\n lamp\u202e ", brand="A\x07urora", tags=["Light", " light "])
    product = Product.of("lamp").put(typed).product
    assert (product.name, product.brand, product.tags) == ("Big lamp", "Aurora", ["light"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 201},
        {"brand": "\u200b"},
        {"brand": "x" * 81},
        {"description": "x" * 10_001},
        {"tags": [""]},
        {"tags": ["x" * 41]},
    ],
)
def test_texts_have_limits(wrong: dict[str, object]) -> None:
    with pytest.raises(ProductNotValid):
        Product.of("lamp").put(LAMP.model_copy(update=wrong))
    assert Product.of("lamp").get_product() is None


def test_texts_may_be_as_long_as_the_limits() -> None:
    longest = ProductDetails(
        name="x" * 200, brand="x" * 80, description="x" * 10_000, tags=["x" * 40]
    )
    assert Product.of("lamp").put(longest).product.name == "x" * 200


def test_tags_have_a_limit() -> None:
    tags = [f"tag {number}" for number in range(31)]
    with pytest.raises(TooManyTags):
        Product.of("lamp").put(LAMP.model_copy(update={"tags": tags}))
    assert Product.of("lamp").put(LAMP.model_copy(update={"tags": tags[:30]})).is_new


@pytest.mark.parametrize("product_id", ["a lamp", "lämp", "x" * 65, "a/b"])
def test_ids_are_slugs(product_id: str) -> None:
    with pytest.raises(ProductIdNotValid):
        Product.of(product_id).put(LAMP)


def test_what_is_withdrawn_is_no_longer_sold() -> None:
    product = Product.of("lamp").put(LAMP).product
    for _ in range(2):
        Product.of("lamp").withdraw()
        assert Product.of("lamp").get_product() is None
    withdrawn = Product.of("lamp").get_withdrawn()
    assert withdrawn is not None
    assert withdrawn.name == product.name


def test_it_can_be_brought_back() -> None:
    created_at = Product.of("lamp").put(LAMP).product.created_at
    Product.of("lamp").withdraw()
    assert Product.of("lamp").put(LAMP).product.created_at == created_at
    assert Product.of("lamp").get_product() is not None
    assert Product.of("lamp").get_withdrawn() is None


def test_what_never_was_cannot_be_withdrawn() -> None:
    with pytest.raises(ProductNotFound):
        Product.of("lamp").withdraw()
