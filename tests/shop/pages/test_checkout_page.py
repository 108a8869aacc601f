"""From the cart's page to an order: forms, refusals, and one order however often they are sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from shop.agents.cart import Cart
from shop.agents.product import Product
from shop.agents.schemas import OrderView
from tests.shop.goods import HOME, OFFICE, sell

pytestmark = pytest.mark.usefixtures("goods")

PATH = "/shop/checkout/"


class Prepaid:
    """A way to pay, for these tests."""

    label = "Place order and pay"

    def payment_page(self, order: OrderView) -> str:
        return f"https://pay.example/{order.order_id}?amount={order.total}{order.currency}"


def form(client: Client, **changes: str) -> dict[str, str]:
    """The page's form as it stands, filled in."""
    context = client.get(PATH).context
    address = {f"shipping-{field}": value or "" for field, value in HOME.model_dump().items()}
    hidden = {
        "idempotency_key": context["key"],
        "revision": str(context["cart"].revision),
        "total": str(context["cart"].total),
    }
    rest = {"email": "alice@example.com", "billing_is_shipping": "on"}
    return {**hidden, **rest, **address, **changes}


def orders() -> list[OrderView]:
    return Cart.of("alice").get_orders().items


@pytest.fixture
def shopper(alice: Client) -> Client:
    """Alice with two lamps."""
    Cart.of("alice").add_item("lamp", 2)
    return alice


def test_an_empty_cart_has_nothing_to_check_out(alice: Client) -> None:
    assert alice.get(PATH)["Location"] == "/shop/cart/"


def test_a_guest_signs_in_first_and_comes_back(guest: Client) -> None:
    assert guest.get(PATH)["Location"] == f"/accounts/login/?next={PATH}"


def test_an_order_is_placed_and_thanked_for(shopper: Client) -> None:
    page = shopper.get(PATH).content.decode()
    assert "Place order" in page
    assert "Pay" not in page
    assert "no tax and no charge for shipping" in page
    assert 'autocomplete="shipping postal-code"' in page
    answer = shopper.post(PATH, form(shopper), follow=True)
    (order,) = orders()
    assert answer.redirect_chain == [(f"/shop/orders/{order.order_id}/", 302)]
    assert "We have your order" in answer.content.decode()
    assert (order.billing_address, order.shipping_address) == (HOME, HOME)
    assert (str(order.total), order.email) == ("19.80", "alice@example.com")
    assert Cart.of("alice").get_cart().items == []


def test_the_bill_can_go_elsewhere(shopper: Client) -> None:
    billing = {f"billing-{field}": value or "" for field, value in OFFICE.model_dump().items()}
    data = form(shopper, **billing)
    del data["billing_is_shipping"]
    shopper.post(PATH, data)
    (order,) = orders()
    assert (order.billing_address, order.shipping_address) == (OFFICE, HOME)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "id_email"),
        ({"email": ""}, "id_email"),
        ({"shipping-city": " "}, "id_shipping-city"),
        ({"shipping-phone_number": "call me"}, "id_shipping-phone_number"),
        ({"billing_is_shipping": "", "billing-street": ""}, "id_billing-street"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_kept(
    shopper: Client, wrong: dict[str, str], field: str
) -> None:
    """The originals did not look at billing fields, and were silent about every failure."""
    data = form(shopper, **wrong)
    if wrong.get("billing_is_shipping") == "":
        del data["billing_is_shipping"]
    answer = shopper.post(PATH, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#{field}"' in page
    assert f'id="{field}_error"' in page
    assert "1 Mill Lane" in page
    assert orders() == []
    assert Cart.of("alice").get_cart().email is None


def test_a_form_sent_twice_makes_one_order(shopper: Client) -> None:
    data = form(shopper)
    first, second = (shopper.post(PATH, data)["Location"] for _ in range(2))
    assert first == second
    assert len(orders()) == 1


def test_two_tabs_make_one_order(shopper: Client) -> None:
    one, other = form(shopper), form(shopper, email="other@example.com")
    shopper.post(PATH, one)
    answer = shopper.post(PATH, other, follow=True)
    assert answer.redirect_chain[0][0] == "/shop/orders/"
    assert "ordered already" in answer.content.decode()
    assert len(orders()) == 1


def test_another_cart_or_total_than_was_shown_is_not_ordered(shopper: Client) -> None:
    data = form(shopper)
    sell("lamp", "12")
    answer = shopper.post(PATH, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was ordered." in page
    assert "price changed from $9.90 to $12.00" in page
    Cart.of("alice").set_quantity("lamp", 1)
    assert shopper.post(PATH, form_of(answer, data)).status_code == 409
    assert orders() == []
    last = shopper.post(PATH, form_of(answer, data))
    assert shopper.post(PATH, form_of(last, data)).status_code == 302
    (order,) = orders()
    assert str(order.total) == "12.00"


def form_of(answer: Any, data: dict[str, str]) -> dict[str, str]:
    """The same once more, with the cart that the refusal showed."""
    cart = answer.context["cart"]
    shown = {"revision": str(cart.revision), "total": str(cart.total)}
    return {**data, **shown, "idempotency_key": answer.context["key"]}


def test_a_hidden_field_that_was_tampered_with_orders_nothing(shopper: Client) -> None:
    for wrong in ({"total": "free"}, {"revision": "-1"}, {"total": "NaN"}):
        assert shopper.post(PATH, form(shopper, **wrong)).status_code == 422
    assert orders() == []


def test_what_is_no_longer_sold_is_said(shopper: Client) -> None:
    Cart.of("alice").add_item("chair", 1)
    Product.of("chair").withdraw()
    assert "Chair: no longer sold, left out" in shopper.get(PATH).content.decode()


def test_next_time_the_addresses_are_there(shopper: Client) -> None:
    """The originals often did not fill in what was saved."""
    shopper.post(PATH, form(shopper, **{"shipping-street": "2 Quay Street"}))
    Cart.of("alice").add_item("lamp", 1)
    shopper.post(PATH, form(shopper))
    Cart.of("alice").add_item("lamp", 1)
    fresh = shopper.get(PATH).context
    assert fresh["shipping"].initial["street"] == "1 Mill Lane"
    assert fresh["contact"].initial["email"] == "alice@example.com"
    chosen = shopper.get(PATH, {"address": "1"}).context
    assert chosen["shipping"].initial["street"] == "2 Quay Street"
    for nowhere in ("2", "-1", "x", "99999999999"):
        assert shopper.get(PATH, {"address": nowhere}).status_code == 200
    shopper.post(f"{PATH}forget/", {"address": "0"})
    (left,) = Cart.of("alice").get_cart().address_book
    assert left.street == "2 Quay Street"


def test_where_a_way_to_pay_is_installed_it_comes_after_the_order(
    shopper: Client, settings: Any
) -> None:
    settings.PAYMENT_PROVIDER = f"{Prepaid.__module__}.Prepaid"
    assert "Place order and pay" in shopper.get(PATH).content.decode()
    data = form(shopper)
    answers = {shopper.post(PATH, data)["Location"] for _ in range(2)}
    (order,) = orders()
    assert answers == {f"https://pay.example/{order.order_id}?amount=19.80USD"}
