"""What these tests sell, to whom, and where it goes."""

from __future__ import annotations

from decimal import Decimal

from shop.agents.cart import Cart
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import Address, PriceItem, ProductDetails

HOME = Address(
    street="1 Mill Lane",
    city="Harbourton",
    state_or_region="Coast",
    country="Freedonia",
    postal_code="12345",
)
OFFICE = HOME.model_copy(update={"street": "2 Quay Street", "name": "Alice at work"})


def sell(
    product_id: str,
    price: str,
    *,
    brand: str = "Aurora",
    tags: tuple[str, ...] = (),
    currency: str = "USD",
    zone: str = "global",
) -> None:
    """Have a product for sale at this price, beside those it has in other currencies and zones."""
    details = ProductDetails(name=product_id.title(), brand=brand, tags=list(tags))
    Product.of(product_id).put(details)
    item = PriceItem(price=Decimal(price), currency=currency, zone=zone)
    Pricing.of(product_id).merge(list_prices=[item])


def make_ready(user_id: str = "alice") -> None:
    """Give a cart all that a checkout needs but something to order."""
    Cart.of(user_id).set_email("alice@example.com")
    Cart.of(user_id).set_billing_address(HOME)


def place(user_id: str = "alice", **quantities: int) -> str:
    """Have alice, or another, order so many of these; the order's id."""
    make_ready(user_id)
    for product_id, quantity in quantities.items():
        Cart.of(user_id).add_item(product_id, quantity)
    return Cart.of(user_id).checkout().order_id
