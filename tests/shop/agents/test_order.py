"""An order, from new to shipped or cancelled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.text import EmailNotValid
from agents_core import ArgumentsNotValid
from shop.agents.errors import (
    ActionNotAllowed,
    AddressNotValid,
    BillingAddressNotSet,
    EmptyEmail,
    EmptyItems,
    ItemNotFound,
    OrderNotFound,
    PricingNotFound,
    ProductNotFound,
    QuantityTooLarge,
)
from shop.agents.order import Order
from shop.agents.order_search import OrderSearch
from shop.agents.pricing import Pricing
from shop.agents.schemas import Market, NewOrder, OrderView
from tests.shop.goods import HOME, OFFICE, place, sell

CHANGES: dict[str, Callable[[Order], OrderView]] = {
    "add_item": lambda order: order.add_item("lamp", 1),
    "set_quantity": lambda order: order.set_quantity("lamp", 7),
    "remove_item": lambda order: order.remove_item("lamp"),
    "set_details": lambda order: order.set_details("new@example.com", OFFICE, HOME),
    "set_email": lambda order: order.set_email("new@example.com"),
    "set_billing_address": lambda order: order.set_billing_address(OFFICE),
    "set_shipping_address": lambda order: order.set_shipping_address(OFFICE),
    "ship": lambda order: order.ship(),
    "cancel": lambda order: order.cancel(),
}
NO_ORDER = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def order(clean_world: None) -> Order:
    """Two lamps and a chair, ordered by alice."""
    sell("lamp", "9.90")
    sell("chair", "120")
    return Order.of(place(lamp=2, chair=1))


def seen(order: Order) -> OrderView:
    view = order.get_order()
    assert view is not None
    return view


def quantities(view: OrderView) -> dict[str, int]:
    return {item.product_id: item.quantity for item in view.items}


def test_there_is_none_before() -> None:
    assert Order.of(NO_ORDER).get_order() is None
    for change in CHANGES.values():
        with pytest.raises(OrderNotFound):
            change(Order.of(NO_ORDER))


def test_it_is_made_once(order: Order) -> None:
    before = seen(order)
    other = NewOrder(
        user_id="bob", email="b@example.com", items=[], billing_address=OFFICE, market=Market()
    )
    assert order.create(other) == before


@pytest.mark.parametrize("change", CHANGES)
def test_it_can_be_changed_while_it_is_new(order: Order, change: str) -> None:
    before = seen(order)
    after = CHANGES[change](order)
    assert after != before
    assert after.updated_at > before.updated_at
    assert seen(order) == after


@pytest.mark.parametrize("end", ["ship", "cancel"])
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changes_after_its_end(order: Order, change: str, end: str) -> None:
    ended = CHANGES[end](order)
    with pytest.raises(ActionNotAllowed) as refused:
        CHANGES[change](order)
    assert refused.value.facts["order_status"] == ended.order_status
    assert seen(order) == ended


def test_adding_adds_and_setting_sets(order: Order) -> None:
    assert quantities(order.add_item("lamp", 3)) == {"lamp": 5, "chair": 1}
    assert quantities(order.set_quantity("lamp", 4)) == {"lamp": 4, "chair": 1}
    assert quantities(order.remove_item("chair")) == {"lamp": 4}


def test_its_total_is_exact(order: Order) -> None:
    assert str(seen(order).total) == "139.80"
    assert str(order.set_quantity("lamp", 999).total) == "10010.10"


def test_prices_stay_those_of_the_checkout(order: Order) -> None:
    sell("lamp", "12")
    assert str(order.set_quantity("lamp", 3).total) == "149.70"


def test_what_is_added_costs_what_it_costs_now(order: Order) -> None:
    sell("lamp", "12")
    assert str(order.add_item("lamp", 1).total) == "156.00"


def test_only_what_is_sold_can_be_added(order: Order) -> None:
    with pytest.raises(ProductNotFound):
        order.add_item("unicorn", 1)
    Pricing.of("lamp").put([], [], [])
    with pytest.raises(PricingNotFound):
        order.add_item("lamp", 1)
    with pytest.raises(QuantityTooLarge):
        order.add_item("chair", 999)
    with pytest.raises(ArgumentsNotValid):
        order.set_quantity("chair", 0)
    assert quantities(seen(order)) == {"lamp": 2, "chair": 1}


def test_what_is_not_in_it_can_be_neither_set_nor_taken_out(order: Order) -> None:
    sell("table", "300")
    with pytest.raises(ItemNotFound):
        order.set_quantity("table", 1)
    with pytest.raises(ItemNotFound):
        order.remove_item("table")


def test_it_keeps_to_the_rules_for_addresses(order: Order) -> None:
    with pytest.raises(EmailNotValid):
        order.set_email("")
    for change in (order.set_billing_address, order.set_shipping_address):
        with pytest.raises(AddressNotValid):
            change(HOME.model_copy(update={"city": ""}))


def test_an_order_of_nothing_cannot_be_shipped(order: Order) -> None:
    order.remove_item("lamp")
    order.remove_item("chair")
    with pytest.raises(EmptyItems):
        order.ship()
    assert seen(order).order_status == "new"
    order.add_item("chair", 1)
    assert order.ship().order_status == "shipped"


def test_an_order_of_nobody_cannot_be_shipped(order: Order) -> None:
    imported = Order.of(NO_ORDER)
    imported.create(NewOrder(user_id="alice", items=seen(order).items, market=Market()))
    with pytest.raises(BillingAddressNotSet):
        imported.ship()
    imported.set_billing_address(HOME)
    with pytest.raises(EmptyEmail):
        imported.ship()
    imported.set_email("alice@example.com")
    assert imported.ship().order_status == "shipped"


def test_the_same_again_changes_nothing(order: Order) -> None:
    once = order.set_email("new@example.com")
    assert order.set_email("new@example.com") == once


@pytest.mark.parametrize(
    "query", ["status:new", "user_id:alice", "product_id:lamp", "email:example", "alice", "*"]
)
def test_staff_finds_it(order: Order, query: str) -> None:
    assert OrderSearch.of().search(query).items == [seen(order)]


@pytest.mark.parametrize("query", ["status:shipped", "user_id:ali", "product_id:sofa", "x:y"])
def test_staff_finds_no_others(order: Order, query: str) -> None:
    assert OrderSearch.of().search(query).items == []


def test_what_waits_longest_is_found_first(order: Order) -> None:
    later = place(lamp=1)
    page = OrderSearch.of().search("status:new", limit=1)
    assert page.items == [seen(order)]
    rest = OrderSearch.of().search("status:new", cursor=page.next_cursor)
    assert [found.order_id for found in rest.items] == [later]
