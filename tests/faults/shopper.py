"""Somebody who shops. Run as `python -m tests.faults.shopper ACT NAME` by the nursery."""

from __future__ import annotations

import sys
from decimal import Decimal

from agents_core import calling
from shop.agents.cart import Cart
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem, ProductDetails
from tests.shop.goods import HOME


def fill(name: str) -> None:
    """Have something in the cart, and all that a checkout asks for."""
    Product.of("lamp").put(ProductDetails(name="Lamp", brand="Aurora"))
    Pricing.of("lamp").merge(list_prices=[PriceItem(price=Decimal("9.90"), currency="USD")])
    Cart.of(name).set_email(f"{name}@example.com")
    Cart.of(name).set_billing_address(HOME)
    Cart.of(name).add_item("lamp", 2)


def check_out(name: str) -> None:
    """Order it; who was killed does the same again."""
    Cart.of(name).checkout()


def main(act: str, name: str) -> None:
    """Do it, under a key of its own."""
    with calling(name, key=f"{name} {act}"):
        {"fill": fill, "check_out": check_out}[act](name)


if __name__ == "__main__":
    main(*sys.argv[1:])
