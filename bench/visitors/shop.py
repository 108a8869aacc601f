"""A locustfile: the scenarios of the shop, each as likely as any other."""

from __future__ import annotations

from urllib.parse import quote

from locust import task

from bench.visitors import plan
from bench.visitors.recording import VISIT
from bench.visitors.visitor import Visitor

BASE = "/shopping"
ADDRESS = {
    "street": "1 Mill Lane",
    "city": "Harbourton",
    "state_or_region": "Coast",
    "country": "Freedonia",
    "postal_code": "12345",
}
free_carts = [plan.user_id(number) for number in range(plan.SHOPPERS)]
"""Whoever fills one takes it out of this list: two in one cart would empty it for each other."""


class Shopper(Visitor):
    """Looks at products, or buys as one of ten customers."""

    def any_product(self) -> str:
        copy = self.lot.randrange(VISIT["shelves"])
        return plan.product_id(self.lot.randrange(plan.PRODUCTS), copy)

    @task
    def read_product(self) -> None:
        path = f"{BASE}/products/{self.any_product()}"
        self.ask("read product", "GET", path, has="product_id")

    @task
    def search_by_brand(self) -> None:
        query = quote(f'brand:"{self.lot.choice(plan.BRANDS)}"')
        self.ask("search by brand", "GET", f"{BASE}/products/search?query={query}", has="items")

    @task
    def read_pricing(self) -> None:
        path = f"{BASE}/pricing/{self.any_product()}"
        self.ask("read pricing", "GET", path, has="product_id")

    @task
    def buy(self) -> None:
        if not free_carts:
            return
        shopper = free_carts.pop(0)
        try:
            self.fill_and_order(shopper)
        finally:
            free_carts.append(shopper)

    def fill_and_order(self, shopper: str) -> None:
        cart = f"{BASE}/carts/{shopper}"
        wanted: set[str] = set()
        while len(wanted) < 4:
            wanted.add(self.any_product())
        for product in sorted(wanted):
            path = f"{cart}/items/{product}"
            body = {"quantity": self.lot.randint(1, 3)}
            self.ask("add item", "PUT", path, by=shopper, body=body, has="items")
        path = f"{cart}/items/{min(wanted)}"
        self.ask("remove item", "DELETE", path, by=shopper, has="items")
        mail = {"email": f"{shopper}@example.org"}
        self.ask("set e-mail", "PUT", f"{cart}/email", by=shopper, body=mail, has="email")
        for kind in ("billing", "shipping"):
            path = f"{cart}/{kind}-address"
            self.ask("set address", "PUT", path, by=shopper, body=ADDRESS, has=f"{kind}_address")
        self.ask("read cart", "GET", cart, by=shopper, has="items")
        made = self.ask("check out", "POST", f"{cart}/checkout", by=shopper, has="order_id")
        path = f"{BASE}/orders/{made['order_id']}"
        self.ask("read order", "GET", path, by=shopper, has="items")
