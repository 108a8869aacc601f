"""The cart's page, by plain forms and by htmx, signed in and not."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User as Account
from agents_core import operations
from agents_core.testing import fault_at
from shop.agents.cart import Cart
from shop.agents.product import Product
from shop.agents.schemas import ProductDetails
from shop.guests import SESSION_KEY
from shop.markets import markets
from tests.browsing import HTMX
from tests.journeys.conftest import PASSWORD
from tests.shop.goods import sell

pytestmark = pytest.mark.usefixtures("goods")

IN_CART = {**HTMX, "HTTP_HX_TARGET": "cart"}


def quantities(cart_id: str = "alice") -> dict[str, int]:
    return {item.product_id: item.quantity for item in Cart.of(cart_id).get_cart().items}


def add(client: Client, product_id: str, quantity: int = 1, **data: str) -> None:
    path = f"/shop/cart/{product_id}/add/"
    assert client.post(path, {"quantity": quantity, **data}).status_code == 302


def text(client: Client, path: str = "/shop/cart/") -> str:
    return client.get(path).content.decode()


def test_it_says_that_it_is_empty_and_where_to_go(guest: Client, alice: Client) -> None:
    for client in (guest, alice):
        assert "Your cart is empty" in text(client)
        assert "Go to checkout" not in text(client)


def test_what_is_put_in_is_shown_with_its_sum(alice: Client) -> None:
    add(alice, "lamp", 3)
    page = text(alice)
    assert "Lamp" in page
    assert "$29.70" in page
    assert "3 things in your cart" in page
    assert "In your cart: Lamp" in page  # and not a second time
    assert "In your cart: Lamp" not in text(alice)


def test_the_same_form_twice_adds_once(alice: Client) -> None:
    for _ in range(2):
        add(alice, "lamp", 2, idempotency_key="k")
    assert quantities() == {"lamp": 2}


@pytest.mark.parametrize("quantity", ["0", "-3", "", "1000", "2.5", "many"])
def test_a_quantity_that_is_none_is_not_put_in(alice: Client, quantity: str) -> None:
    """In the originals a product's page took 0, −3 and nothing."""
    answer = alice.post("/shop/cart/lamp/add/", {"quantity": quantity}, follow=True)
    assert "whole number from 1 to 999" in answer.content.decode()
    part = alice.post("/shop/cart/lamp/add/", {"quantity": quantity}, **HTMX)
    assert (part.status_code, quantities()) == (422, {})
    add(alice, "lamp", 999)
    assert quantities() == {"lamp": 999}


def test_plus_and_minus_set_the_quantity_they_say(alice: Client) -> None:
    """The originals sent the new quantity to a route that adds: 2, plus one, was 5."""
    add(alice, "lamp", 2)
    for button, now in (("more", 3), ("more", 4), ("fewer", 3)):
        row = alice.get("/shop/cart/").context["rows"][0]
        alice.post(row.quantity_url, {"quantity": getattr(row, button)})
        assert quantities() == {"lamp": now}


@pytest.mark.parametrize("quantity", ["0", "-3", "", "1.5", "1000", "many"])
def test_a_quantity_that_is_none_is_said_beside_its_line(alice: Client, quantity: str) -> None:
    add(alice, "lamp", 2)
    for headers in ({}, IN_CART):
        answer = alice.post("/shop/cart/lamp/quantity/", {"quantity": quantity}, **headers)
        assert answer.status_code == 422
        assert 'aria-describedby="wrong-lamp"' in answer.content.decode()
    alice.post("/shop/cart/lamp/add/", {"quantity": quantity})
    assert quantities() == {"lamp": 2}


def test_what_is_removed_can_be_put_back(alice: Client) -> None:
    add(alice, "lamp", 3)
    removed = alice.post("/shop/cart/lamp/remove/", {"quantity": "3"}, follow=True)
    assert quantities() == {}
    assert removed.context["undo"] == {"product_id": "lamp", "name": "Lamp", "quantity": 3}
    answer = alice.post("/shop/cart/lamp/remove/", {"quantity": "3"}, follow=True)
    assert "no longer in your cart" in answer.content.decode()
    add(alice, "lamp", 3)
    assert quantities() == {"lamp": 3}
    part = alice.post("/shop/cart/lamp/remove/", {"quantity": "3"}, **IN_CART)
    assert part.context["undo"]["quantity"] == 3
    assert "<html" not in part.content.decode()


def test_an_address_cannot_offer_to_put_in_what_is_not_sold(alice: Client) -> None:
    for query in ("removed=unicorn&quantity=1", "removed=lamp&quantity=0", "removed=%00"):
        assert alice.get(f"/shop/cart/?{query}").context["undo"] is None
    assert alice.get("/shop/cart/?removed=lamp&quantity=2").context["undo"]["quantity"] == 2


def test_emptying_asks_first(alice: Client) -> None:
    add(alice, "lamp")
    assert "Empty your cart?" in text(alice, "/shop/cart/clear/")
    assert quantities() == {"lamp": 1}
    alice.post("/shop/cart/clear/")
    assert quantities() == {}


def test_changed_prices_and_what_is_gone_are_said_and_not_hidden(alice: Client) -> None:
    add(alice, "lamp", 2)
    add(alice, "chair")
    sell("lamp", "12")
    Product.of("chair").withdraw()
    page = text(alice)
    assert "Price changed from $9.90 to $12.00" in page
    assert "No longer sold" in page
    assert "$24.00" in page
    alice.post("/shop/cart/prices/")
    page = text(alice)
    assert "Price changed" not in page
    assert "No longer sold" in page


def test_a_name_is_shown_as_it_is_and_never_as_markup(alice: Client) -> None:
    Product.of("lamp").put(ProductDetails(name="<b>Lamp</b>", brand="Aurora & Co"))
    add(alice, "lamp")
    page = text(alice)
    assert "&lt;b&gt;Lamp&lt;/b&gt;" in page
    assert "<b>Lamp" not in page


def test_the_badge_counts_pieces(alice: Client, guest: Client) -> None:
    for client in (alice, guest):
        assert "hidden" in text(client, "/shop/cart/badge/")
        answer = client.post("/shop/cart/lamp/add/", {"quantity": "2"}, **HTMX)
        assert "2 things in it" in answer.content.decode()
        assert "In your cart: Lamp" in answer["HX-Trigger"]


def test_what_is_not_sold_cannot_be_put_in(alice: Client) -> None:
    assert alice.post("/shop/cart/unicorn/add/", {"quantity": "1"}).status_code == 404
    answer = alice.post("/shop/cart/unicorn/add/", {"quantity": "1"}, **HTMX)
    assert (answer.status_code, "unicorn" in answer["X-Message"]) == (404, True)


def test_what_was_seen_in_euros_is_bought_in_euros(alice: Client) -> None:
    sell("lamp", "8", currency="EUR", zone="eu")
    market = next(one.key for one in markets() if one.currency == "EUR")
    add(alice, "lamp", 1, market=market)
    assert str(Cart.of("alice").get_cart().total) == "8.00"
    assert Cart.of("alice").get_cart().currency == "EUR"


# Guests


def test_a_guest_has_a_cart_that_comes_along_at_sign_in(guest: Client) -> None:
    account = Account.objects.create_user("alice", password=PASSWORD)
    Cart.of("alice").add_item("lamp", 1)
    add(guest, "lamp", 3)
    add(guest, "chair")
    assert "$149.70" in text(guest)
    guest_id = guest.session[SESSION_KEY]
    assert guest.post("/shop/checkout/").status_code == 302
    guest.login(username=account.username, password=PASSWORD)
    assert quantities() == {"lamp": 3, "chair": 1}
    assert SESSION_KEY not in guest.session
    assert quantities(guest_id) == {}


def test_signing_in_does_not_fail_with_the_merge_which_is_made_up_for(
    guest: Client,
) -> None:
    account = Account.objects.create_user("alice", password=PASSWORD)
    add(guest, "lamp", 3)
    Cart.of("alice").set_email("alice@example.com")
    operations.interrupt("cart:alice", by="root")
    assert guest.login(username=account.username, password=PASSWORD)
    operations.resume("cart:alice", by="root")
    assert quantities() == {}
    add(guest, "chair")
    assert quantities() == {"lamp": 3, "chair": 1}
    add(guest, "chair")
    assert quantities() == {"lamp": 3, "chair": 2}


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_merge_that_died_at_its_commit_happens_once(guest: Client, side: str) -> None:
    account = Account.objects.create_user("alice", password=PASSWORD)
    add(guest, "lamp", 3)
    with fault_at("turn", side):  # type: ignore[arg-type]
        guest.login(username=account.username, password=PASSWORD)
    add(guest, "chair")
    assert quantities() == {"lamp": 3, "chair": 1}


def test_guests_see_their_own_cart_alone(guest: Client, alice: Client) -> None:
    add(guest, "lamp")
    assert "Lamp" not in text(Client())
    assert "Lamp" not in text(alice)
    assert "Lamp" in text(guest)
