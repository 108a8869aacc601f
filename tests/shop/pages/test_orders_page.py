"""The pages of orders: the list, one order, what can be done to it, and who may."""

from __future__ import annotations

import pytest
from django.test import Client

from agents_core.testing import step
from shop.agents.cart import Cart
from shop.agents.order import Order
from shop.agents.product import Product
from shop.agents.schemas import OrderView
from tests.browsing import HTMX
from tests.shop.goods import HOME, OFFICE, place, sell

pytestmark = pytest.mark.usefixtures("goods")

PATH = "/shop/orders/"


def seen(order_id: str) -> OrderView:
    view = Order.of(order_id).get_order()
    assert view is not None
    return view


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_who_has_never_ordered_is_told_where_to_start(alice: Client) -> None:
    """The originals said that there was an error."""
    page = text(alice, PATH)
    assert "No orders yet" in page
    assert "Start shopping" in page


def test_orders_stand_newest_first_ten_a_page(alice: Client) -> None:
    """In the originals the oldest came first."""
    placed = [place(lamp=number + 1) for number in range(11)]
    first = alice.get(PATH).context
    assert [order.order_id for order in first["orders"]] == placed[:0:-1]
    older = alice.get(PATH, {"cursor": first["next_cursor"]}).context
    assert [order.order_id for order in older["orders"]] == placed[:1]


def test_an_order_shows_its_lines_and_how_far_it_is(alice: Client) -> None:
    """The originals compared the status with words that nobody says."""
    order_id = place(lamp=2, chair=1)
    for status, done in (("new", 1), ("shipped", 2)):
        page = text(alice, f"{PATH}{order_id}/")
        assert "$139.80" in page
        assert "$19.80" in page
        assert "1 Mill Lane" in page
        assert page.count('class="done"') == done
        assert f'class="chip status {status}"' in page
        if status == "new":
            Order.of(order_id).ship()


def test_nobody_elses_order_is_there(alice: Client, bob: Client, root: Client) -> None:
    order_id = place(lamp=1)
    for path in ("", "edit/", "cancel/", "receipt/"):
        assert bob.get(f"{PATH}{order_id}/{path}").status_code == 404
        assert alice.get(f"{PATH}{order_id}/{path}").status_code == 200
        assert root.get(f"{PATH}{order_id}/{path}").status_code == 200
    for path in ("cancel/", "ship/", "again/", "lamp/quantity/", "lamp/remove/"):
        assert bob.post(f"{PATH}{order_id}/{path}", {"quantity": "2"}).status_code == 404
    assert seen(order_id).order_status == "new"
    assert bob.get(f"{PATH}0198c0de-0000-7000-8000-000000000000/").status_code == 404
    assert bob.get(f"{PATH}something/").status_code == 404


def test_something_is_added_while_it_is_new(alice: Client, bob: Client) -> None:
    order_id = place(lamp=1)
    address = f"{PATH}{order_id}/"
    page = text(alice, address)
    assert "Add a product" in page
    assert "chair/add/" not in page
    assert f"{address}chair/add/" in text(alice, f"{address}?add=chair")
    assert "Nothing in the shop" in text(alice, f"{address}?add=unicorn")
    form = {"quantity": "1", "idempotency_key": "once"}
    assert bob.post(f"{address}chair/add/", form).status_code == 404
    for _ in range(2):
        answer = alice.post(f"{address}chair/add/", form)
        assert (answer.status_code, answer["Location"]) == (302, address)
    lines = {item.product_id: item.quantity for item in seen(order_id).items}
    assert lines == {"lamp": 1, "chair": 1}
    part = alice.post(f"{address}chair/add/", {"quantity": "1", "add": "chair"}, **HTMX)
    assert "<html" not in part.content.decode()
    assert f"{address}chair/add/" in part.content.decode()
    assert alice.post(f"{address}chair/add/", {"quantity": "0"}).status_code == 422
    assert alice.post(f"{address}unicorn/add/", {"quantity": "1"}).status_code == 404
    assert [item.quantity for item in seen(order_id).items] == [1, 2]
    Order.of(order_id).ship()
    assert "Add a product" not in text(alice, f"{address}?add=chair")
    assert alice.post(f"{address}chair/add/", {"quantity": "1"}).status_code == 409
    assert [item.quantity for item in seen(order_id).items] == [1, 2]


def test_what_is_added_is_offered_where_the_order_buys(alice: Client) -> None:
    order_id = place(lamp=1)
    sell("rug", "95", currency="EUR", zone="eu")
    step()
    assert "rug/add/" not in text(alice, f"{PATH}{order_id}/?add=rug")
    sell("rug", "99")
    step()
    alice.post("/shop/market/", {"market": "EUR/eu"})
    page = text(alice, f"{PATH}{order_id}/?add=rug")
    assert "rug/add/" in page
    assert "$99.00" in page


def test_its_owner_calls_it_off_after_being_asked(alice: Client) -> None:
    order_id = place(lamp=1)
    assert "Cancel this order?" in text(alice, f"{PATH}{order_id}/cancel/")
    assert seen(order_id).order_status == "new"
    assert alice.post(f"{PATH}{order_id}/cancel/").status_code == 302
    assert seen(order_id).order_status == "cancelled"
    assert alice.post(f"{PATH}{order_id}/cancel/").status_code == 409


def test_staff_ships_and_nobody_else(alice: Client, root: Client) -> None:
    order_id = place(lamp=1)
    assert alice.post(f"{PATH}{order_id}/ship/").status_code == 403
    assert seen(order_id).order_status == "new"
    assert root.post(f"{PATH}{order_id}/ship/").status_code == 302
    assert seen(order_id).order_status == "shipped"


def test_lines_change_while_it_is_new(alice: Client) -> None:
    order_id = place(lamp=2, chair=1)
    assert alice.post(f"{PATH}{order_id}/lamp/quantity/", {"quantity": "5"}).status_code == 302
    wrong = alice.post(f"{PATH}{order_id}/lamp/quantity/", {"quantity": "0"})
    assert (wrong.status_code, 'id="wrong-lamp"' in wrong.content.decode()) == (422, True)
    part = alice.post(f"{PATH}{order_id}/chair/remove/", **HTMX)
    assert "<html" not in part.content.decode()
    assert [(item.product_id, item.quantity) for item in seen(order_id).items] == [("lamp", 5)]


def test_details_change_all_at_once_or_not_at_all(alice: Client) -> None:
    order_id = place(lamp=1)
    path = f"{PATH}{order_id}/edit/"
    assert alice.get(path).context["shipping"].initial["street"] == HOME.street
    data = {f"shipping-{field}": value or "" for field, value in OFFICE.model_dump().items()}
    wrong = alice.post(path, {**data, "email": "nobody", "billing_is_shipping": "on"})
    assert wrong.status_code == 422
    assert seen(order_id).shipping_address is None
    alice.post(path, {**data, "email": "new@example.com", "billing_is_shipping": "on"})
    order = seen(order_id)
    assert (order.email, order.shipping_address, order.billing_address) == (
        "new@example.com",
        OFFICE,
        OFFICE,
    )
    assert "Changed the e-mail or an address" in text(alice, f"{PATH}{order_id}/")


@pytest.mark.parametrize("end", ["ship", "cancel"])
def test_after_its_end_nothing_changes_by_any_form(alice: Client, root: Client, end: str) -> None:
    order_id = place(lamp=2)
    getattr(Order.of(order_id), end)()
    before = seen(order_id)
    for client in (alice, root):
        for path in ("lamp/quantity/", "lamp/remove/", "cancel/", "edit/"):
            data = {"quantity": "5", "email": "new@example.com"}
            assert client.post(f"{PATH}{order_id}/{path}", data).status_code == 409
    assert root.post(f"{PATH}{order_id}/ship/").status_code == 409
    assert seen(order_id) == before
    page = text(alice, f"{PATH}{order_id}/")
    assert "Cancel order" not in page
    assert "/lamp/quantity/" not in page


def test_its_history_says_who_did_what(alice: Client, root: Client) -> None:
    order_id = place(lamp=2)
    alice.post(f"{PATH}{order_id}/lamp/quantity/", {"quantity": "3"})
    root.post(f"{PATH}{order_id}/ship/")
    history = alice.get(f"{PATH}{order_id}/").context["history"]
    assert [(word, event.by) for word, event in history] == [
        ("Shipped", "staff"),
        ("Changed the quantity", "alice"),
        ("Ordered", "alice"),
    ]


def test_the_same_can_be_ordered_again(alice: Client, root: Client) -> None:
    order_id = place(lamp=2, chair=1)
    Product.of("chair").withdraw()
    answer = alice.post(f"{PATH}{order_id}/again/", follow=True)
    assert "but for what is no longer sold" in answer.content.decode()
    (line,) = Cart.of("alice").get_cart().items
    assert (line.product_id, line.quantity) == ("lamp", 2)
    assert root.post(f"{PATH}{order_id}/again/").status_code == 404


def test_a_receipt_fits_on_paper(alice: Client) -> None:
    order_id = place(lamp=2)
    page = text(alice, f"{PATH}{order_id}/receipt/")
    assert "$19.80" in page
    assert order_id in page
    assert 'class="nav"' not in page


def test_the_list_shows_how_far_each_is(alice: Client) -> None:
    order_id = place(lamp=1)
    Order.of(order_id).cancel()
    step()
    assert "Cancelled" in text(alice, PATH)
    assert "<html" not in alice.get(PATH, **HTMX).content.decode()


@pytest.mark.parametrize(
    "path", ["cart/lamp/add/", "cart/lamp/quantity/", "cart/lamp/remove/", "cart/prices/"]
)
def test_reading_changes_nothing(alice: Client, path: str) -> None:
    assert alice.get(f"/shop/{path}").status_code == 405
