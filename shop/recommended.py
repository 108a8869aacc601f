"""What is recommended to whoever looks at a page, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.pages import PageRequest
from shop.agents.assistant import ShoppingAssistant
from shop.agents.bought_together import ANY_BRAND, BestSellers
from shop.agents.recommendations import PRODUCTS_SHOWN, AssistantView, RecommendedItems
from shop.agents.schemas import ListedProduct
from shop.agents.search import ProductSearch
from shop.guests import find_cart
from shop.markets import NamedMarket, market_of

LOOKED_THROUGH = 12
"""Bestsellers, of which some may not be sold any more, or not there."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A product on the shelf of recommendations, and why it stands there."""

    item: ListedProduct
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """That shelf. What is popular stands on it where nothing was picked for the viewer yet."""

    picks: list[Pick]
    brands: dict[str, str]
    is_personal: bool
    has_ordered: bool
    is_busy: bool
    updated_at: datetime | None


def shelf_of(request: PageRequest) -> Shelf:
    """What stands on it for the viewer of this page, signed in or not; some reads."""
    caller = request.caller
    view = ShoppingAssistant.of(caller.user_id).get_view() if caller else AssistantView()
    items, here = view.recommended or RecommendedItems(), market_of(request)
    cart = find_cart(request)
    picks = [
        Pick(item, items.reasons[item.product.product_id])
        for item in _listed(items.product_ids, here)
    ]
    return Shelf(
        picks=picks or _popular(here, set(cart.get_product_ids()) if cart else set()),
        brands=items.brand_reasons,
        is_personal=bool(picks),
        has_ordered=view.has_ordered,
        is_busy=view.is_busy,
        updated_at=items.updated_at,
    )


def _popular(market: NamedMarket, in_cart: set[str]) -> list[Pick]:
    best = BestSellers.of(ANY_BRAND).get_strengths(LOOKED_THROUGH)
    others = [product_id for product_id in best if product_id not in in_cart]
    items = [item for item in _listed(others, market) if item.quote is not None]
    return [Pick(item) for item in items[:PRODUCTS_SHOWN]]


def _listed(product_ids: list[str], market: NamedMarket) -> list[ListedProduct]:
    if not product_ids:
        return []
    return ProductSearch.of().list_these(product_ids, market.currency, market.zone)
