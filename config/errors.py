"""Error pages that Django itself would show without knowing the request, and so without its id.

They run no context processor: what broke the page may break them as well.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, "400.html", 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _page(request, "500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form whose token is missing or old."""
    return _page(request, "403_csrf.html", 403)


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    return HttpResponse(get_template(name).render({"request": request}), status=status)
