"""A shopper's cart."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from agents_core import Collection, DurableAgent, Parameter, command, query

# Agents that write to each other import each other: as modules, so that any may come first.
from shop import money
from shop.agents import lines, order
from shop.agents.address import clean_address, with_newest
from shop.agents.email import required_email
from shop.agents.errors import (
    BillingAddressNotSet,
    CartChanged,
    CurrencyNotValid,
    EmptyEmail,
    EmptyItems,
    OrderNotFound,
    TooManyItems,
    TotalChanged,
)
from shop.agents.schemas import (
    LINES_MAX,
    PAGE_DEFAULT,
    RECENT_ORDERS_MAX,
    Address,
    Amount,
    CartNews,
    CartView,
    CheckoutDetails,
    Currency,
    GuestCart,
    ItemView,
    Market,
    NewOrder,
    OfferState,
    OrderCreated,
    OrderPage,
    OrderRef,
    OrderRefPage,
    Quantity,
    Zone,
)


class CartState(BaseModel):
    """What is in the cart, at the names and prices it was put in with, and who gets it where.

    `address_book` and `email` outlive a checkout; `revision` counts what the shopper changed.
    """

    items: list[ItemView] = []
    market: Market = Market()
    email: str | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    address_book: list[Address] = []
    order_ids: list[str] = []
    revision: int = 0
    updated_at: datetime | None = None
    orders_updated_at: datetime | None = None
    handed_over: bool = False


class Cart(DurableAgent):
    """What one shopper is about to order, and has ordered. Parameters: the user id.

    Somebody who has not signed in has a cart too, under an id no account can have; signing in
    merges it. Names and prices are read afresh each time the cart is looked at, and when it is
    ordered.
    """

    user_id: Parameter[str]
    state: CartState | None
    orders = Collection(OrderRef, live=True)
    live = True

    @query
    def get_cart(self) -> CartView:
        """The cart at today's names and prices, with what has changed; an empty one at first."""
        return self._view()

    @query
    def get_news(self) -> CartNews:
        """When and how often the shopper has changed the cart, and when an order was news."""
        state = self._state()
        return CartNews(
            revision=state.revision,
            pieces=sum(item.quantity for item in state.items),
            updated_at=state.updated_at,
            orders_updated_at=state.orders_updated_at,
        )

    @query
    def get_product_ids(self) -> list[str]:
        """What is in it, by name alone."""
        return [item.product_id for item in self._state().items]

    @query
    def get_orders(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> OrderPage:
        """The shopper's orders, newest first."""
        page = self.orders.page(limit=limit, cursor=cursor)
        found = order.Order.of_many([entry.key for entry in page.items]).get_order()
        return OrderPage(items=[one for one in found if one], next_cursor=page.next_cursor)

    @query
    def get_order_refs(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> OrderRefPage:
        """The same by name."""
        page = self.orders.page(limit=limit, cursor=cursor)
        return OrderRefPage(items=[one.item for one in page.items], next_cursor=page.next_cursor)

    @command
    def add_item(
        self, product_id: str, quantity: Quantity, market: Market | None = None
    ) -> CartView:
        """Put so many more of a product in, at today's price; every call adds.

        With another market than the cart's, where the price was seen, it buys there from now on.
        """
        if market is not None:
            self._move(market)
        state = self._state()
        offer = lines.read_offer(product_id, state.market)
        line = lines.find(state.items, product_id)
        if line is None and len(state.items) >= LINES_MAX:
            raise TooManyItems(limit=LINES_MAX)
        more = lines.line_of(product_id, offer, quantity + (line.quantity if line else 0))
        return self._change(items=lines.put(state.items, more))

    @command
    def set_quantity(self, product_id: str, quantity: Quantity) -> CartView:
        """Have exactly so many of a product that is in; a second call changes nothing."""
        items = self._state().items
        line = lines.require(items, product_id)
        return self._change(items=lines.put(items, line.model_copy(update={"quantity": quantity})))

    @command
    def remove_item(self, product_id: str) -> CartView:
        """Take a product out; a second call finds none."""
        items = self._state().items
        lines.require(items, product_id)
        return self._change(items=lines.without(items, product_id))

    @command
    def accept_prices(self) -> CartView:
        """Take note of today's names and prices: changed ones are no longer told of.

        A second call changes nothing while they stay so.
        """
        state = self._state()
        return self._change(items=_at_todays_prices(state.items, state.market))

    @command
    def clear(self) -> CartView:
        """Take everything out, and the addresses; the e-mail address stays, as does the book.

        A second call changes nothing.
        """
        return self._change(items=[], billing_address=None, shipping_address=None)

    @command
    def set_email(self, email: str) -> CartView:
        """Where the order's news go; a second call changes nothing."""
        return self._change(email=required_email(email))

    @command
    def set_billing_address(self, address: Address) -> CartView:
        """Who pays; a second call changes nothing."""
        return self._change(billing_address=clean_address(address))

    @command
    def set_shipping_address(self, address: Address) -> CartView:
        """Where it goes; a second call changes nothing."""
        return self._change(shipping_address=clean_address(address))

    @command
    def set_market(self, currency: Currency, zone: Zone) -> CartView:
        """Buy in this currency, for this zone, at its prices; a second call changes nothing."""
        self._move(Market(currency=currency, zone=zone))
        return self._view()

    @command
    def forget_address(self, address: Address) -> CartView:
        """Take an address out of the book; one that is not there is fine."""
        book = [one for one in self._state().address_book if one != address]
        return self._change(address_book=book)

    @command
    def checkout(self, total: Amount | None = None) -> OrderCreated:
        """Order what is in the cart at today's prices, and empty it: both or neither.

        A second call finds an empty cart. With `total`, what the shopper was shown, it is refused
        where it comes to something else by now.
        """
        view = self._view()
        new_order = self._checked(view, total)
        placed = order.Order.of(self.new_id()).create(new_order)
        self._note(placed.ref())
        state = self._state()
        self._set(
            items=[],
            billing_address=None,
            shipping_address=None,
            address_book=with_newest(
                state.address_book, new_order.shipping_address, new_order.billing_address
            ),
            order_ids=[placed.order_id, *state.order_ids][:RECENT_ORDERS_MAX],
        )
        return OrderCreated(order_id=placed.order_id)

    @command
    def place_order(self, details: CheckoutDetails) -> OrderCreated:
        """Check out with all that a checkout form has: it is ordered, or nothing has changed.

        A second call finds an empty cart. A form that showed an earlier cart is refused.
        """
        if not self._state().items:
            raise EmptyItems
        if details.revision != self._state().revision:
            raise CartChanged
        self._set(
            email=required_email(details.email),
            billing_address=clean_address(details.billing_address),
            shipping_address=clean_address(details.shipping_address),
        )
        return self.checkout(details.total)

    @command
    def add_again(self, order_id: str) -> CartView:
        """Put in what an order of the shopper's had, as far as it is still sold; every call adds.

        A line never gets more than 999, nor the cart more than 200 lines.
        """
        again = order.Order.of(order_id).get_order()
        if again is None or again.user_id != self.user_id:
            raise OrderNotFound(order_id=order_id)
        state = self._state()
        wanted, _ = lines.afresh(
            again.items, lines.read_offers([item.product_id for item in again.items], state.market)
        )
        return self._change(items=lines.with_more(state.items, wanted)[:LINES_MAX])

    @command
    def take_order(self, order_id: str, new_order: NewOrder) -> None:
        """Have an order that was placed elsewhere, or before; a second call changes nothing.

        Taken in, the oldest first, they stand as if each had been placed here.
        """
        if self.orders.get(order_id) is None:
            mine = new_order.model_copy(update={"user_id": self.user_id})
            self._note(order.Order.of(order_id).create(mine).ref())
            self._set(order_ids=[order_id, *self._state().order_ids][:RECENT_ORDERS_MAX])

    @command
    def order_changed(self, ref: OrderRef) -> None:
        """Tell who looks at the shopper's orders; a second call changes nothing."""
        known = self.orders.get(ref.order_id)
        if known is not None and known.updated_at < ref.updated_at:
            self._note(ref)

    @command
    def merge_guest(self, guest_id: str) -> CartView:
        """Take in what was gathered before signing in; of what both have, the larger quantity.

        A second call for the same guest changes nothing. What is beyond 200 lines is left out:
        signing in is not refused for it.
        """
        gathered = Cart.of(guest_id).hand_over()
        if gathered is None:
            return self._view()
        state = self._state()
        market = state.market if state.items else gathered.market
        items = lines.merged(state.items, gathered.items)[:LINES_MAX]
        if gathered.market != state.market:
            items = _at_todays_prices(items, market)
        return self._change(
            items=items,
            market=market,
            email=state.email or gathered.email,
            billing_address=state.billing_address or gathered.billing_address,
            shipping_address=state.shipping_address or gathered.shipping_address,
        )

    @command
    def hand_over(self) -> GuestCart | None:
        """Give everything away, to the cart that calls; a second call has nothing to give."""
        state = self._state()
        if state.handed_over:
            return None
        self.state = CartState(handed_over=True, revision=state.revision + 1, updated_at=self.now())
        return GuestCart.model_validate(state, from_attributes=True)

    def _checked(self, view: CartView, total: Decimal | None) -> NewOrder:
        """What is to be ordered, or the refusal of what is not ready to be."""
        if not view.items:
            raise EmptyItems
        if view.billing_address is None:
            raise BillingAddressNotSet
        if view.email is None:
            raise EmptyEmail
        if total is not None and total != view.total:
            raise TotalChanged(total=str(view.total), expected=str(total), currency=view.currency)
        return NewOrder(
            user_id=self.user_id,
            email=view.email,
            items=view.items,
            billing_address=view.billing_address,
            shipping_address=view.shipping_address,
            market=self._state().market,
        )

    def _move(self, market: Market) -> None:
        if not money.is_currency(market.currency):
            raise CurrencyNotValid(currency=market.currency)
        state = self._state()
        if market != state.market:
            self._set(market=market, items=_at_todays_prices(state.items, market))

    def _note(self, ref: OrderRef) -> None:
        now = self.now()
        self.orders.put(ref.order_id, ref.model_copy(update={"noted_at": now}), sort=ref.created_at)
        self.state = self._state().model_copy(update={"orders_updated_at": now})

    def _state(self) -> CartState:
        return self.state or CartState()

    def _change(self, **changes: object) -> CartView:
        self._set(**changes)
        return self._view()

    def _set(self, **changes: object) -> None:
        old = self._state()
        new = old.model_copy(update=changes)
        if new != old:
            new.revision += 1
            new.updated_at = self.now()
            self.state = new

    def _offers(self) -> dict[str, OfferState]:
        state = self._state()
        return lines.read_offers([item.product_id for item in state.items], state.market)

    def _view(self) -> CartView:
        state = self._state()
        items, problems = lines.afresh(state.items, self._offers())
        return CartView(
            user_id=self.user_id,
            email=state.email,
            items=items,
            problems=problems,
            billing_address=state.billing_address,
            shipping_address=state.shipping_address,
            address_book=state.address_book,
            total=lines.total(items, state.market.currency),
            currency=state.market.currency,
            zone=state.market.zone,
            previous_order_ids=state.order_ids,
            revision=state.revision,
            updated_at=state.updated_at,
        )


def _at_todays_prices(items: list[ItemView], market: Market) -> list[ItemView]:
    """The lines as they can be had there now; what cannot be had stays as it was."""
    offers = lines.read_offers([item.product_id for item in items], market)
    today = {item.product_id: item for item in lines.afresh(items, offers)[0]}
    return [today.get(item.product_id, item) for item in items]
