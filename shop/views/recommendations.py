"""What is recommended to somebody, and their say in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, back, done, once, page
from shop import llm
from shop.access import get_assistant_for
from shop.agents.assistant import ShoppingAssistant
from shop.agents.product import Product
from shop.ids import product_id_of
from shop.recommended import shelf_of


@require_GET
@page
def recommendations(request: PageRequest) -> HttpResponse:
    """What is recommended to the viewer, how that is made, and what they do not want to see; for
    htmx the first of it alone."""
    if request.htmx:
        return shelf(request)
    view = assistant_of(request).get_view()
    labels = Product.of_many(view.unwanted).get_label() if view.unwanted else []
    context: dict[str, Any] = {
        "unwanted": [
            (product_id, label.name if label else product_id)
            for product_id, label in zip(view.unwanted, labels, strict=True)
        ],
        "uses_llm": llm.is_set_up(),
        "may_ask_llm": view.may_ask_llm,
        "here": "shop",
    }
    return render(request, "shop/for_you.html", context)


@require_POST
@page
def refresh(request: PageRequest) -> HttpResponse:
    """Have others picked, which takes a moment; too often it is refused."""
    with once(request):
        assistant_of(request).refresh()
    return answered(request, "New recommendations are on their way")


@require_POST
@page
def not_interested(request: PageRequest, product_id: str) -> HttpResponse:
    """Never recommend that product; twice is the same as once."""
    product_id = product_id_of(product_id)
    with once(request):
        assistant_of(request).set_not_interested(product_id)
    label = Product.of(product_id).get_label()
    name = label.name if label else product_id
    if request.htmx:
        return shelf(request, waved_away=product_id, name=name)
    return answered(request, f"{name} will not be recommended again")


@require_POST
@page
def interested(request: PageRequest, product_id: str) -> HttpResponse:
    """Take that back; twice is the same as once."""
    with once(request):
        assistant_of(request).set_interested(product_id_of(product_id))
    return answered(request, "It may be recommended again")


@require_POST
@page
def language_model(request: PageRequest) -> HttpResponse:
    """Let a language model help, or not; twice is the same as once."""
    may = request.POST.get("may") == "yes"
    with once(request):
        assistant_of(request).set_may_ask_llm(may)
    return answered(request, "Saved")


def assistant_of(request: PageRequest) -> ShoppingAssistant:
    """The viewer's own."""
    return get_assistant_for(request.caller, request.caller.user_id)


def answered(request: PageRequest, text: str) -> HttpResponse:
    """Say what was done: with the shelf for htmx, where the form stood otherwise."""
    response = shelf(request) if request.htmx else back(request, reverse("recommendations"))
    return done(request, response, text)


def shelf(request: PageRequest, **more: str) -> HttpResponse:
    """The shelf of recommendations alone."""
    context = {"shelf": shelf_of(request), **more}
    return render(request, "shop/_recommendations.html", context)
