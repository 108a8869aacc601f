"""The shop's front page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages import PageRequest, open_page
from shop.agents.schemas import FEATURED, ListedProduct, ProductFilter
from shop.agents.search import ProductSearch
from shop.markets import market_of

SHOWN = 4


@require_GET
@open_page
def home(request: PageRequest) -> HttpResponse:
    """What staff put into the window, what is on sale now, and the brands; for anyone."""
    market = market_of(request)
    here = {"currency": market.currency, "zone": market.zone}
    featured = some(ProductFilter(tags=[FEATURED], **here)) or some(ProductFilter(**here))
    on_sale = some(ProductFilter(on_sale=True, **here))
    context: dict[str, Any] = {
        "featured": featured,
        "on_sale": [item for item in on_sale if item.quote and item.quote.kind == "sale"],
        "brands": ProductSearch.of().count(ProductFilter(**here)).brands,
        "here": "shop",
    }
    return render(request, "shop/home.html", context)


def some(filter: ProductFilter) -> list[ListedProduct]:
    """The first few that fit."""
    return ProductSearch.of().list_products(filter, limit=SHOWN).items
