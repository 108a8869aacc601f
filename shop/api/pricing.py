"""Prices: reading, and writing by staff."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from accounts.http import CallerRequest, require_staff
from shop.access import get_price, get_pricing
from shop.agents.pricing import Pricing
from shop.agents.schemas import (
    DEFAULT_CURRENCY,
    DEFAULT_ZONE,
    Currency,
    PriceItem,
    PriceView,
    PricingView,
    SalePriceItem,
    Zone,
)
from shop.api.params import ProductId

router = Router(tags=["pricing"])


class PricingIn(Schema):
    """All prices of a product."""

    msrp_prices: list[PriceItem]
    list_prices: list[PriceItem]
    sale_prices: list[SalePriceItem]


class PricingChange(Schema):
    """Some prices of a product; what is left out stays as it is."""

    msrp_prices: list[PriceItem] | None = None
    list_prices: list[PriceItem] | None = None
    sale_prices: list[SalePriceItem] | None = None


@router.get("/pricing/{product_id}", auth=None, response=PricingView)
def read_pricing(request: HttpRequest, product_id: ProductId) -> PricingView:
    """All prices of a product, for anyone."""
    return get_pricing(product_id)


@router.get("/pricing/{product_id}/price", auth=None, response=PriceView)
def read_price(
    request: HttpRequest,
    product_id: ProductId,
    currency: Currency = DEFAULT_CURRENCY,
    zone: Zone | None = None,
    region: Annotated[Zone | None, Query(description="Another word for `zone`.")] = None,
) -> PriceView:
    """What the product costs now: the first sale that holds, else the list price, else the MSRP."""
    return get_price(product_id, currency, zone or region or DEFAULT_ZONE)


@router.put("/pricing/{product_id}", response=PricingView)
def put_pricing(request: CallerRequest, product_id: ProductId, body: PricingIn) -> PricingView:
    """Replace all prices, as staff. Again with the same it changes nothing."""
    require_staff(request)
    return Pricing.of(product_id).put(body.msrp_prices, body.list_prices, body.sale_prices)


@router.patch("/pricing/{product_id}", response=PricingView)
def change_pricing(
    request: CallerRequest, product_id: ProductId, body: PricingChange
) -> PricingView:
    """Replace prices of the same zone and currency (sales: and period), add others, as staff."""
    require_staff(request)
    return Pricing.of(product_id).merge(body.msrp_prices, body.list_prices, body.sale_prices)
