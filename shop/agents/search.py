"""Finding products."""

from __future__ import annotations

from decimal import Decimal

from agents_core import EphemeralAgent, query
from agents_core.listings import Counts, Wanted, count_facets, list_agents, suggest
from agents_core.search import parse_query
from shop import money
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import (
    PAGE_DEFAULT,
    FacetCounts,
    FacetValue,
    ListedPage,
    ListedProduct,
    ProductFilter,
    ProductPage,
    ProductSort,
    ProductView,
    place,
)

FACETS = ("brand", "tag", "sale")
COUNTED_VALUES = 20
"""How many values of a facet are counted, the commonest."""
_TEXT = {
    "name": "name",
    "brand": "brand",
    "description": "description",
    "tag": "tag",
    "tags": "tag",
}
_IDS = {"product_id": "product_id"}
_SORTS: dict[ProductSort, tuple[str, bool]] = {
    "name": ("name", False),
    "-name": ("name", True),
    "price": ("price {place}", False),
    "-price": ("price {place}", True),
}


class ProductSearch(EphemeralAgent):
    """Finds products on the index, whatever their number. Takes no parameters."""

    @query
    def search(
        self, query: str, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> ProductPage:
        """Products that have every word and hold every filter, the best named first."""
        wanted = Wanted(parse_query(query), text=_TEXT, ids=_IDS)
        ids, next_cursor = list_agents(Product, wanted, limit=limit, cursor=cursor)
        return ProductPage(items=_products(ids), next_cursor=next_cursor)

    @query
    def list_products(
        self,
        filter: ProductFilter,
        sort: ProductSort = "best",
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
    ) -> ListedPage:
        """Products that fit a catalogue's filter, each with what it costs now.

        By price, those without a price in the filter's currency and zone are left out.
        """
        name, descending = _SORTS.get(sort, (None, False))
        ids, next_cursor = list_agents(
            Product,
            _wanted(filter),
            sort=name and name.format(place=place(filter.currency, filter.zone)),
            descending=descending,
            limit=limit,
            cursor=cursor,
        )
        return ListedPage(
            items=_priced(_products(ids), filter.currency, filter.zone), next_cursor=next_cursor
        )

    @query
    def count(self, filter: ProductFilter) -> FacetCounts:
        """How many products fit, and how many there are of the commonest brands and tags."""
        counts = count_facets(Product, _wanted(filter), FACETS, top=COUNTED_VALUES)
        here = place(filter.currency, filter.zone)
        return FacetCounts(
            found=counts.found,
            is_all=counts.is_all,
            brands=_values(counts, "brand"),
            tags=_values(counts, "tag"),
            on_sale=dict(counts.facets["sale"]).get(here, 0),
        )

    @query
    def suggest(self, typed: str, limit: int = 5) -> list[ProductView]:
        """Products whose name, brand or tags are most like what was typed, slips and all."""
        return _products([agent_id for agent_id, _ in suggest(Product, typed, limit)])

    @query
    def list_these(self, product_ids: list[str], currency: str, zone: str) -> list[ListedProduct]:
        """These products, in this order, with what they cost now; without those not sold."""
        found = Product.of_many(product_ids).get_product()
        return _priced([product for product in found if product], currency, zone)


def _wanted(filter: ProductFilter) -> Wanted:
    here = place(filter.currency, filter.zone)
    facets = {"brand": filter.brands, "tag": filter.tags, "sale": [here] if filter.on_sale else []}
    bounds = (_cents(filter.least, filter.currency), _cents(filter.most, filter.currency))
    return Wanted(
        parse_query(filter.query),
        text=_TEXT,
        ids=_IDS,
        facets={name: values for name, values in facets.items() if values},
        ranges={} if bounds == (None, None) else {f"price {here}": bounds},
    )


def _cents(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else money.in_minor_units(amount, currency)


def _values(counts: Counts, name: str) -> list[FacetValue]:
    return [FacetValue(value=value, count=count) for value, count in counts.facets[name]]


def _products(agent_ids: list[str]) -> list[ProductView]:
    prefix = f"{Product.agent_type}:"
    found = Product.of_many([id_.removeprefix(prefix) for id_ in agent_ids]).get_product()
    return [product for product in found if product is not None]


def _priced(products: list[ProductView], currency: str, zone: str) -> list[ListedProduct]:
    pricings = Pricing.of_many([product.product_id for product in products])
    quotes = pricings.get_quote(currency, zone)
    return [
        ListedProduct(product=product, quote=quote)
        for product, quote in zip(products, quotes, strict=True)
    ]
