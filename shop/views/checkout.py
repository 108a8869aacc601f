"""From the cart to an order: who is told, where it goes, who pays."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.pages import PageRequest, done, once, page
from agents_core.errors import IdempotencyKeyReused
from shop.agents.cart import Cart
from shop.agents.errors import CartChanged, EmptyItems, TotalChanged
from shop.agents.order import Order
from shop.agents.schemas import Address, CartView, CheckoutDetails
from shop.payments import payment_provider
from shop.views.details import DetailsForms
from shop.views.forms import ShownCartForm


@require_http_methods(["GET", "POST"])
@page
def checkout(request: PageRequest) -> HttpResponse:
    """The form, filled in as far as is known; sent, it places the order, however often."""
    cart = Cart.of(request.caller.user_id)
    view = cart.get_cart()
    forms = forms_of(request, view)
    if request.method == "GET":
        return shown(request, view, forms) if view.items else redirect("cart")
    seen = ShownCartForm(request.POST)
    if not (forms.are_valid() and seen.is_valid()):
        return shown(request, view, forms, status=422)
    try:
        with once(request):
            placed = cart.place_order(CheckoutDetails(**forms.said(), **seen.cleaned_data))
    except (CartChanged, TotalChanged) as refusal:
        return shown(request, cart.get_cart(), forms, status=409, message=refusal.message)
    except (EmptyItems, IdempotencyKeyReused):
        # ordered in another tab, where something else was filled in
        return done(request, redirect("orders"), "This cart has been ordered already")
    return paid_or_thanked(request, placed.order_id)


@require_POST
@page
def forget_address(request: PageRequest) -> HttpResponse:
    """Take an address out of the book; one that is not there is fine."""
    cart = Cart.of(request.caller.user_id)
    address = saved(cart.get_cart(), request.POST.get("address", ""))
    if address is not None:
        with once(request):
            cart.forget_address(address)
    return done(request, redirect("checkout"), "The address is forgotten")


def paid_or_thanked(request: PageRequest, order_id: str) -> HttpResponse:
    """On to the payment where one is installed, else to the order."""
    provider, order = payment_provider(), Order.of(order_id).get_order()
    if provider is not None and order is not None:
        return redirect(provider.payment_page(order))
    return done(request, redirect("order", order_id), "Thank you. We have your order")


def forms_of(request: PageRequest, view: CartView) -> DetailsForms:
    """The forms with what the cart knows, or what the book has: the newest, or the chosen one."""
    book = view.address_book
    chosen = saved(view, request.GET.get("address", ""))
    known = chosen or view.shipping_address or view.billing_address
    shipping = known or (book[0] if book else None)
    return DetailsForms(request, email=view.email, shipping=shipping, billing=view.billing_address)


def saved(view: CartView, place: str) -> Address | None:
    """The address that stands in this place of the book."""
    known = place.isdecimal() and len(place) < 3 and int(place) < len(view.address_book)
    return view.address_book[int(place)] if known else None


def shown(
    request: PageRequest,
    view: CartView,
    forms: DetailsForms,
    *,
    status: int = 200,
    message: str | None = None,
) -> HttpResponse:
    """The page, with the cart as it is now: that is what the next try orders."""
    provider = payment_provider()
    context = forms.context() | {
        "cart": view,
        # one cart as it is shown is one order, in however many tabs, however often it is sent
        "key": f"{view.revision}-{view.total}",
        "button": provider.label if provider else "Place order",
        "message": message,
        "here": "shop",
    }
    return render(request, "shop/checkout.html", context, status=status)
