"""Orders: looked at, changed while they are new, called off, shipped, and ordered again."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.caller import require_staff
from accounts.pages import PageRequest, cursor_of, done, once, page
from shop.access import get_cart_for, get_order_for, get_order_history_for, open_order_for
from shop.agents.cart import Cart
from shop.agents.errors import ActionNotAllowed
from shop.agents.schemas import OrderView, ProductFilter
from shop.agents.search import ProductSearch
from shop.views.details import DetailsForms
from shop.views.forms import QuantityForm
from shop.views.rows import name_in, rows_of

PAGE_SIZE = 10
OFFERS = 6
MAX_QUERY = 400
HISTORY = 50
"""How much of an order's history its page shows."""
STEPS = {
    "new": [("Ordered", True), ("Shipped", False)],
    "shipped": [("Ordered", True), ("Shipped", True)],
    "cancelled": [("Ordered", True), ("Cancelled", True)],
}
WORDS = {
    "ordered": "Ordered",
    "item_added": "Added",
    "quantity_set": "Changed the quantity",
    "item_removed": "Removed",
    "details_set": "Changed the e-mail or an address",
    "email_set": "Changed the e-mail address",
    "billing_address_set": "Changed the billing address",
    "shipping_address_set": "Changed the shipping address",
    "shipped": "Shipped",
    "cancelled": "Cancelled",
}


@require_GET
@page
def orders(request: PageRequest) -> HttpResponse:
    """The caller's orders, newest first; for htmx the list alone."""
    cart = get_cart_for(request.caller, request.caller.user_id)
    found = cart.get_orders(PAGE_SIZE, cursor_of(request))
    context = {
        "orders": found.items,
        "next_cursor": found.next_cursor,
        "older": cursor_of(request) is not None,
        "here": "shop",
    }
    template = "shop/_orders.html" if request.htmx else "shop/orders.html"
    return render(request, template, context)


@require_GET
@page
def order(request: PageRequest, order_id: UUID) -> HttpResponse:
    """One order; for htmx its contents alone."""
    return shown(request, get_order_for(request.caller, str(order_id)))


@require_GET
@page
def receipt(request: PageRequest, order_id: UUID) -> HttpResponse:
    """What was ordered, on a sheet of paper."""
    found = get_order_for(request.caller, str(order_id))
    return render(request, "shop/receipt.html", {"order": found})


@require_POST
@page
def add(request: PageRequest, order_id: UUID, product_id: str) -> HttpResponse:
    """Order so many more of a product, while the order is new; the same form, once."""
    found = open_order_for(request.caller, str(order_id))
    form = QuantityForm(request.POST)
    if not form.is_valid():
        view = get_order_for(request.caller, str(order_id))
        return done(request, shown(request, view, status=422), form.wrong())
    with once(request):
        view = found.add_item(product_id, form.cleaned_data["quantity"])
    answer = shown(request, view) if request.htmx else redirect("order", order_id)
    return done(request, answer, f"Added: {name_in(view.items, product_id)}")


@require_POST
@page
def set_quantity(request: PageRequest, order_id: UUID, product_id: str) -> HttpResponse:
    """Order exactly so many of a product, while the order is new."""
    found = open_order_for(request.caller, str(order_id))
    form = QuantityForm(request.POST)
    if not form.is_valid():
        wrong = {"product_id": product_id, "text": form.wrong()}
        return shown(request, get_order_for(request.caller, str(order_id)), wrong, status=422)
    with once(request):
        view = found.set_quantity(product_id, form.cleaned_data["quantity"])
    return shown(request, view) if request.htmx else redirect("order", order_id)


@require_POST
@page
def remove(request: PageRequest, order_id: UUID, product_id: str) -> HttpResponse:
    """Take a product out, while the order is new."""
    found = open_order_for(request.caller, str(order_id))
    with once(request):
        view = found.remove_item(product_id)
    return shown(request, view) if request.htmx else redirect("order", order_id)


@require_http_methods(["GET", "POST"])
@page
def edit(request: PageRequest, order_id: UUID) -> HttpResponse:
    """Who is told, where it goes and who pays, while the order is new; all at once."""
    found = get_order_for(request.caller, str(order_id))
    if found.order_status != "new":
        raise ActionNotAllowed(order_id=found.order_id, order_status=found.order_status)
    forms = DetailsForms(
        request,
        email=found.email,
        shipping=found.shipping_address or found.billing_address,
        billing=found.billing_address,
    )
    if request.method == "GET" or not forms.are_valid():
        context = forms.context() | {"order": found, "here": "shop"}
        status = 200 if request.method == "GET" else 422
        return render(request, "shop/edit_order.html", context, status=status)
    with once(request):
        open_order_for(request.caller, found.order_id).set_details(**forms.said())
    return done(request, redirect("order", order_id), "Your order has been changed")


@require_http_methods(["GET", "POST"])
@page
def cancel(request: PageRequest, order_id: UUID) -> HttpResponse:
    """Ask, then call the order off, while it is new."""
    found = open_order_for(request.caller, str(order_id))
    if request.method == "GET":
        context = {
            "title": "Cancel this order?",
            "text": "Nothing of it is sent. It cannot be taken up again.",
            "button": "Cancel order",
            "back": reverse("order", args=[order_id]),
        }
        return render(request, "confirm.html", context)
    with once(request):
        found.cancel()
    return done(request, redirect("order", order_id), "The order has been cancelled")


@require_POST
@page
def ship(request: PageRequest, order_id: UUID) -> HttpResponse:
    """Send the order on its way, as staff."""
    found = open_order_for(request.caller, str(order_id))
    require_staff(request)
    with once(request):
        found.ship()
    return done(request, redirect("order", order_id), "The order is on its way")


@require_POST
@page
def order_again(request: PageRequest, order_id: UUID) -> HttpResponse:
    """Put what was ordered into the caller's own cart, as far as it is still sold."""
    found = get_order_for(request.caller, str(order_id))
    with once(request):
        cart = Cart.of(request.caller.user_id).add_again(found.order_id)
    left_out = {item.product_id for item in found.items} - {one.product_id for one in cart.items}
    text = "In your cart" + (", but for what is no longer sold" if left_out else "")
    return done(request, redirect("cart"), text)


def shown(
    request: PageRequest,
    view: OrderView,
    wrong: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The order as it is now; a part of the page for htmx, the whole one otherwise."""
    history = get_order_history_for(request.caller, view.order_id, HISTORY, None)
    context: dict[str, Any] = {
        "order": view,
        "rows": rows_of(view.items, partial(order_url, view.order_id)),
        "steps": STEPS[view.order_status],
        "history": [(WORDS[event.event], event) for event in history.items],
        "wrong": wrong,
        **offers_for(request, view),
        "is_mine": view.user_id == request.caller.user_id,
        "here": "shop",
    }
    template = "shop/_order.html" if request.htmx else "shop/order.html"
    return render(request, template, context, status=status)


def offers_for(request: PageRequest, view: OrderView) -> dict[str, Any]:
    """What could be added to a new order: what its owner looks for, as far as it has a price."""
    wanted = request.POST.get("add", request.GET.get("add"))
    if wanted is None or view.order_status != "new":
        return {}
    words = wanted.replace("\0", "").strip()[:MAX_QUERY]
    filter = ProductFilter(query=words, currency=view.currency, zone=view.zone)
    found = ProductSearch.of().list_products(filter, limit=OFFERS).items if words else []
    return {"wanted": words, "offers": [item for item in found if item.quote is not None]}


def order_url(order_id: str, action: str, product_id: str) -> str:
    """Where the forms of a line go."""
    return reverse(f"order_{action}", args=[order_id, product_id])
