"""From a cart to an order, with script and without, live in every tab."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from shop.agents.cart import Cart
from shop.agents.order import Order
from tests.journeys.conftest import PASSWORD, Open
from tests.journeys.test_looks import LOOKS, look
from tests.journeys.test_newcomer import BOTH
from tests.shop.goods import HOME, place, sell

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def goods(site: object) -> None:
    sell("lamp", "9.90")
    sell("chair", "120")


def fill_in(page: Page) -> None:
    page.get_by_label("E-mail").fill("alice@example.com")
    shipping = page.get_by_role("region", name="Shipping address")
    for label, value in (
        ("Street and number", HOME.street),
        ("City", HOME.city),
        ("State or region", HOME.state_or_region),
        ("Postal code", HOME.postal_code),
        ("Country", HOME.country),
    ):
        shipping.get_by_label(label).fill(value)


@BOTH
def test_a_guest_gathers_signs_in_and_orders(
    visitor: Open, alice: Account, options: dict[str, Any]
) -> None:
    # The suite's quick hashes are none that the site would take.
    alice.password = Argon2PasswordHasher().encode(PASSWORD, "salt and salt")
    alice.save()
    page = visitor(**options).visit("/shop/products/lamp/")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#toasts")).to_contain_text("In your cart: Lamp")
    expect(page.locator("#cart-badge")).to_contain_text("2")
    page.get_by_role("link", name="Cart").click()
    page.get_by_role("button", name="One more").click()
    expect(page.locator("#cart-sum")).to_have_text("$29.70")
    page.get_by_role("button", name="Remove Lamp").click()
    expect(page.get_by_text("Removed: Lamp")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cart-sum")).to_have_text("$29.70")

    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Place order").click()
    if not options:
        expect(page.locator("#form-errors")).to_be_focused()
    expect(page.locator("#form-errors")).to_contain_text("Shipping: City")
    fill_in(page)
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#toasts")).to_contain_text("We have your order")
    expect(page.locator("#order-sum")).to_have_text("$29.70")

    page.get_by_role("button", name="One less").click()
    expect(page.locator("#order-sum")).to_have_text("$19.80")
    page.get_by_text("Add a product").click()
    page.get_by_label("What to add").fill("chair")
    page.get_by_role("button", name="Look", exact=True).click()
    page.locator("#add-chair").click()
    expect(page.locator("#toasts")).to_contain_text("Added: Chair")
    expect(page.locator("#order-sum")).to_have_text("$139.80")
    if not options:
        expect(page.locator("#add-chair")).to_be_focused()
    page.get_by_role("button", name="Remove Chair").click()
    expect(page.locator("#order-sum")).to_have_text("$19.80")
    page.get_by_role("link", name="Cancel order").click()
    page.get_by_role("button", name="Cancel order").click()
    expect(page.locator("#order .status")).to_have_text("Cancelled")
    expect(page.get_by_role("list").filter(has_text="Changed the quantity")).to_contain_text("you")
    page.get_by_role("button", name="Order again").click()
    expect(page.locator("#cart-sum")).to_have_text("$19.80")


def test_a_cart_and_its_badge_are_live_in_every_tab(visitor: Open, alice: Account) -> None:
    cart, elsewhere = visitor(alice).visit("/shop/cart/"), visitor(alice).visit("/account/")
    expect(cart.get_by_role("heading", name="Your cart is empty")).to_be_visible()
    product = visitor(alice).visit("/shop/products/lamp/")
    product.get_by_label("Quantity").fill("2")
    product.get_by_role("button", name="Add to cart").click()
    expect(cart.locator("#cart-sum")).to_have_text("$19.80")
    expect(elsewhere.locator("#cart-badge")).to_contain_text("2")
    cart.get_by_label("Quantity", exact=True).fill("5")
    cart.get_by_label("Quantity", exact=True).press("Enter")
    expect(cart.locator("#cart-sum")).to_have_text("$49.50")
    expect(elsewhere.locator("#cart-badge")).to_contain_text("5")
    expect(cart.get_by_label("Quantity", exact=True)).to_be_focused()


def test_a_price_that_staff_changes_arrives_on_open_pages(visitor: Open, alice: Account) -> None:
    Cart.of("alice").add_item("lamp", 2)
    cart = visitor(alice).visit("/shop/cart/")
    product = visitor(alice).visit("/shop/products/lamp/")
    products = visitor(alice).visit("/shop/products/?sort=name")
    prices = products.locator(".product-card .price strong")
    expect(prices).to_have_text(["$120.00", "$9.90"])
    products.keyboard.press("/")
    expect(products.get_by_label("Search products")).to_be_focused()
    product.get_by_label("Quantity").fill("7")
    product.keyboard.press("Tab")
    product.keyboard.press("/")
    expect(product.get_by_label("Search products")).to_be_focused()
    staff = visitor(Account.objects.create_user("root", is_staff=True))
    form = staff.visit("/admin/shop/product/lamp/change/")
    form.locator("#id_list-0-price").fill("8.80")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved.")).to_be_visible()
    expect(prices).to_have_text(["$120.00", "$8.80"])
    expect(product.locator("#price")).to_have_text("$8.80")
    expect(product.get_by_label("Quantity")).to_have_value("7")
    expect(cart.locator("#cart-sum")).to_have_text("$17.60")
    expect(cart.get_by_text("Price changed from $9.90 to $8.80")).to_be_visible()


def test_an_orders_status_arrives_on_open_pages(visitor: Open, alice: Account) -> None:
    order_id = place(lamp=1)
    order = visitor(alice).visit(f"/shop/orders/{order_id}/")
    orders = visitor(alice).visit("/shop/orders/")
    expect(order.locator("#order .status")).to_have_text("New")
    Order.of(order_id).ship()
    expect(order.locator("#order .status")).to_have_text("Shipped")
    expect(order.get_by_role("link", name="Cancel order")).to_have_count(0)
    expect(orders.locator("#orders .status")).to_have_text("Shipped")


def test_put_in_twice_is_twice_and_emptying_asks(visitor: Open, alice: Account) -> None:
    page = visitor(alice).visit("/shop/products/lamp/")
    for pieces in ("1", "2"):
        page.get_by_role("button", name="Add to cart").click()
        expect(page.locator("#cart-badge")).to_contain_text(pieces)
    page.get_by_role("link", name="Cart").click()
    page.get_by_role("link", name="Empty the cart").click()
    page.get_by_role("dialog").get_by_role("button", name="Empty the cart").click()
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()


@LOOKS
def test_carts_and_orders_are_for_everybody(visitor: Open, alice: Account, width: int) -> None:
    order_id = place(lamp=2, chair=1)
    Cart.of("alice").add_item("lamp", 2)
    sell("lamp", "12")
    guest = visitor(alice, viewport={"width": width, "height": 800})
    paths = ("cart/", "cart/?removed=chair&quantity=1", "cart/clear/", "checkout/", "orders/")
    parts = ("", "edit/", "receipt/")
    for path in (*paths, *(f"orders/{order_id}/{part}" for part in parts)):
        look(guest.visit(f"/shop/{path}"), path)
    page = guest.visit("/shop/checkout/")
    page.get_by_label("The bill goes to the same address").uncheck()
    page.get_by_role("button", name="Place order").click()
    expect(page.locator("#form-errors")).to_be_visible()
    look(page, "a checkout with errors")
