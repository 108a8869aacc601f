"""An order."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query
from agents_core.search import SearchFields

# Agents that write to each other import each other: as modules, so that any may come first.
from shop.agents import assistant, cart, lines, mailer
from shop.agents.address import clean_address
from shop.agents.email import required_email
from shop.agents.errors import (
    ActionNotAllowed,
    BillingAddressNotSet,
    EmptyEmail,
    EmptyItems,
    OrderNotFound,
)
from shop.agents.recommendations import Purchase
from shop.agents.schemas import (
    Address,
    ItemView,
    Market,
    NewOrder,
    OrderStatus,
    OrderView,
    Quantity,
)


class OrderState(BaseModel):
    """What was ordered, at the prices of that moment, and how far it has come."""

    user_id: str
    order_status: OrderStatus = "new"
    email: str | None
    items: list[ItemView]
    billing_address: Address | None
    shipping_address: Address | None
    market: Market
    created_at: datetime
    updated_at: datetime


class Order(DurableAgent):
    """One order. Parameters: the order's id.

    It is made by the checkout of a cart. While it is `new` it can be edited, shipped or cancelled;
    after that nothing changes any more. Its oplog is its history, told by `shop.order_history`.
    """

    order_id: Parameter[str]
    state: OrderState | None
    live = True

    @query
    def get_order(self) -> OrderView | None:
        """The order; None when there is none."""
        return self._view(self.state) if self.state is not None else None

    @command
    def create(self, new_order: NewOrder) -> OrderView:
        """Come into being; a second call changes nothing."""
        if self.state is None:
            at = new_order.ordered_at or self.now()
            self.state = OrderState(**dict(new_order), created_at=at, updated_at=at)
            self._write_to_customer(self._view(self.state))
            purchase = Purchase.of(self.order_id, new_order)
            assistant.ShoppingAssistant.of(new_order.user_id).trigger.note_purchase(purchase)
        return self._view(self.state)

    @command
    def add_item(self, product_id: str, quantity: Quantity) -> OrderView:
        """Order so many more of a product, all of that line at today's price; every call adds."""
        state = self._editable()
        offer = lines.read_offer(product_id, state.market)
        line = lines.find(state.items, product_id)
        more = lines.line_of(product_id, offer, quantity + (line.quantity if line else 0))
        return self._change(items=lines.put(state.items, more))

    @command
    def set_quantity(self, product_id: str, quantity: Quantity) -> OrderView:
        """Order exactly so many of a product that is in it; a second call changes nothing."""
        items = self._editable().items
        line = lines.require(items, product_id)
        return self._change(items=lines.put(items, line.model_copy(update={"quantity": quantity})))

    @command
    def remove_item(self, product_id: str) -> OrderView:
        """Take a product out; a second call finds none."""
        items = self._editable().items
        lines.require(items, product_id)
        return self._change(items=lines.without(items, product_id))

    @command
    def set_email(self, email: str) -> OrderView:
        """Where its news go; a second call changes nothing."""
        self._editable()
        return self._change(email=required_email(email))

    @command
    def set_billing_address(self, address: Address) -> OrderView:
        """Who pays; a second call changes nothing."""
        self._editable()
        return self._change(billing_address=clean_address(address))

    @command
    def set_shipping_address(self, address: Address) -> OrderView:
        """Where it goes; a second call changes nothing."""
        self._editable()
        return self._change(shipping_address=clean_address(address))

    @command
    def set_details(
        self, email: str, billing_address: Address, shipping_address: Address
    ) -> OrderView:
        """All three at once, or none; a second call changes nothing."""
        self._editable()
        return self._change(
            email=required_email(email),
            billing_address=clean_address(billing_address),
            shipping_address=clean_address(shipping_address),
        )

    @command
    def ship(self) -> OrderView:
        """Be on its way; a second call is refused, like every later change."""
        state = self._editable()
        if not state.items:
            raise EmptyItems
        if state.billing_address is None:
            raise BillingAddressNotSet
        if state.email is None:
            raise EmptyEmail
        return self._end("shipped")

    @command
    def cancel(self) -> OrderView:
        """Be called off; a second call is refused, like every later change."""
        self._editable()
        return self._end("cancelled")

    def search_fields(self) -> SearchFields | None:
        """What staff finds it by."""
        state = self.state
        if state is None:
            return None
        return SearchFields(
            words=[self.order_id, state.user_id, state.email or ""],
            text={"email": state.email or ""},
            ids={
                "order_id": self.order_id,
                "user_id": state.user_id,
                "status": state.order_status,
                "product_id": [item.product_id for item in state.items],
            },
        )

    def _editable(self) -> OrderState:
        """The order, or the refusal to touch one that is not there or no longer new."""
        if self.state is None:
            raise OrderNotFound(order_id=self.order_id)
        if self.state.order_status != "new":
            raise ActionNotAllowed(order_id=self.order_id, order_status=self.state.order_status)
        return self.state

    def _end(self, status: OrderStatus) -> OrderView:
        order = self._change(order_status=status)
        self._write_to_customer(order)
        return order

    def _write_to_customer(self, order: OrderView) -> None:
        if order.email is not None:
            mailer.Mailer.of().trigger.tell(order.order_status, order)

    def _change(self, **changes: object) -> OrderView:
        old = self._editable()
        if old.model_copy(update=changes) != old:
            self.state = old.model_copy(update={**changes, "updated_at": self.now()})
            view = self._view(self.state)
            cart.Cart.of(old.user_id).trigger.order_changed(view.ref())
        assert self.state is not None
        return self._view(self.state)

    def _view(self, state: OrderState) -> OrderView:
        return OrderView(
            order_id=self.order_id,
            **{name: value for name, value in state if name != "market"},
            total=lines.total(state.items, state.market.currency),
            currency=state.market.currency,
            zone=state.market.zone,
        )
