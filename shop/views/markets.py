"""The switch of currency and zone that stands on every page of the shop."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.pages import PageRequest, back, once, open_page
from shop.guests import find_cart
from shop.markets import SESSION_KEY, find_market, without_market


@require_POST
@open_page
def choose_market(request: PageRequest) -> HttpResponse:
    """See prices in another currency and zone from here on; twice is the same as once."""
    market = find_market(request.POST.get("market"))
    if market is not None:
        cart = find_cart(request)
        if cart is not None:
            with once(request):
                cart.set_market(market.currency, market.zone)
        request.session[SESSION_KEY] = market.key
    return redirect(without_market(back(request, reverse("shop"))["Location"]))
