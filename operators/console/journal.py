"""What operators did, to whichever agent and by whichever door."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from agents_core import operators
from agents_core.collections import CursorNotValid
from agents_core.shown import OperationPage
from operators.console.pages import PAGE, Paged, render


def operations(request: HttpRequest) -> HttpResponse:
    """The newest first, page by page."""
    cursor, status, problem = request.GET.get("cursor"), 200, None
    page = OperationPage(items=[], next_cursor=None)
    try:
        page = operators.operations(cursor=cursor, limit=PAGE)
    except CursorNotValid as refusal:
        status, problem = refusal.status, refusal.message
    paged = Paged.of(request, page.next_cursor)
    return render(request, "journal", "Operations", status, page=page, paged=paged, problem=problem)
