"""From a cart to an order: both change, or neither."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents_core import AgentError, Caller, calling
from agents_core.errors import OutcomeUnknown
from agents_core.testing import fault_at, step
from shop.agents.cart import Cart
from shop.agents.errors import (
    BillingAddressNotSet,
    CartChanged,
    EmptyEmail,
    EmptyItems,
    TotalChanged,
)
from shop.agents.order import Order
from shop.agents.product import Product
from shop.agents.schemas import CartView, CheckoutDetails
from tests.shop.goods import HOME, OFFICE, make_ready, place, sell

ALICE = "alice"


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    sell("lamp", "9.90")
    sell("chair", "120")


def orders() -> list[str]:
    return [order.order_id for order in Cart.of(ALICE).get_orders().items]


def test_it_makes_an_order_of_what_is_in_the_cart() -> None:
    Cart.of(ALICE).set_shipping_address(OFFICE)
    order = Order.of(place(lamp=3, chair=1)).get_order()
    assert order is not None
    assert (order.user_id, order.order_status, order.email) == (ALICE, "new", "alice@example.com")
    assert [(item.product_id, str(item.price), item.quantity) for item in order.items] == [
        ("lamp", "9.90", 3),
        ("chair", "120.00", 1),
    ]
    assert (str(order.total), order.currency) == ("149.70", "USD")
    assert (order.billing_address, order.shipping_address) == (HOME, OFFICE)


def test_it_empties_the_cart_but_for_the_email() -> None:
    order_id = place(lamp=1)
    cart = Cart.of(ALICE).get_cart()
    assert (cart.items, cart.billing_address, cart.shipping_address) == ([], None, None)
    assert (cart.email, cart.previous_order_ids) == ("alice@example.com", [order_id])


def test_it_remembers_the_addresses() -> None:
    Cart.of(ALICE).set_shipping_address(OFFICE)
    place(lamp=1)
    place(lamp=1)
    assert Cart.of(ALICE).get_cart().address_book == [HOME, OFFICE]


def test_orders_are_listed_newest_first() -> None:
    placed = [place(lamp=1) for _ in range(3)]
    page = Cart.of(ALICE).get_orders(limit=2)
    assert [order.order_id for order in page.items] == placed[:0:-1]
    rest = Cart.of(ALICE).get_orders(limit=2, cursor=page.next_cursor)
    assert [order.order_id for order in rest.items] == placed[:1]
    assert Cart.of(ALICE).get_cart().previous_order_ids == placed[::-1]


def test_it_asks_for_items_then_billing_address_then_email() -> None:
    with pytest.raises(EmptyItems):
        Cart.of(ALICE).checkout()
    Cart.of(ALICE).add_item("lamp", 1)
    with pytest.raises(BillingAddressNotSet):
        Cart.of(ALICE).checkout()
    Cart.of(ALICE).set_billing_address(HOME)
    with pytest.raises(EmptyEmail):
        Cart.of(ALICE).checkout()
    Cart.of(ALICE).set_email("alice@example.com")
    assert orders() == []
    made = Cart.of(ALICE).checkout()
    assert orders() == [made.order_id]


def test_it_takes_the_prices_of_the_moment() -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 2)
    sell("lamp", "12")
    order = Order.of(Cart.of(ALICE).checkout().order_id).get_order()
    assert order is not None
    assert str(order.total) == "24.00"


def test_it_orders_nothing_for_another_total_than_was_shown() -> None:
    make_ready()
    shown = Cart.of(ALICE).add_item("lamp", 2).total
    sell("lamp", "12")
    with pytest.raises(TotalChanged) as refused:
        Cart.of(ALICE).checkout(shown)
    assert refused.value.facts["total"] == "24.00"
    assert (orders(), len(Cart.of(ALICE).get_cart().items)) == ([], 1)
    Cart.of(ALICE).checkout(Cart.of(ALICE).get_cart().total)
    assert len(orders()) == 1


def test_what_is_no_longer_sold_is_not_ordered() -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 1)
    Cart.of(ALICE).add_item("chair", 1)
    Product.of("chair").withdraw()
    order = Order.of(Cart.of(ALICE).checkout().order_id).get_order()
    assert order is not None
    assert [item.product_id for item in order.items] == ["lamp"]


def test_nothing_that_is_still_sold_is_nothing() -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 1)
    Product.of("lamp").withdraw()
    with pytest.raises(EmptyItems):
        Cart.of(ALICE).checkout()


def test_a_second_checkout_finds_an_empty_cart() -> None:
    place(lamp=1)
    with pytest.raises(EmptyItems):
        Cart.of(ALICE).checkout()
    assert len(orders()) == 1


def test_the_same_key_gets_the_same_order() -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 1)
    made = []
    for _ in range(2):
        with calling(Caller(ALICE), key="k"):
            made.append(Cart.of(ALICE).checkout().order_id)
    assert made[0] == made[1]
    assert orders() == made[:1]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_lost_commit_and_a_retry_make_one_order(side: str) -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 1)
    with fault_at("turn", side), calling(Caller(ALICE), key="k"):  # type: ignore[arg-type]
        first = Cart.of(ALICE).checkout()
    with calling(Caller(ALICE), key="k") as again:
        assert Cart.of(ALICE).checkout() == first
    assert again.replayed
    assert orders() == [first.order_id]
    assert Cart.of(ALICE).get_cart().items == []


@pytest.mark.parametrize("side", ["before", "after"])
def test_without_a_key_a_lost_commit_is_whole_or_not_at_all(side: str) -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 1)
    with fault_at("turn", side), pytest.raises(OutcomeUnknown):  # type: ignore[arg-type]
        Cart.of(ALICE).checkout()
    left = len(Cart.of(ALICE).get_cart().items)
    assert (len(orders()), left) == ((0, 1) if side == "before" else (1, 0))


def test_a_refused_order_leaves_the_cart_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    make_ready()
    before = Cart.of(ALICE).add_item("lamp", 1)

    def broken(state: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Order, "search_fields", broken)
        with pytest.raises(Exception):  # noqa: B017  # whatever becomes of it
            Cart.of(ALICE).checkout()
    assert Cart.of(ALICE).get_cart() == before
    assert orders() == []


def test_news_of_an_order_reach_its_owners_cart() -> None:
    order_id = place(lamp=1)
    Order.of(order_id).ship()
    step()
    (ref,) = Cart.of(ALICE).get_order_refs().items
    assert (ref.order_id, ref.order_status) == (order_id, "shipped")


def test_nobody_elses_order_gets_into_a_cart() -> None:
    ref = Order.of(place(lamp=1)).get_order()
    assert ref is not None
    Cart.of("bob").order_changed(ref.ref())
    assert Cart.of("bob").get_orders().items == []


def filled_in(cart: CartView, **changes: Any) -> CheckoutDetails:
    details = CheckoutDetails(
        email="alice@example.com",
        billing_address=HOME,
        shipping_address=OFFICE,
        revision=cart.revision,
        total=cart.total,
    )
    return details.model_copy(update=changes)


def test_a_whole_form_is_ordered_in_one_step() -> None:
    cart = Cart.of(ALICE).add_item("lamp", 1)
    order = Order.of(Cart.of(ALICE).place_order(filled_in(cart)).order_id).get_order()
    assert order is not None
    assert (order.email, order.billing_address, order.shipping_address) == (
        "alice@example.com",
        HOME,
        OFFICE,
    )
    left = Cart.of(ALICE).get_cart()
    assert (left.items, left.email, left.address_book) == ([], order.email, [OFFICE, HOME])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "nobody"}, "email_not_valid"),
        ({"billing_address": HOME.model_copy(update={"city": ""})}, "address_not_valid"),
        ({"shipping_address": HOME.model_copy(update={"street": ""})}, "address_not_valid"),
        ({"total": Decimal("9.89")}, "total_changed"),
        ({"revision": 0}, "cart_changed"),
    ],
)
def test_a_form_that_is_refused_leaves_nothing_behind(changes: dict[str, Any], code: str) -> None:
    cart = Cart.of(ALICE).add_item("lamp", 1)
    with pytest.raises(AgentError) as refused:
        Cart.of(ALICE).place_order(filled_in(cart, **changes))
    assert refused.value.code == code
    assert (Cart.of(ALICE).get_cart(), orders()) == (cart, [])
    Cart.of(ALICE).place_order(filled_in(cart))
    assert len(orders()) == 1


def test_forms_of_one_cart_in_two_tabs_make_one_order() -> None:
    details = filled_in(Cart.of(ALICE).add_item("lamp", 1))
    Cart.of(ALICE).place_order(details)
    with pytest.raises(EmptyItems):
        Cart.of(ALICE).place_order(details)
    Cart.of(ALICE).add_item("lamp", 1)
    with pytest.raises(CartChanged):
        Cart.of(ALICE).place_order(details)
    assert len(orders()) == 1
