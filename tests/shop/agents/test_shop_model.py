"""Carts, prices and orders against a plain model: whatever is done, totals and states are exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agents_core import AgentError
from shop.agents.cart import Cart
from shop.agents.order import Order
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import CheckoutDetails, PriceItem, ProductDetails, SalePriceItem
from tests.shop.goods import HOME

GOODS = ("lamp", "chair", "table")
PRODUCTS = st.sampled_from(GOODS)
CENTS = st.integers(0, 1_000_000)
QUANTITIES = st.sampled_from([1, 2, 7, 500, 999])
CHANGES = st.sampled_from(["add_item", "set_quantity", "remove_item"])
ENDS = st.sampled_from(["ship", "cancel"])


@dataclass
class Ware:
    """A product as the model knows it: prices in cents, the list price before the MSRP."""

    sold: bool = True
    msrp: int | None = None
    listed: int | None = None
    sale: int | None = None

    def price(self) -> int | None:
        prices = (self.sale, self.listed, self.msrp)
        return next((price for price in prices if price is not None), None)


@dataclass
class Paper:
    """An order as the model knows it: quantity and price in cents by product."""

    lines: dict[str, tuple[int, int]]
    status: str = "new"


@dataclass
class Model:
    """The whole shop, the plain way."""

    wares: dict[str, Ware] = field(default_factory=lambda: {name: Ware() for name in GOODS})
    cart: dict[str, int] = field(default_factory=dict)
    addressed: bool = False
    orders: list[Paper] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)

    def buyable(self) -> dict[str, tuple[int, int]]:
        lines = {}
        for name, quantity in self.cart.items():
            price = self.wares[name].price()
            if self.wares[name].sold and price is not None:
                lines[name] = (quantity, price)
        return lines

    def refusal(self, name: str) -> str | None:
        """Why nothing of this can be added."""
        if not self.wares[name].sold:
            return "product_not_found"
        return "pricing_not_found" if self.wares[name].price() is None else None

    def put(self, name: str, quantity: int) -> str | None:
        refusal, total = self.refusal(name), self.cart.get(name, 0) + quantity
        if refusal is None and total > 999:
            return "quantity_too_large"
        if refusal is None:
            self.cart[name] = total
        return refusal

    def check_out(self) -> str | None:
        lines = self.buyable()
        if not lines:
            return "empty_items"
        if not self.addressed:
            return "billing_address_not_set"
        self.orders.insert(0, Paper(lines))
        self.cart, self.addressed = {}, False
        return None

    def place(self) -> str | None:
        """The same by a form that has the addresses: refused, it leaves none behind."""
        before, self.addressed = self.addressed, True
        refusal = self.check_out()
        if refusal is not None:
            self.addressed = before
        return refusal

    def again(self, paper: Paper) -> None:
        for name, (quantity, _) in paper.lines.items():
            if self.refusal(name) is None:
                self.cart[name] = min(self.cart.get(name, 0) + quantity, 999)

    def edit(self, paper: Paper, change: str, name: str, quantity: int) -> str | None:
        if paper.status != "new":
            return "action_not_allowed"
        held, price = paper.lines.get(name, (0, 0))
        if change == "add_item":
            refusal = self.refusal(name)
            if refusal is None and held + quantity > 999:
                return "quantity_too_large"
            if refusal is None:
                paper.lines[name] = (held + quantity, self.wares[name].price() or 0)
            return refusal
        if not held:
            return "item_not_found"
        if change == "set_quantity":
            paper.lines[name] = (quantity, price)
        else:
            del paper.lines[name]
        return None

    def end(self, paper: Paper, end: str) -> str | None:
        if paper.status != "new":
            return "action_not_allowed"
        if end == "ship" and not paper.lines:
            return "empty_items"
        paper.status = "shipped" if end == "ship" else "cancelled"
        return None


def cents(amount: Decimal) -> int:
    """An amount in cents; fails on one that is not exact."""
    value = Fraction(amount) * 100
    assert value.denominator == 1
    return value.numerator


def done(function: Callable[..., Any], *args: Any) -> str | None:
    """The code of the refusal, or None."""
    try:
        function(*args)
    except AgentError as refusal:
        return refusal.code
    return None


class Shop(RuleBasedStateMachine):
    number = 0

    @initialize()
    def open(self) -> None:
        Shop.number += 1
        self.prefix = f"{Shop.number}-"
        self.cart = Cart.of(f"user-{Shop.number}")
        self.cart.set_email("user@example.com")
        self.model = Model()
        for name in GOODS:
            self.sell(name)

    def id(self, name: str) -> str:
        return f"{self.prefix}{name}"

    @rule(name=PRODUCTS)
    def sell(self, name: str) -> None:
        Product.of(self.id(name)).put(ProductDetails(name=name, brand="Aurora"))
        self.model.wares[name].sold = True

    @rule(name=PRODUCTS)
    def withdraw(self, name: str) -> None:
        Product.of(self.id(name)).withdraw()
        self.model.wares[name].sold = False

    @rule(name=PRODUCTS, msrp=st.none() | CENTS, listed=st.none() | CENTS, sale=st.none() | CENTS)
    def price(self, name: str, msrp: int | None, listed: int | None, sale: int | None) -> None:
        def items(amount: int | None, kind: type[PriceItem]) -> list[Any]:
            if amount is None:
                return []
            return [kind(price=Decimal(amount) / 100, currency="USD")]

        Pricing.of(self.id(name)).put(
            items(msrp, PriceItem), items(listed, PriceItem), items(sale, SalePriceItem)
        )
        ware = self.model.wares[name]
        ware.msrp, ware.listed, ware.sale = msrp, listed, sale

    @rule(name=PRODUCTS, quantity=QUANTITIES)
    def put(self, name: str, quantity: int) -> None:
        refusal = done(self.cart.add_item, self.id(name), quantity)
        assert refusal == self.model.put(name, quantity)

    @rule(name=PRODUCTS, quantity=QUANTITIES)
    def set(self, name: str, quantity: int) -> None:
        known = name in self.model.cart
        refusal = done(self.cart.set_quantity, self.id(name), quantity)
        assert refusal == (None if known else "item_not_found")
        if known:
            self.model.cart[name] = quantity

    @rule(name=PRODUCTS)
    def remove(self, name: str) -> None:
        known = self.model.cart.pop(name, None) is not None
        refusal = done(self.cart.remove_item, self.id(name))
        assert refusal == (None if known else "item_not_found")

    @rule()
    def accept(self) -> None:
        view = self.cart.accept_prices()
        assert all(problem.code != "price_changed" for problem in view.problems)

    @rule()
    def clear(self) -> None:
        self.cart.clear()
        self.model.cart, self.model.addressed = {}, False

    @rule()
    def address(self) -> None:
        self.cart.set_billing_address(HOME)
        self.model.addressed = True

    @rule()
    def check_out(self) -> None:
        assert done(self.cart.checkout) == self.model.check_out()

    @rule()
    def place(self) -> None:
        cart = self.cart.get_cart()
        details = CheckoutDetails(
            email="user@example.com",
            billing_address=HOME,
            shipping_address=HOME,
            revision=cart.revision,
            total=cart.total,
        )
        assert done(self.cart.place_order, details) == self.model.place()

    @rule(wanted=st.dictionaries(PRODUCTS, QUANTITIES))
    def sign_in(self, wanted: dict[str, int]) -> None:
        """What was gathered before, as far as it was for sale then, is merged; twice is once."""
        guest_id = f"guest~{self.prefix}{len(self.model.guests)}"
        self.model.guests.append(guest_id)
        for name, quantity in wanted.items():
            if done(Cart.of(guest_id).add_item, self.id(name), quantity) is None:
                self.model.cart[name] = max(self.model.cart.get(name, 0), quantity)
        for _ in range(2):
            self.cart.merge_guest(guest_id)

    @precondition(lambda self: self.model.orders)
    @rule(pick=st.integers(0, 9))
    def again(self, pick: int) -> None:
        place = pick % len(self.model.orders)
        self.cart.add_again(self.cart.get_cart().previous_order_ids[place])
        self.model.again(self.model.orders[place])

    @precondition(lambda self: self.model.orders)
    @rule(pick=st.integers(0, 9), change=CHANGES, name=PRODUCTS, quantity=QUANTITIES)
    def edit(self, pick: int, change: str, name: str, quantity: int) -> None:
        order, paper = self.pick(pick)
        args = [self.id(name)] if change == "remove_item" else [self.id(name), quantity]
        refusal = done(getattr(order, change), *args)
        assert refusal == self.model.edit(paper, change, name, quantity)

    @precondition(lambda self: self.model.orders)
    @rule(pick=st.integers(0, 9), end=ENDS)
    def end(self, pick: int, end: str) -> None:
        order, paper = self.pick(pick)
        assert done(getattr(order, end)) == self.model.end(paper, end)

    def pick(self, number: int) -> tuple[Order, Paper]:
        place = number % len(self.model.orders)
        return Order.of(self.cart.get_cart().previous_order_ids[place]), self.model.orders[place]

    @invariant()
    def the_cart_is_as_in_the_model(self) -> None:
        view = self.cart.get_cart()
        lines = self.model.buyable()
        assert {
            item.product_id.removeprefix(self.prefix): (item.quantity, cents(item.price))
            for item in view.items
        } == lines
        assert cents(view.total) == sum(quantity * price for quantity, price in lines.values())
        told = {problem.product_id.removeprefix(self.prefix): problem for problem in view.problems}
        assert {name for name in told if told[name].code != "price_changed"} == (
            self.model.cart.keys() - lines.keys()
        )
        assert (view.billing_address is not None) == self.model.addressed

    @invariant()
    def orders_are_as_in_the_model(self) -> None:
        orders = self.cart.get_orders().items
        assert [order.order_id for order in orders] == self.cart.get_cart().previous_order_ids
        for order, paper in zip(orders, self.model.orders, strict=True):
            assert order.order_status == paper.status
            assert {
                item.product_id.removeprefix(self.prefix): (item.quantity, cents(item.price))
                for item in order.items
            } == paper.lines
            assert cents(order.total) == sum(many * price for many, price in paper.lines.values())


def test_the_shop_is_like_a_plain_one_whatever_is_done_to_it() -> None:
    run_state_machine_as_test(
        Shop,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
