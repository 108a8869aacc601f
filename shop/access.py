"""The only doors to what the shop has: finding it and being allowed to see it are one step."""

from accounts.caller import Person
from shop.agents.assistant import ShoppingAssistant
from shop.agents.cart import Cart
from shop.agents.errors import (
    AssistantNotFound,
    CartNotFound,
    OrderNotFound,
    PricingNotFound,
    ProductNotFound,
)
from shop.agents.order import Order
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import OrderEventPage, OrderView, PriceView, PricingView, ProductView
from shop.order_history import read_history


def get_product(product_id: str) -> ProductView:
    """A product that is sold; anyone may see it."""
    product = Product.of(product_id).get_product()
    if product is None:
        raise ProductNotFound(product_id=product_id)
    return product


def get_pricing(product_id: str) -> PricingView:
    """All prices of a product; anyone may see them."""
    pricing = Pricing.of(product_id).get_pricing()
    if pricing is None:
        raise PricingNotFound(product_id=product_id)
    return pricing


def get_price(product_id: str, currency: str, zone: str) -> PriceView:
    """What a product costs now in exactly that currency and zone; anyone may see it."""
    price = Pricing.of(product_id).get_price(currency, zone)
    if price is None:
        raise PricingNotFound(product_id=product_id, currency=currency, zone=zone)
    return price


def get_cart_for(viewer: Person, user_id: str) -> Cart:
    """The cart of somebody whom the viewer may act for; that of others is like not there."""
    if not viewer.may_act_for(user_id):
        raise CartNotFound(user_id=user_id)
    return Cart.of(user_id)


def get_assistant_for(viewer: Person, user_id: str) -> ShoppingAssistant:
    """The assistant of somebody whom the viewer may act for; that of others is like not there."""
    if not viewer.may_act_for(user_id):
        raise AssistantNotFound(user_id=user_id)
    return ShoppingAssistant.of(user_id)


def get_order_for(viewer: Person, order_id: str) -> OrderView:
    """The order, for its owner and staff; for others it is like not there."""
    order = Order.of(order_id).get_order()
    if order is None or not viewer.may_act_for(order.user_id):
        raise OrderNotFound(order_id=order_id)
    return order


def open_order_for(viewer: Person, order_id: str) -> Order:
    """The same to work on: whose an order is never changes."""
    get_order_for(viewer, order_id)
    return Order.of(order_id)


def get_order_history_for(
    viewer: Person, order_id: str, limit: int, cursor: str | None
) -> OrderEventPage:
    """What was done to the order. Members of staff go by no name before its owner."""
    owner = get_order_for(viewer, order_id).user_id
    page = read_history(order_id, limit, cursor)
    if not viewer.is_staff:
        for event in page.items:
            event.by = event.by if event.by == owner else "staff"
    return page
