"""What the shop keeps of a person: handed out, or erased."""

from collections.abc import Iterator
from contextlib import suppress

from accounts.personal import Exported, Keeper, as_json, register
from agents_core import operations
from agents_core.errors import NoSuchAgent
from shop.agents.assistant import ShoppingAssistant
from shop.agents.cart import Cart
from shop.agents.former_order import FormerOrder, FormerOrderState
from shop.agents.order import Order
from shop.agents.schemas import OrderView

PAGE = 200
ERASING = "erasing"
"""Who does it, in the journal of operations."""


def export(user_id: str) -> Iterator[Exported]:
    """Cart, orders, what was recommended."""
    yield "shop/cart.json", as_json(Cart.of(user_id).get_cart().model_dump(mode="json"))
    recommended = ShoppingAssistant.of(user_id).get_view()
    yield "shop/recommendations.json", as_json(recommended.model_dump(mode="json"))
    for order in _orders(user_id):
        yield f"shop/orders/{order.order_id}.json", as_json(order.model_dump(mode="json"))


def erase(user_id: str) -> bool:
    """Keep what was sold, and nothing that tells to whom. What was not sent yet is cancelled."""
    for order in list(_orders(user_id)):
        if order.order_status == "new":
            order = Order.of(order.order_id).cancel()
        kept = FormerOrderState.model_validate(order, from_attributes=True)
        FormerOrder.of(order.order_id).keep(kept)
        _delete(Order.id_of(order.order_id))
    for agent in (Cart, ShoppingAssistant):
        _delete(agent.id_of(user_id))
    return True


def _delete(agent_id: str) -> None:
    """With its history; what is gone already is fine."""
    with suppress(NoSuchAgent):
        operations.delete(agent_id, by=ERASING)


def _orders(user_id: str) -> Iterator[OrderView]:
    cursor: str | None = None
    while True:
        page = Cart.of(user_id).get_orders(PAGE, cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


register(Keeper("the shop", export, erase))
