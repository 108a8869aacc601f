"""What the shop's agents take and answer with, shaped as the HTTP contract says.

Amounts are `Decimal` in Python and strings in JSON, always with all the decimal places of their
currency: `949.00`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

PriceKind = Literal["sale", "list", "msrp"]
ProductSort = Literal["best", "name", "-name", "price", "-price"]
OrderStatus = Literal["new", "shipped", "cancelled"]
ProblemCode = Literal["price_changed", "no_longer_sold", "no_price"]

DEFAULT_CURRENCY = "USD"
DEFAULT_ZONE = "global"
PAGE_DEFAULT = 50
PAGE_MAX = 200
NAME_MAX = 200
BRAND_MAX = 80
DESCRIPTION_MAX = 10_000
TAG_MAX = 40
TAGS_MAX = 30
PRICES_MAX = 500
QUANTITY_MAX = 999
LINES_MAX = 200
FEATURED = "featured"
"""The tag by which staff puts a product on the front page. It says nothing of the product."""
RECENT_ORDERS_MAX = 100
PRODUCT_ID = r"^[A-Za-z0-9_-]{1,64}$"


Amount = Annotated[Decimal, Field(ge=0)]
Price = Annotated[Decimal, Field(ge=0, max_digits=12)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=QUANTITY_MAX)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
PageLimit = Annotated[int, Field(ge=1, le=PAGE_MAX)]


def place(currency: str, zone: str) -> str:
    """A currency and a zone in one word."""
    return f"{currency}/{zone}"


class ProductDetails(BaseModel):
    """What staff says of a product."""

    name: str
    brand: str
    description: str = ""
    tags: list[str] = []


class ProductView(BaseModel):
    """A product as everybody sees it. `picture` changes with its picture; None: it has none."""

    product_id: str
    name: str
    brand: str
    description: str
    tags: list[str]
    picture: str | None = None
    created_at: datetime
    updated_at: datetime


class ProductLabel(BaseModel):
    """What stands on a receipt of a product."""

    name: str
    brand: str


class ProductPut(BaseModel):
    """A product that was written, and whether it is new."""

    product: ProductView
    is_new: bool


class ProductPage(BaseModel):
    """Products of a search."""

    items: list[ProductView]
    next_cursor: str | None = None


class ProductFilter(BaseModel):
    """What a catalogue shows: every condition must hold, of brands and of tags any one.

    `least` and `most` bound the price in that currency and zone; `on_sale` is there, too.
    """

    query: str = ""
    brands: list[str] = []
    tags: list[str] = []
    least: Decimal | None = None
    most: Decimal | None = None
    on_sale: bool = False
    currency: str = DEFAULT_CURRENCY
    zone: str = DEFAULT_ZONE


class FacetValue(BaseModel):
    """A value that products can be narrowed to, and how many those would be."""

    value: str
    count: int


class FacetCounts(BaseModel):
    """How many products a filter finds; where `is_all` is false there are more."""

    found: int
    is_all: bool
    brands: list[FacetValue]
    tags: list[FacetValue]
    on_sale: int


class PriceItem(BaseModel):
    """A price in one currency, for one zone."""

    price: Price
    currency: Currency
    zone: Zone = DEFAULT_ZONE


class SalePriceItem(PriceItem):
    """A price that holds from `start` until before `end`; null is open."""

    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class Prices(BaseModel):
    """All prices of a product, without its name; sales in order of precedence."""

    msrp_prices: list[PriceItem] = []
    list_prices: list[PriceItem] = []
    sale_prices: list[SalePriceItem] = []


class PricingView(BaseModel):
    """All prices of a product."""

    product_id: str
    msrp_prices: list[PriceItem]
    list_prices: list[PriceItem]
    sale_prices: list[SalePriceItem]
    created_at: datetime
    updated_at: datetime


class PriceView(BaseModel):
    """What a product costs now, and by which kind of price."""

    price: Amount
    currency: str
    zone: str
    kind: PriceKind


class Quote(PriceView):
    """What a product costs now, and what it would without a sale.

    `before` is the MSRP, or else the list price, where that is more than the price. `until` is when
    the sale ends, `changes_at` when some sale next begins or ends there.
    """

    before: Amount | None = None
    percent_off: int = 0
    until: datetime | None = None
    changes_at: datetime | None = None


class LocalPrice(PriceView):
    """What a product costs in one currency and zone, as lists have it."""

    @property
    def place(self) -> str:
        """Where it holds."""
        return place(self.currency, self.zone)


class ListedProduct(BaseModel):
    """A product with its price; None where it has none in the currency and zone."""

    product: ProductView
    quote: Quote | None


class ListedPage(BaseModel):
    """Products of a catalogue."""

    items: list[ListedProduct]
    next_cursor: str | None = None


class Address(BaseModel):
    """Where something goes, or who pays."""

    street: str
    city: str
    state_or_region: str
    country: str
    postal_code: str
    name: str | None = None
    phone_number: str | None = None


class ItemView(BaseModel):
    """A line of a cart or an order."""

    product_id: str
    product_name: str
    product_brand: str
    price: Amount
    quantity: int


class Market(BaseModel):
    """In which currency, and for which zone, somebody buys."""

    currency: str = DEFAULT_CURRENCY
    zone: str = DEFAULT_ZONE


class Offer(BaseModel):
    """What a product is called and costs now."""

    name: str
    brand: str
    price: Amount


class OfferState(BaseModel):
    """The same where either may be missing: not sold, or without a price in that market."""

    label: ProductLabel | None
    price: Amount | None


class CartProblem(BaseModel):
    """What has become of a line since it was put into the cart.

    Lines that are no longer sold, or have no price in the cart's currency and zone, are not among
    its items and not in its total.
    """

    code: ProblemCode
    product_id: str
    product_name: str
    quantity: int
    old_price: Amount
    new_price: Amount | None = None


class CartView(BaseModel):
    """A cart; its names and prices have been read afresh. `previous_order_ids`: newest first."""

    user_id: str
    email: str | None = None
    items: list[ItemView] = []
    problems: list[CartProblem] = []
    billing_address: Address | None = None
    shipping_address: Address | None = None
    address_book: list[Address] = []
    total: Amount
    currency: str
    zone: str
    previous_order_ids: list[str] = []
    revision: int
    updated_at: datetime | None = None


class CartNews(BaseModel):
    """When a cart changed last, how often it has, and when one of its owner's orders did.

    `pieces` is how many things are in it, those among them that are no longer sold.
    """

    revision: int
    pieces: int
    updated_at: datetime | None
    orders_updated_at: datetime | None


class CheckoutDetails(BaseModel):
    """What a checkout form has: who is told, who pays, where it goes.

    `revision` and `total` are those of the cart that it showed.
    """

    email: str
    billing_address: Address
    shipping_address: Address
    revision: int
    total: Amount


class GuestCart(BaseModel):
    """What somebody gathered before signing in."""

    items: list[ItemView]
    market: Market
    email: str | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None


class OrderCreated(BaseModel):
    """The order that a checkout made."""

    order_id: str


class NewOrder(BaseModel):
    """What an order begins with.

    One that was placed elsewhere, or before, may lack what a checkout asks for and be further on.
    """

    user_id: str
    email: str | None = None
    items: list[ItemView]
    billing_address: Address | None = None
    shipping_address: Address | None = None
    market: Market
    order_status: OrderStatus = "new"
    ordered_at: AwareDatetime | None = None


class OrderRef(BaseModel):
    """An order by name, and how it was when it last changed; `noted_at` is when its owner's cart
    heard of that, which news are told by."""

    order_id: str
    order_status: OrderStatus
    created_at: datetime
    updated_at: datetime
    noted_at: datetime | None = None


class OrderView(BaseModel):
    """An order as its owner and staff see it."""

    order_id: str
    user_id: str
    order_status: OrderStatus
    email: str | None = None
    items: list[ItemView]
    billing_address: Address | None = None
    shipping_address: Address | None = None
    total: Amount
    currency: str
    zone: str
    created_at: datetime
    updated_at: datetime

    def ref(self) -> OrderRef:
        """The same by name."""
        return OrderRef.model_validate(self, from_attributes=True)


class OrderRefPage(BaseModel):
    """Orders by name, newest first."""

    items: list[OrderRef]
    next_cursor: str | None = None


class OrderPage(BaseModel):
    """Orders, newest first."""

    items: list[OrderView]
    next_cursor: str | None = None


class OrderEvent(BaseModel):
    """Something that was done to an order: what, when, and by whom."""

    event: str
    by: str | None
    at: datetime
    product_id: str | None = None
    quantity: int | None = None


class OrderEventPage(BaseModel):
    """What was done to an order, newest first."""

    items: list[OrderEvent]
    next_cursor: str | None = None
