"""Orders in the admin: found by filters, shipped and cancelled, many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from agents_core import AgentError, Caller, calling
from shop.agents.order import Order
from shop.agents.order_search import OrderSearch
from shop.agents.schemas import OrderView
from shop.staff.page import render

PAGE = 50
MAX_QUERY = 400
STATUSES = ("new", "shipped", "cancelled")
DEEDS = {"ship": "shipped", "cancel": "cancelled"}


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Orders by status and the query language; what waits longest comes first."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY]
    status = request.GET.get("status", "new")
    filters = [f"status:{status}"] if status in STATUSES else []
    asked = " ".join([*filters, query]) or "*"
    found = OrderSearch.of().search(asked, PAGE, request.GET.get("cursor") or None)
    context = {
        "orders": found.items,
        "query": query,
        "status": status if filters else "",
        "statuses": STATUSES,
        "next_cursor": found.next_cursor,
    }
    return render(request, "orders", "Orders", **context)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Ship or cancel each of those that were chosen, and say of each what happened.

    They are orders of their own: one that is refused keeps no other back.
    """
    deed = request.POST.get("action", "")
    if deed not in DEEDS:
        raise BadRequest("No such action")
    chosen = request.POST.getlist("order_id")[:PAGE]
    known = Order.of_many(chosen).get_order()
    for order_id, order in zip(chosen, known, strict=True):
        _do(request, deed, order_id, order)
    if not chosen:
        messages.warning(request, "Choose some orders first.")
    return redirect(_where_from(request))


def _do(request: HttpRequest, deed: str, order_id: str, order: OrderView | None) -> None:
    name = f"Order {order_id[-8:].upper()}"
    if order is not None and order.order_status == DEEDS[deed]:
        messages.info(request, f"{name} was {DEEDS[deed]} already.")
        return
    try:
        with calling(Caller(request.user.get_username())):
            getattr(Order.of(order_id), deed)()
    except AgentError as refusal:
        messages.error(request, f"{name} was not {DEEDS[deed]}: {refusal.message}")
    else:
        messages.success(request, f"{name} is {DEEDS[deed]}.")


def _where_from(request: HttpRequest) -> str:
    """The list as it stood, if that is here."""
    target: Any = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return str(target)
    return reverse("admin:shop_order_changelist")
