"""Carts: one per user, for the user and staff."""

from ninja import Router, Schema

from accounts.http import CallerRequest, PageQuery
from shop.access import get_cart_for
from shop.agents.schemas import (
    Address,
    Amount,
    CartView,
    Currency,
    OrderCreated,
    OrderPage,
    Zone,
)
from shop.api.bodies import EmailIn, QuantityIn
from shop.api.params import ProductId, UserId

router = Router(tags=["carts"])


class MarketIn(Schema):
    """In which currency, and for which zone, to buy."""

    currency: Currency
    zone: Zone


class CheckoutIn(Schema):
    """What the shopper was shown: where it comes to something else by now, nothing is ordered."""

    total: Amount


@router.get("/carts/{user_id}", response=CartView)
def get_cart(request: CallerRequest, user_id: UserId) -> CartView:
    """The cart at today's names and prices. `problems` says which prices have changed, and which
    lines cannot be ordered any more; those are not among the items."""
    return get_cart_for(request.caller, user_id).get_cart()


@router.delete("/carts/{user_id}", response=CartView)
def clear_cart(request: CallerRequest, user_id: UserId) -> CartView:
    """Take out the items and the addresses; the e-mail address stays."""
    return get_cart_for(request.caller, user_id).clear()


@router.put("/carts/{user_id}/items/{product_id}", response=CartView)
def add_item(
    request: CallerRequest, user_id: UserId, product_id: ProductId, body: QuantityIn
) -> CartView:
    """Put so many more of a product into the cart."""
    return get_cart_for(request.caller, user_id).add_item(product_id, body.quantity)


@router.patch("/carts/{user_id}/items/{product_id}", response=CartView)
def set_quantity(
    request: CallerRequest, user_id: UserId, product_id: ProductId, body: QuantityIn
) -> CartView:
    """Have exactly so many of a product that is in the cart."""
    return get_cart_for(request.caller, user_id).set_quantity(product_id, body.quantity)


@router.delete("/carts/{user_id}/items/{product_id}", response=CartView)
def remove_item(request: CallerRequest, user_id: UserId, product_id: ProductId) -> CartView:
    """Take a product out."""
    return get_cart_for(request.caller, user_id).remove_item(product_id)


@router.put("/carts/{user_id}/email", response=CartView)
def set_email(request: CallerRequest, user_id: UserId, body: EmailIn) -> CartView:
    """Where the order's news go."""
    return get_cart_for(request.caller, user_id).set_email(body.email)


@router.put("/carts/{user_id}/billing-address", response=CartView)
def set_billing_address(request: CallerRequest, user_id: UserId, body: Address) -> CartView:
    """Who pays. `errors` of a refusal says what is wrong with each field."""
    return get_cart_for(request.caller, user_id).set_billing_address(body)


@router.put("/carts/{user_id}/shipping-address", response=CartView)
def set_shipping_address(request: CallerRequest, user_id: UserId, body: Address) -> CartView:
    """Where it goes; left out, it goes to who pays."""
    return get_cart_for(request.caller, user_id).set_shipping_address(body)


@router.put("/carts/{user_id}/market", response=CartView)
def set_market(request: CallerRequest, user_id: UserId, body: MarketIn) -> CartView:
    """Buy in this currency, for this zone."""
    return get_cart_for(request.caller, user_id).set_market(body.currency, body.zone)


@router.post("/carts/{user_id}/accept-prices", response=CartView)
def accept_prices(request: CallerRequest, user_id: UserId) -> CartView:
    """Take note of changed prices: they are no longer told of as `problems`."""
    return get_cart_for(request.caller, user_id).accept_prices()


@router.post("/carts/{user_id}/checkout", response={201: OrderCreated})
def checkout(
    request: CallerRequest, user_id: UserId, body: CheckoutIn | None = None
) -> OrderCreated:
    """Order what is in the cart at today's prices, and empty it: both, or neither."""
    return get_cart_for(request.caller, user_id).checkout(body.total if body else None)


@router.get("/carts/{user_id}/orders", response=OrderPage)
def get_orders(request: CallerRequest, user_id: UserId, page: PageQuery) -> OrderPage:
    """The user's orders, newest first."""
    return get_cart_for(request.caller, user_id).get_orders(page.limit, page.cursor)
