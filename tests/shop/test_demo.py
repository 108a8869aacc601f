"""The shop of the demo world: whole, and left alone by a second load."""

from __future__ import annotations

from decimal import Decimal

from django.core import mail

from agents_core.testing import step
from shop.agents.cart import Cart
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem, ProductFilter
from shop.agents.search import ProductSearch
from shop.demo import goods, place_orders, stock
from shop.pictures import kind_of


def test_its_goods_are_as_many_as_promised_and_can_be_drawn() -> None:
    assert len(goods()) == 60
    assert len({good.product_id for good in goods()}) == 60
    assert len({good.details.brand for good in goods()}) == 12
    assert all(good.price < good.msrp for good in goods())
    drawn = [kind_of(good.details.name, good.details.tags) for good in goods()]
    assert drawn.count("box") < 15


def test_it_fills_the_shelves_once() -> None:
    told: list[tuple[int, int, str]] = []
    stock(lambda *news: told.append(news))
    assert told[-1][:2] == (60, 60)
    assert step() == 0
    euros = ProductFilter(currency="EUR", zone="eu")
    counts = ProductSearch.of().count(euros)
    assert (counts.found, len(counts.brands)) == (60, 12)
    assert counts.on_sale == 12
    assert len(ProductSearch.of().list_products(ProductFilter(), "price", 100).items) == 60

    lamp = "lumen-desk-lamp"
    Product.of(lamp).withdraw()
    Pricing.of("oak-hearth-stool").put([PriceItem(price=Decimal(1), currency="USD")], [], [])
    stock()
    pricing = Pricing.of("oak-hearth-stool").get_pricing()
    assert pricing is not None
    assert pricing.list_prices == []
    assert Product.of(lamp).get_product() is None


def test_people_have_ordered_and_no_second_load_orders_again() -> None:
    people = [f"person-{number}" for number in range(4)]
    place_orders(people)
    before = {user_id: Cart.of(user_id).get_orders().items for user_id in people}
    assert all(1 <= len(orders) <= 3 for orders in before.values())
    for orders in before.values():
        assert orders == sorted(orders, key=lambda order: order.created_at, reverse=True)
    assert mail.outbox == []
    place_orders(people)
    assert {user_id: Cart.of(user_id).get_orders().items for user_id in people} == before
