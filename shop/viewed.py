"""Which products somebody has looked at: known to their own browser alone."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from shop.agents.schemas import PRODUCT_ID

COOKIE = "viewed"
KEPT = 8
SECONDS = 14 * 24 * 3600


def ids_of(request: HttpRequest) -> list[str]:
    """The products looked at last, the newest first."""
    ids = request.COOKIES.get(COOKIE, "").split(".")
    return [one for one in ids if re.fullmatch(PRODUCT_ID, one)][:KEPT]


def noted(request: HttpRequest, response: HttpResponse, product_id: str) -> HttpResponse:
    """Have the browser remember that this one was looked at, and forget the oldest."""
    ids = [product_id, *(one for one in ids_of(request) if one != product_id)][:KEPT]
    response.set_cookie(
        COOKIE,
        ".".join(ids),
        max_age=SECONDS,
        path="/shop/",
        secure=settings.HTTPS_ONLY,
        httponly=True,
        samesite="Lax",
    )
    return response
