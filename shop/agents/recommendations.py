"""What the shopping assistant takes and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from shop.agents.schemas import Market, NewOrder

PRODUCTS_SHOWN = 4
BRANDS_SHOWN = 3
PRODUCTS_MADE = 12
"""More than are shown: what is bought or waved away meanwhile has something behind it."""

ReasonKind = Literal["bought_together", "goes_with", "brand", "tag", "popular", "catalogue"]
_SENTENCES: dict[ReasonKind, str] = {
    "bought_together": "Often bought together with {about}",
    "goes_with": "Chosen to go with {about}",
    "brand": "You have bought from {about}",
    "tag": "Like other things you bought: {about}",
    "popular": "Popular with other shoppers",
    "catalogue": "From our catalogue",
}


class Reason(BaseModel):
    """Why something is recommended; `about` is the name of a product, a brand or a tag."""

    kind: ReasonKind
    about: str = ""

    @property
    def text(self) -> str:
        """The sentence for people."""
        return _SENTENCES[self.kind].replace("{about}", self.about)


class Bought(BaseModel):
    """A product that somebody ordered, and how many of it in all."""

    product_id: str
    name: str
    brand: str
    quantity: int


class Purchase(BaseModel):
    """What of an order concerns the assistant."""

    order_id: str
    items: list[Bought]
    market: Market

    @classmethod
    def of(cls, order_id: str, order: NewOrder) -> Purchase:
        """The same of an order."""
        items = [
            Bought(
                product_id=item.product_id,
                name=item.product_name,
                brand=item.product_brand,
                quantity=item.quantity,
            )
            for item in order.items
        ]
        return cls(order_id=order_id, items=items, market=order.market)


class Wish(BaseModel):
    """What recommendations are made from: nothing in it says for whom.

    `bought` is newest first; `unwanted` are products that must not be among them, nor what is
    `in_cart` already.
    """

    bought: list[Bought] = []
    unwanted: list[str] = []
    in_cart: list[str] = []
    market: Market = Market()
    may_ask_llm: bool = True

    def left_out(self) -> set[str]:
        """What is not recommended: what was bought or is about to be, and what is not wanted."""
        return {*self.unwanted, *self.in_cart, *(item.product_id for item in self.bought)}


class ProductPick(BaseModel):
    """A recommended product, and why."""

    product_id: str
    reason: Reason


class BrandPick(BaseModel):
    """A recommended brand, and why."""

    brand: str
    reason: Reason


class Recommendation(BaseModel):
    """What was recommended, the best first; more of it than is shown."""

    products: list[ProductPick] = []
    brands: list[BrandPick] = []


class RecommendedItems(BaseModel):
    """What is recommended now. The reasons are sentences, by product id and by brand.

    `updated_at` is null until recommendations were made for the first time.
    """

    product_ids: list[str] = []
    product_brands: list[str] = []
    reasons: dict[str, str] = {}
    brand_reasons: dict[str, str] = {}
    updated_at: datetime | None = None


class AssistantView(BaseModel):
    """What an assistant has to say, how far it is, and how many recommendations it was given.

    `unwanted` is newest first.
    """

    recommended: RecommendedItems | None = None
    has_ordered: bool = False
    made: int = 0
    is_busy: bool = False
    unwanted: list[str] = []
    may_ask_llm: bool = True
