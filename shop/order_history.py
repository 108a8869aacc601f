"""What was done to an order, by whom and when: its oplog, told for people."""

from __future__ import annotations

from agents_core import clock
from agents_core.oplog_search import OplogEntry, search_oplog
from shop.agents.order import Order
from shop.agents.schemas import OrderEvent, OrderEventPage

EVENTS = {
    "create": "ordered",
    "add_item": "item_added",
    "set_quantity": "quantity_set",
    "remove_item": "item_removed",
    "set_details": "details_set",
    "set_email": "email_set",
    "set_billing_address": "billing_address_set",
    "set_shipping_address": "shipping_address_set",
    "ship": "shipped",
    "cancel": "cancelled",
}
"""The commands that an order's history is made of, and what they are called in it."""
_DONE = f"kind:command method:/^({'|'.join(EVENTS)})$/"
_BY_CART = "cart:"


def read_history(order_id: str, limit: int, cursor: str | None) -> OrderEventPage:
    """What was done to the order, newest first; refused attempts are not among it."""
    page = search_oplog(Order.id_of(order_id), _DONE, limit=limit, cursor=cursor)
    return OrderEventPage(
        items=[_event_of(entry) for entry in page.items], next_cursor=page.next_cursor
    )


def _event_of(entry: OplogEntry) -> OrderEvent:
    done = entry.entry
    by = done.get("caller")
    return OrderEvent(
        event=EVENTS[done["method"]],
        # who checks out does so by way of their cart
        by=by.removeprefix(_BY_CART) if by is not None else None,
        at=clock.to_datetime(done["time"]),
        product_id=done["args"].get("product_id"),
        quantity=done["args"].get("quantity"),
    )
