"""The catalogue: lists of products, narrowed and sorted by the address alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import blake2s
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import push_url, replace_url

from accounts.pages import PageRequest, cursor_of, open_page
from shop.agents.schemas import FacetValue, ProductFilter, ProductSort
from shop.agents.search import COUNTED_VALUES, ProductSearch
from shop.markets import PARAMETER, NamedMarket, market_of
from shop.money import Money

PAGE_SIZE = 24
MAX_QUERY = 400
MAX_PICKED = 20
MAX_PRICE = Decimal(10**9)
SORTS: dict[ProductSort, str] = {
    "best": "Best match",
    "price": "Price, low to high",
    "-price": "Price, high to low",
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: how many products it has (None: not known), and whether it is picked."""

    facet: str
    value: str
    picked: bool
    count: int | None

    @property
    def id(self) -> str:
        """Its id on the page, the same whatever is picked, so that it keeps the focus."""
        return f"{self.facet}-{blake2s(self.value.encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition that holds, and the address without it."""

    label: str
    address: str


@require_GET
@open_page
def catalogue(request: PageRequest) -> HttpResponse:
    """Products that fit the address, for anyone; for htmx what is found, or more of it, alone."""
    market, cursor = market_of(request), cursor_of(request)
    filter, sort = filter_of(request.GET, market), sort_of(request.GET)
    page = ProductSearch.of().list_products(filter, sort, PAGE_SIZE, cursor)
    context: dict[str, Any] = {"products": page.items, "next_cursor": page.next_cursor}
    if request.htmx and cursor:
        return render(request, "shop/_cards.html", context)
    context |= {"query": filter.query, "filter": filter, "later": cursor is not None}
    context |= facets_of(filter) | {"chips": chips_of(request.GET, filter)}
    if filter.query and not page.items:
        context["suggestions"] = ProductSearch.of().suggest(filter.query)
    if request.htmx:
        return at_its_address(request, render(request, "shop/_found_anew.html", context))
    context |= {"sorts": SORTS, "sort": sort, "market_key": market.key, "here": "shop"}
    return render(request, "shop/catalogue.html", context)


def filter_of(query: QueryDict, market: NamedMarket) -> ProductFilter:
    """What an address asks for; what makes no sense in it is left out."""
    return ProductFilter(
        query=query.get("q", "").replace("\0", "").strip()[:MAX_QUERY],
        brands=picked(query, "brand"),
        tags=picked(query, "tag"),
        least=amount_of(query.get("least", "")),
        most=amount_of(query.get("most", "")),
        on_sale=query.get("sale") == "1",
        currency=market.currency,
        zone=market.zone,
    )


def picked(query: QueryDict, name: str) -> list[str]:
    """The values of a facet, each once."""
    values = (value.replace("\0", "") for value in query.getlist(name))
    return list(dict.fromkeys(value for value in values if value))[:MAX_PICKED]


def amount_of(text: str) -> Decimal | None:
    """An amount that somebody typed; None where it is none."""
    try:
        amount = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= MAX_PRICE else None


def sort_of(query: QueryDict) -> ProductSort:
    """How the address sorts."""
    return next((sort for sort in SORTS if sort == query.get("sort")), "best")


def facets_of(filter: ProductFilter) -> dict[str, Any]:
    """What can be picked, and how many products that would leave."""
    counts = ProductSearch.of().count(filter)
    return {
        "counts": counts,
        "facets": [
            ("Brand", choices_of("brand", counts.brands, filter.brands)),
            ("Tag", choices_of("tag", counts.tags, filter.tags)),
        ],
    }


def choices_of(facet: str, counted: list[FacetValue], picked: list[str]) -> list[Choice]:
    """What can be picked of a facet; what is picked stays there though nothing fits it."""
    counts: dict[str, int | None] = {one.value: one.count for one in counted}
    unlisted = None if len(counted) >= COUNTED_VALUES else 0
    counts |= {value: counts.get(value, unlisted) for value in picked}
    return [Choice(facet, value, value in picked, count) for value, count in counts.items()]


def chips_of(query: QueryDict, filter: ProductFilter) -> list[Chip]:
    """The conditions that hold, each with the address that lifts it alone."""
    chips = [Chip(brand, without(query, "brand", brand)) for brand in filter.brands]
    chips += [Chip(tag, without(query, "tag", tag)) for tag in filter.tags]
    if filter.least is not None:
        least = Money(filter.least, filter.currency)
        chips.append(Chip(f"From {least}", without(query, "least")))
    if filter.most is not None:
        chips.append(Chip(f"Up to {Money(filter.most, filter.currency)}", without(query, "most")))
    if filter.on_sale:
        chips.append(Chip("On sale", without(query, "sale")))
    return chips


def without(query: QueryDict, name: str, value: str | None = None) -> str:
    """An address without one condition: all values of that name, or one of them."""
    rest = query.copy()
    rest.setlist(name, [one for one in rest.getlist(name) if value is not None and one != value])
    rest.pop("cursor", None)
    return f"?{rest.urlencode()}"


def at_its_address(request: PageRequest, response: HttpResponse) -> HttpResponse:
    """Have the browser show the address of what it was given, in as few words as can be.

    A word that is being typed is one step for Back, not one for each letter.
    """
    conditions = [
        (name, value) for name, values in request.GET.lists() for value in values if value
    ]
    if not {"least", "most"} & {name for name, _ in conditions}:
        conditions = [(name, value) for name, value in conditions if name != PARAMETER]
    conditions = [one for one in conditions if one != ("sort", "best")]
    address = f"{request.path}?{urlencode(conditions)}" if conditions else request.path
    before = QueryDict(urlsplit(request.htmx.current_url or "").query)
    typed = before.get("q", "") != request.GET.get("q", "")
    return (replace_url if typed else push_url)(response, address)
