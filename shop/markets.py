"""Where the shop sells: a currency and a zone each.

A visitor's choice lasts as long as the session. An address may name another, so that a list
narrowed by price means the same to whoever opens it.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict

from shop.agents.schemas import Market, place

SESSION_KEY = "market"
PARAMETER = "market"
"""How an address names one."""


class NamedMarket(Market):
    """A market and what customers call it."""

    label: str

    @property
    def key(self) -> str:
        """Its one word in addresses."""
        return place(self.currency, self.zone)


def markets() -> list[NamedMarket]:
    """All there are, the first of them for who has not chosen: the setting `SHOP_MARKETS`."""
    return [
        NamedMarket(currency=currency, zone=zone, label=label)
        for currency, zone, label in settings.SHOP_MARKETS
    ]


def find_market(key: str | None) -> NamedMarket | None:
    """The market of that name, if there is one."""
    return next((market for market in markets() if market.key == key), None)


def market_of(request: HttpRequest) -> NamedMarket:
    """The one the address names, else the one that was chosen, else the first."""
    return (
        find_market(request.GET.get(PARAMETER))
        or find_market(request.session.get(SESSION_KEY))
        or markets()[0]
    )


def without_market(address: str) -> str:
    """The address for another market: without its name, its amounts, and the place in its lists."""
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    for name in (PARAMETER, "least", "most", "cursor"):
        query.pop(name, None)
    kept = urlencode([(name, value) for name, values in query.lists() for value in values])
    return parts._replace(query=kept).geturl()
