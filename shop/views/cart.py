"""The cart: looked at and changed, signed in or not."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import PageRequest, back, done, once, open_page
from shop.agents.errors import ItemNotFound
from shop.agents.product import Product
from shop.agents.schemas import PRODUCT_ID, CartView, Market
from shop.guests import find_cart, open_cart
from shop.markets import find_market
from shop.views.forms import QuantityForm
from shop.views.rows import name_in, rows_of

GONE = "That is no longer in your cart"


@require_GET
@open_page
def cart(request: PageRequest) -> HttpResponse:
    """What is in the cart, at today's prices; for htmx the contents alone."""
    return shown(request, undo=just_removed(request))


@require_GET
@open_page
def badge(request: PageRequest) -> HttpResponse:
    """How many things are in it, for the navigation of every page."""
    return render(request, "shop/_cart_badge.html")


@require_POST
@open_page
def add(request: PageRequest, product_id: str) -> HttpResponse:
    """Put so many more of a product in, in the currency it was seen in; the same form, once."""
    form = QuantityForm(request.POST)
    if not form.is_valid():
        return unchanged(request, form.wrong())
    seen = find_market(request.POST.get("market"))
    market = Market(currency=seen.currency, zone=seen.zone) if seen else None
    with once(request):
        view = open_cart(request).add_item(product_id, form.cleaned_data["quantity"], market)
    text = f"In your cart: {name_in(view.items, product_id)}"
    if request.htmx and request.htmx.target != "cart":
        return done(request, render(request, "shop/_cart_badge.html"), text)
    if request.htmx:
        return done(request, shown(request, view), text)
    return done(request, back(request, reverse("cart")), text)


@require_POST
@open_page
def set_quantity(request: PageRequest, product_id: str) -> HttpResponse:
    """Have exactly so many of a product."""
    form = QuantityForm(request.POST)
    if not form.is_valid():
        wrong = {"product_id": product_id, "text": form.wrong()}
        return shown(request, wrong=wrong, status=422)
    try:
        with once(request):
            view = open_cart(request).set_quantity(product_id, form.cleaned_data["quantity"])
    except ItemNotFound:
        return unchanged(request, GONE)
    return shown(request, view) if request.htmx else redirect("cart")


@require_POST
@open_page
def remove(request: PageRequest, product_id: str) -> HttpResponse:
    """Take a product out; the cart then offers to put it back."""
    quantity = request.POST.get("quantity", "")
    try:
        with once(request):
            view = open_cart(request).remove_item(product_id)
    except ItemNotFound:
        return unchanged(request, GONE)
    if request.htmx:
        return shown(request, view, undo=undo_of(product_id, quantity))
    return redirect(f"{reverse('cart')}?removed={product_id}&quantity={quantity[:4]}")


@require_http_methods(["GET", "POST"])
@open_page
def clear(request: PageRequest) -> HttpResponse:
    """Ask, then take everything out."""
    if request.method == "GET":
        context = {
            "title": "Empty your cart?",
            "text": "Everything in it is taken out.",
            "button": "Empty the cart",
            "back": reverse("cart"),
        }
        return render(request, "confirm.html", context)
    with once(request):
        open_cart(request).clear()
    return done(request, redirect("cart"), "Your cart is empty")


@require_POST
@open_page
def accept_prices(request: PageRequest) -> HttpResponse:
    """Take note of changed prices."""
    with once(request):
        view = open_cart(request).accept_prices()
    return shown(request, view) if request.htmx else redirect("cart")


def shown(
    request: PageRequest,
    view: CartView | None = None,
    *,
    undo: dict[str, Any] | None = None,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The cart as it is now; a part of the page for htmx, the whole one otherwise."""
    if view is None:
        found = find_cart(request)
        view = found.get_cart() if found else None
    context: dict[str, Any] = {"cart": view, "undo": undo, "wrong": wrong, "here": "shop"}
    if view is not None:
        context["rows"] = rows_of(view.items, cart_url, view.problems)
        context["changed"] = [one for one in view.problems if one.code == "price_changed"]
        context["gone"] = [one for one in view.problems if one.code != "price_changed"]
    template = "shop/_cart.html" if request.htmx else "shop/cart.html"
    return render(request, template, context, status=status)


def unchanged(request: PageRequest, text: str) -> HttpResponse:
    """The cart as it is, and why nothing was done."""
    response = shown(request, status=422)
    return done(request, response, text) if request.htmx else done(request, redirect("cart"), text)


def cart_url(action: str, product_id: str) -> str:
    """Where the forms of a line go."""
    return reverse(f"cart_{action}", args=[product_id])


def just_removed(request: PageRequest) -> dict[str, Any] | None:
    """What the address says was taken out."""
    product_id = request.GET.get("removed", "")
    if not re.fullmatch(PRODUCT_ID, product_id):
        return None
    return undo_of(product_id, request.GET.get("quantity", ""))


def undo_of(product_id: str, quantity: str) -> dict[str, Any] | None:
    """What it takes to put a product back; None for what is no longer sold."""
    form = QuantityForm({"quantity": quantity})
    label = Product.of(product_id).get_label()
    if label is None or not form.is_valid():
        return None
    return {
        "product_id": product_id,
        "name": label.name,
        "quantity": form.cleaned_data["quantity"],
    }
