"""Orders: for their owners and staff; others find none."""

from ninja import Router

from accounts.http import CallerRequest, PageQuery, require_staff
from shop.access import get_order_for, get_order_history_for, open_order_for
from shop.agents.order_search import OrderSearch
from shop.agents.schemas import Address, OrderEventPage, OrderPage, OrderView
from shop.api.bodies import EmailIn, QuantityIn
from shop.api.params import OrderId, ProductId, SearchText

router = Router(tags=["orders"])


@router.get("/orders/search", response=OrderPage)
def search_orders(request: CallerRequest, query: SearchText, page: PageQuery) -> OrderPage:
    """Orders that match, oldest first, as staff. Fields: `order_id`, `user_id`, `status`,
    `product_id` and `email`."""
    require_staff(request)
    return OrderSearch.of().search(query, page.limit, page.cursor)


@router.get("/orders/{order_id}", response=OrderView)
def get_order(request: CallerRequest, order_id: OrderId) -> OrderView:
    """One order."""
    return get_order_for(request.caller, order_id)


@router.get("/orders/{order_id}/events", response=OrderEventPage)
def get_events(request: CallerRequest, order_id: OrderId, page: PageQuery) -> OrderEventPage:
    """What was done to it, by whom and when, newest first."""
    return get_order_history_for(request.caller, order_id, page.limit, page.cursor)


@router.put("/orders/{order_id}/items/{product_id}", response=OrderView)
def add_item(
    request: CallerRequest, order_id: OrderId, product_id: ProductId, body: QuantityIn
) -> OrderView:
    """Order so many more of a product, that line at today's price, while the order is new."""
    return open_order_for(request.caller, order_id).add_item(product_id, body.quantity)


@router.patch("/orders/{order_id}/items/{product_id}", response=OrderView)
def set_quantity(
    request: CallerRequest, order_id: OrderId, product_id: ProductId, body: QuantityIn
) -> OrderView:
    """Order exactly so many of a product that is in it, while the order is new."""
    return open_order_for(request.caller, order_id).set_quantity(product_id, body.quantity)


@router.delete("/orders/{order_id}/items/{product_id}", response=OrderView)
def remove_item(request: CallerRequest, order_id: OrderId, product_id: ProductId) -> OrderView:
    """Take a product out, while the order is new."""
    return open_order_for(request.caller, order_id).remove_item(product_id)


@router.put("/orders/{order_id}/email", response=OrderView)
def set_email(request: CallerRequest, order_id: OrderId, body: EmailIn) -> OrderView:
    """Where its news go, while the order is new."""
    return open_order_for(request.caller, order_id).set_email(body.email)


@router.put("/orders/{order_id}/billing-address", response=OrderView)
def set_billing_address(request: CallerRequest, order_id: OrderId, body: Address) -> OrderView:
    """Who pays, while the order is new."""
    return open_order_for(request.caller, order_id).set_billing_address(body)


@router.put("/orders/{order_id}/shipping-address", response=OrderView)
def set_shipping_address(request: CallerRequest, order_id: OrderId, body: Address) -> OrderView:
    """Where it goes, while the order is new."""
    return open_order_for(request.caller, order_id).set_shipping_address(body)


@router.post("/orders/{order_id}/ship", response=OrderView)
def ship(request: CallerRequest, order_id: OrderId) -> OrderView:
    """Send it on its way, as staff; nothing of it changes after that."""
    order = open_order_for(request.caller, order_id)
    require_staff(request)
    return order.ship()


@router.post("/orders/{order_id}/cancel", response=OrderView)
def cancel(request: CallerRequest, order_id: OrderId) -> OrderView:
    """Call it off while it is new; nothing of it changes after that."""
    return open_order_for(request.caller, order_id).cancel()
