"""What could be recommended, and what is known of it: a few reads, however large the catalogue."""

from __future__ import annotations

from collections import Counter

from shop.agents.bought_together import ANY_BRAND, BestSellers, BoughtTogether
from shop.agents.product import Product
from shop.agents.recommendations import BRANDS_SHOWN, PRODUCTS_SHOWN, Wish
from shop.agents.schemas import FEATURED, ListedProduct, ProductFilter, ProductView
from shop.agents.search import ProductSearch
from shop.recommend import Evidence, Strengths

RECENT = 10
"""Products bought last: what is bought with them, and what else there is with their tags."""
TOGETHER_EACH = 20
POPULAR, POPULAR_EACH = 30, 10
BRANDS, TAGS = 5, 8
LISTED = 40
TOGETHER_AND_POPULAR = 80
"""How many products of those two kinds are read."""


def gather(wish: Wish) -> Evidence:
    """Products that are sold, were not bought and are not unwanted; with a price, if possible."""
    recent = [item.product_id for item in wish.bought[:RECENT]]
    known = [product for product in Product.of_many(recent).get_product() if product is not None]
    brands = list(dict.fromkeys(item.brand for item in wish.bought))[:BRANDS]
    strengths = BoughtTogether.of_many(recent).get_strengths(TOGETHER_EACH)
    together = dict(zip(recent, strengths, strict=True))
    popular = _popular(brands)
    products = _products(wish, known, brands, _most_promising(together, popular))
    return Evidence(
        products=products,
        bought=wish.bought,
        tags={product.product_id: set(_tags(product)) for product in known},
        together=together,
        popular=popular,
        other_brands=_other_brands(wish, products),
    )


def _popular(brands: list[str]) -> Strengths:
    """What is bought most, and what of these brands is."""
    of_all, *of_brands = BestSellers.of_many([ANY_BRAND, *brands]).get_strengths(POPULAR)
    popular: Strengths = dict(of_all)
    for of_brand in of_brands:
        popular |= dict(list(of_brand.items())[:POPULAR_EACH])
    return popular


def _most_promising(together: dict[str, Strengths], popular: Strengths) -> list[str]:
    points: Counter[str] = Counter()
    for others in together.values():
        points.update(others)
    by_company = [product_id for product_id, _ in points.most_common(TOGETHER_AND_POPULAR // 2)]
    return list(dict.fromkeys([*by_company, *popular]))[:TOGETHER_AND_POPULAR]


def _products(
    wish: Wish, known: list[ProductView], brands: list[str], product_ids: list[str]
) -> list[ProductView]:
    search, here = ProductSearch.of(), wish.market.model_dump()
    tags = list(dict.fromkeys(tag for product in known for tag in _tags(product)))[:TAGS]
    listed = search.list_these(product_ids, **here)
    for narrowed in ({"brands": brands}, {"tags": tags}):
        if any(narrowed.values()):
            listed += search.list_products(ProductFilter(**narrowed, **here), limit=LISTED).items
    left_out = wish.left_out()
    if len(_wanted(listed, left_out)) < LISTED:
        listed += search.list_products(ProductFilter(**here), limit=LISTED + len(left_out)).items
    found = _wanted(listed, left_out)
    priced = [one.product for one in found if one.quote is not None]
    return priced if len(priced) >= PRODUCTS_SHOWN else [one.product for one in found]


def _tags(product: ProductView) -> list[str]:
    """What it is tagged as, less what says nothing of it."""
    return [tag for tag in product.tags if tag != FEATURED]


def _wanted(listed: list[ListedProduct], left_out: set[str]) -> list[ListedProduct]:
    by_id = {one.product.product_id: one for one in listed}
    return [one for product_id, one in by_id.items() if product_id not in left_out]


def _other_brands(wish: Wish, products: list[ProductView]) -> list[str]:
    """Brands with many products, where those that could be recommended have too few."""
    if len({product.brand for product in products}) >= BRANDS_SHOWN:
        return []
    counts = ProductSearch.of().count(ProductFilter(**wish.market.model_dump()))
    return [brand.value for brand in counts.brands]
