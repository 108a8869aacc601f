"""The page of a product."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, open_page
from agents_core.clock import now
from shop import viewed
from shop.access import get_product
from shop.agents.bought_together import BoughtTogether
from shop.agents.pricing import Pricing
from shop.agents.schemas import (
    FEATURED,
    PAGE_MAX,
    PRODUCT_ID,
    ListedProduct,
    ProductFilter,
    ProductView,
    Quote,
)
from shop.agents.search import ProductSearch
from shop.ids import product_id_of
from shop.markets import NamedMarket, market_of

RELATED = 4
LOOKED_AT_TAGS = 4
LOOKED_THROUGH = 12  # of each tag
A_DAY = 24 * 3600


@require_GET
@open_page
def product(request: PageRequest, product_id: str) -> HttpResponse:
    """A product, for anyone; for htmx its price alone, which asks again when a sale turns."""
    market = market_of(request)
    found = get_product(product_id_of(product_id))
    quote = Pricing.of(found.product_id).get_quote(market.currency, market.zone)
    context: dict[str, Any] = {
        "product": found,
        "quote": quote,
        "changes_in": seconds_until_change(quote),
        "address": request.get_full_path(),
    }
    if request.htmx:
        return render(request, "shop/_quote.html", context)
    seen = [one for one in viewed.ids_of(request) if one != found.product_id]
    together = bought_together_with(found, market)
    shown = {item.product.product_id for item in together}
    context |= {
        "together": together,
        "related": related_to(found, market, shown),
        "seen": ProductSearch.of().list_these(seen[:RELATED], market.currency, market.zone),
        "here": "shop",
    }
    return viewed.noted(request, render(request, "shop/product.html", context), found.product_id)


@require_GET
@open_page
def prices(request: PageRequest) -> HttpResponse:
    """What the products that are named cost now, for pages that show them already."""
    market = market_of(request)
    ids = [one for one in request.GET.getlist("id")[:PAGE_MAX] if re.fullmatch(PRODUCT_ID, one)]
    items = ProductSearch.of().list_these(ids, market.currency, market.zone) if ids else []
    return render(request, "shop/_prices.html", {"items": items})


def seconds_until_change(quote: Quote | None) -> int | None:
    """When to look at the price again: a moment behind the next turn of a sale, or tomorrow."""
    if quote is None or quote.changes_at is None:
        return None
    left = (quote.changes_at - now()).total_seconds()
    return min(max(int(left), 0) + 1, A_DAY)


def bought_together_with(product: ProductView, market: NamedMarket) -> list[ListedProduct]:
    """What is most often in one order with it, and can be had here."""
    ids = list(BoughtTogether.of(product.product_id).get_strengths(LOOKED_THROUGH))
    listed = ProductSearch.of().list_these(ids, market.currency, market.zone) if ids else []
    return [item for item in listed if item.quote is not None][:RELATED]


def related_to(product: ProductView, market: NamedMarket, shown: set[str]) -> list[ListedProduct]:
    """Others of its kind: with more of its tags first, then of its brand; less what is shown."""
    there = {"currency": market.currency, "zone": market.zone}
    tags = {tag for tag in product.tags if tag != FEATURED}
    filters = [ProductFilter(tags=[tag], **there) for tag in sorted(tags)[:LOOKED_AT_TAGS]]
    filters.append(ProductFilter(brands=[product.brand], **there))
    pages = [ProductSearch.of().list_products(filter, limit=LOOKED_THROUGH) for filter in filters]
    found = {item.product.product_id: item for page in pages for item in page.items}
    for product_id in {product.product_id, *shown}:
        found.pop(product_id, None)

    def likeness(item: ListedProduct) -> tuple[int, bool]:
        return len(tags.intersection(item.product.tags)), item.product.brand == product.brand

    return sorted(found.values(), key=likeness, reverse=True)[:RELATED]
