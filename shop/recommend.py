"""The shop's own recommender. Pure functions.

A product has points for each clue that somebody might want it: it is bought together with what they
bought, is of a brand they buy, is tagged like what they bought, is popular. Its strongest clue is
the reason that they are told. Nothing is learned or hidden: the weights below are all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import log1p

from pydantic import BaseModel

from shop.agents.recommendations import (
    PRODUCTS_MADE,
    Bought,
    BrandPick,
    ProductPick,
    Reason,
    Recommendation,
)
from shop.agents.schemas import ProductView

Strengths = dict[str, float]
"""Product ids with how many purchases of today they are worth."""

Clue = tuple[float, Reason]
Companion = tuple[float, str, Strengths, set[str]]
"""How much something that was bought says, its name, what is bought with it, and its tags."""

TOGETHER, BRAND, TAG, POPULAR, AT_ALL = 4.0, 2.0, 2.0, 1.0, 0.001
FADING = 0.9
"""What was bought before something else says so much less of what is wanted now."""
DOUBT = 2.0
"""Purchases together that are assumed to be chance: one of them is no proof, ten are."""
SAME_BRAND = 0.7
"""Of a brand that is among the picks already, one more is worth so much less."""
BRANDS_MADE = 6
OF_ONE_BRAND = 3
"""Products by whose points a brand is ranked: a wide range alone is no merit."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may be recommended, and what is known of it and of what was bought, newest first.

    `tags` and `together` are by the id of what was bought; `other_brands` fill what is missing.
    """

    products: list[ProductView]
    bought: list[Bought] = field(default_factory=list)
    tags: dict[str, set[str]] = field(default_factory=dict)
    together: dict[str, Strengths] = field(default_factory=dict)
    popular: Strengths = field(default_factory=dict)
    other_brands: list[str] = field(default_factory=list)


class ChosenProduct(BaseModel):
    """A product that a language model chose, and what that was bought it goes with."""

    product_id: str
    goes_with: str | None = None


class Choice(BaseModel):
    """What a language model chose, the best first; none of it checked."""

    products: list[ChosenProduct] = []
    brands: list[str] = []


def pick(evidence: Evidence, most: int = PRODUCTS_MADE) -> Recommendation:
    """At most so many products and some brands, the best first, each with its reason."""
    points, reasons = {}, {}
    brands, company = _shares_of_brands(evidence.bought), _company(evidence)
    for product in evidence.products:
        clues = [*_clues(product, evidence, brands), *_by_company(product, company)]
        points[product.product_id] = sum(weight for weight, _ in clues)
        reasons[product.product_id] = max(clues, key=lambda clue: clue[0])[1]
    products = _varied(evidence.products, points, most)
    picks = [ProductPick(product_id=id_, reason=reasons[id_]) for id_ in products]
    return Recommendation(products=picks, brands=_brands(evidence, points, reasons))


def completed(choice: Choice, evidence: Evidence, ours: Recommendation) -> Recommendation:
    """What was chosen of the products and brands there are, and our own behind it.

    The reason is our own, too, but for what a chosen product goes with.
    """
    bought = {item.product_id: item.name for item in evidence.bought}
    sold = {product.product_id for product in evidence.products}
    our_reasons = {one.product_id: one.reason for one in ours.products}
    our_brands = {one.brand: one for one in ours.brands}
    brands_sold = {product.brand for product in evidence.products}
    chosen = [
        ProductPick(
            product_id=one.product_id,
            reason=Reason(kind="goes_with", about=bought[one.goes_with])
            if one.goes_with in bought
            else our_reasons.get(one.product_id, Reason(kind="catalogue")),
        )
        for one in choice.products
        if one.product_id in sold
    ]
    brands = [
        our_brands.get(brand, BrandPick(brand=brand, reason=Reason(kind="catalogue")))
        for brand in choice.brands
        if brand in brands_sold
    ]
    return joined(Recommendation(products=chosen, brands=brands), ours)


def joined(
    one: Recommendation, other: Recommendation, left_out: Collection[str] = ()
) -> Recommendation:
    """Both, the first one's before the other's, nothing twice, and without some products."""
    products: dict[str, ProductPick] = {}
    for product in [*one.products, *other.products]:
        products.setdefault(product.product_id, product)
    brands: dict[str, BrandPick] = {}
    for brand in [*one.brands, *other.brands]:
        brands.setdefault(brand.brand, brand)
    kept = [pick for pick in products.values() if pick.product_id not in left_out]
    return Recommendation(products=kept[:PRODUCTS_MADE], brands=list(brands.values())[:BRANDS_MADE])


def _clues(product: ProductView, evidence: Evidence, brands: Strengths) -> Iterator[Clue]:
    """What speaks for a product by itself, and how much."""
    yield AT_ALL, Reason(kind="catalogue")
    if popular := evidence.popular.get(product.product_id):
        share = log1p(popular) / log1p(max(evidence.popular.values()))
        yield POPULAR * share, Reason(kind="popular")
    if of_brand := brands.get(product.brand):
        yield BRAND * of_brand, Reason(kind="brand", about=product.brand)


def _by_company(product: ProductView, company: list[Companion]) -> Iterator[Clue]:
    """What of what was bought speaks for it most: by being bought together, and by its tags."""
    together, alike = (0.0, ""), (0.0, "")
    for fading, name, strengths, theirs in company:
        if strength := strengths.get(product.product_id):
            share = strength / (max(strengths.values()) + DOUBT)
            together = max(together, (fading * share, name))
        if shared := theirs & set(product.tags):
            likeness = len(shared) / len(theirs | set(product.tags))
            alike = max(alike, (fading * likeness, min(shared)))
    if together[0]:
        yield TOGETHER * together[0], Reason(kind="bought_together", about=together[1])
    if alike[0]:
        yield TAG * alike[0], Reason(kind="tag", about=alike[1])


def _company(evidence: Evidence) -> list[Companion]:
    """What was bought of which more is known than its brand."""
    return [
        (fading, item.name, evidence.together.get(id_, {}), evidence.tags.get(id_, set()))
        for fading, item in _faded(evidence.bought)
        if (id_ := item.product_id) in evidence.together or id_ in evidence.tags
    ]


def _shares_of_brands(bought: list[Bought]) -> Strengths:
    shares: Strengths = {}
    for fading, item in _faded(bought):
        shares[item.brand] = shares.get(item.brand, 0.0) + fading
    return {brand: share / sum(shares.values()) for brand, share in shares.items()}


def _faded(bought: Iterable[Bought]) -> Iterator[tuple[float, Bought]]:
    return ((FADING**age, item) for age, item in enumerate(bought))


def _varied(products: list[ProductView], points: Strengths, most: int) -> list[str]:
    """The best, each next one after what there is of its brand already."""
    left = {product.product_id: product.brand for product in products}
    taken: Counter[str] = Counter()
    picked: list[str] = []
    while left and len(picked) < most:
        best = max(left, key=lambda id_: (points[id_] * SAME_BRAND ** taken[left[id_]], id_))
        taken[left.pop(best)] += 1
        picked.append(best)
    return picked


def _brands(evidence: Evidence, points: Strengths, reasons: dict[str, Reason]) -> list[BrandPick]:
    """Brands by the best products they have, with the best one's reason."""
    by_brand: dict[str, list[str]] = {}
    for product in evidence.products:
        by_brand.setdefault(product.brand, []).append(product.product_id)
    ranked = []
    for brand, product_ids in by_brand.items():
        best = sorted(product_ids, key=lambda id_: points[id_], reverse=True)[:OF_ONE_BRAND]
        bought = any(item.brand == brand for item in evidence.bought)
        reason = Reason(kind="brand", about=brand) if bought else reasons[best[0]]
        ranked.append((sum(points[id_] for id_ in best), BrandPick(brand=brand, reason=reason)))
    ranked.sort(key=lambda one: (-one[0], one[1].brand))
    others = [brand for brand in evidence.other_brands if brand not in by_brand]
    filling = [BrandPick(brand=brand, reason=Reason(kind="catalogue")) for brand in others]
    return [*(pick for _, pick in ranked), *filling][:BRANDS_MADE]
