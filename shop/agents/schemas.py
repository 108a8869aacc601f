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
OrderStatus = Literal["new", "shipped", "cancelled"]

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
PRODUCT_ID = r"^[A-Za-z0-9_-]{1,64}$"


Amount = Annotated[Decimal, Field(ge=0)]
Price = Annotated[Decimal, Field(ge=0, max_digits=12)]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
PageLimit = Annotated[int, Field(ge=1, le=PAGE_MAX)]


class ProductDetails(BaseModel):
    """What staff says of a product."""

    name: str
    brand: str
    description: str = ""
    tags: list[str] = []


class ProductView(BaseModel):
    """A product as everybody sees it."""

    product_id: str
    name: str
    brand: str
    description: str
    tags: list[str]
    created_at: datetime
    updated_at: datetime


class ProductPut(BaseModel):
    """A product that was written, and whether it is new."""

    product: ProductView
    is_new: bool


class ProductPage(BaseModel):
    """Products of a search."""

    items: list[ProductView]
    next_cursor: str | None = None


class PriceItem(BaseModel):
    """A price in one currency, for one zone."""

    price: Price
    currency: Currency
    zone: Zone = DEFAULT_ZONE


class SalePriceItem(PriceItem):
    """A price that holds from `start` until before `end`; null is open."""

    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


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


class CartView(BaseModel):
    """A cart; its names and prices have been read afresh."""

    user_id: str
    email: str | None = None
    items: list[ItemView] = []
    billing_address: Address | None = None
    shipping_address: Address | None = None
    total: Amount
    currency: str
    previous_order_ids: list[str] = []
    updated_at: datetime | None = None


class OrderCreated(BaseModel):
    """The order that a checkout made."""

    order_id: str


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
    created_at: datetime
    updated_at: datetime


class OrderPage(BaseModel):
    """Orders, newest first."""

    items: list[OrderView]
    next_cursor: str | None = None
