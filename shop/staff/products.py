"""Products in the admin: found, made, changed, withdrawn."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents_core import Caller, calling
from agents_core.files import upload
from shop import money
from shop.agents.errors import ProductNotFound
from shop.agents.pricing import Pricing
from shop.agents.product import PICTURE, Product
from shop.agents.schemas import PRODUCT_ID, Prices, ProductDetails, ProductView
from shop.agents.search import ProductSearch
from shop.export import export_lines
from shop.markets import market_of, markets
from shop.staff.forms import PRICE_SETS, NewProductForm, PricesFormSet, ProductForm, initial_of
from shop.staff.page import render

PAGE = 50
MAX_QUERY = 400


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Products by the query language, with what they cost in the first market."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY]
    market = market_of(request)
    found = ProductSearch.of().search(query or "*", PAGE, request.GET.get("cursor") or None)
    ids = [product.product_id for product in found.items]
    priced = ProductSearch.of().list_these(ids, market.currency, market.zone)
    # No list has what was withdrawn; who knows its article number finds it by that.
    withdrawn = Product.of(query).get_withdrawn() if re.fullmatch(PRODUCT_ID, query) else None
    context = {
        "items": priced,
        "query": query,
        "next_cursor": found.next_cursor,
        "withdrawn": withdrawn,
    }
    return render(request, "products", "Products", **context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Make a product. One that is there already is not written over."""
    form = NewProductForm(request.POST or None, request.FILES or None)
    sets = price_sets(request)
    if request.method == "POST" and all(
        [form.is_valid(), *(rows.is_valid() for rows in sets.values())]
    ):
        product_id = form.cleaned_data["product_id"]
        if find(product_id) is None:
            return saved(request, product_id, form, sets)
        form.add_error("product_id", "There is such a product already.")
    return shown(request, "Add product", form, sets)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, product_id: str) -> HttpResponse:
    """Change a product and all its prices, both or neither."""
    product = find(product_id)
    if product is None:
        raise ProductNotFound(product_id=product_id)
    form = ProductForm(request.POST or None, request.FILES or None, initial=initial_of(product))
    sets = price_sets(request, product_id)
    if request.method == "POST" and all(
        [form.is_valid(), *(rows.is_valid() for rows in sets.values())]
    ):
        return saved(request, product_id, form, sets)
    on_sale = Product.of(product_id).get_product() is not None
    return shown(request, f"Change {product.name}", form, sets, product=product, sold=on_sale)


@require_POST
def act(request: HttpRequest, product_id: str) -> HttpResponse:
    """Withdraw a product, sell it again, or take its picture away; twice is the same as once."""
    product = Product.of(product_id)
    with calling(Caller(request.user.get_username())):
        match request.POST.get("action"):
            case "withdraw":
                product.withdraw()
                said = "It is no longer sold. Nobody finds it but here."
            case "sell":
                withdrawn = product.get_withdrawn()
                if withdrawn is not None:
                    product.put(details_of(withdrawn))
                said = "It is sold again."
            case "remove_picture":
                product.remove_picture()
                said = "It is shown by a drawing again."
            case _:
                raise BadRequest("No such action")
    messages.success(request, said)
    return redirect("admin:shop_product_change", product_id)


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All products and prices as CSV, as an import takes it."""
    return StreamingHttpResponse(
        export_lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="products.csv"'},
    )


def find(product_id: str) -> ProductView | None:
    """The product, sold or withdrawn."""
    product = Product.of(product_id)
    return product.get_product() or product.get_withdrawn()


def price_sets(request: HttpRequest, product_id: str | None = None) -> dict[str, PricesFormSet]:
    """The rows of all kinds of prices, as they are or as they were sent."""
    pricing = Pricing.of(product_id).get_pricing() if product_id else None
    initial: dict[str, list[dict[str, Any]]] = {}
    if pricing is not None:
        initial = {
            "msrp": [dict(item) for item in pricing.msrp_prices],
            "list": [dict(item) for item in pricing.list_prices],
            "sale": [dict(item) for item in pricing.sale_prices],
        }
    return {
        kind: rows(request.POST or None, initial=initial.get(kind), prefix=kind)
        for kind, rows in PRICE_SETS.items()
    }


def saved(
    request: HttpRequest, product_id: str, form: ProductForm, sets: dict[str, PricesFormSet]
) -> HttpResponse:
    """Write what the forms have, and show it."""
    items = Prices(
        msrp_prices=sets["msrp"].items(),
        list_prices=sets["list"].items(),
        sale_prices=sets["sale"].items(),
    )
    product, picture = Product.of(product_id), form.cleaned_data["picture"]
    was_sold = product.get_withdrawn() is None
    with calling(Caller(request.user.get_username())):
        product.put_with_prices(form.details, items)
        if picture is not None:
            product.set_picture(upload(product, PICTURE, picture, "image/webp"))
    messages.success(request, "Saved." if was_sold else "Saved, and sold again.")
    return redirect("admin:shop_product_change", product_id)


def shown(
    request: HttpRequest,
    title: str,
    form: ProductForm,
    sets: dict[str, PricesFormSet],
    **context: Any,
) -> HttpResponse:
    """The form, with 422 where something in it is wrong."""
    context |= {
        "form": form,
        "sets": [
            ("MSRP", "What the maker says it costs.", sets["msrp"]),
            ("List prices", "What you ask for it.", sets["list"]),
            ("Sales", "The first whose time holds is the price. Times are UTC.", sets["sale"]),
        ],
        "zones": sorted({market.zone for market in markets()}),
        "currencies": sorted(money.CURRENCIES),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "product", title, status, **context)


def details_of(product: ProductView) -> ProductDetails:
    """What staff said of it."""
    return ProductDetails.model_validate(product, from_attributes=True)
