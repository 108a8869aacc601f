"""What all of the shop's pages in the admin share: their frame, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from agents_core import AgentError
from shop.models import Product

R = TypeVar("R", bound=HttpResponseBase)


def render(
    request: HttpRequest, template: str, title: str, status: int = 200, /, **context: Any
) -> HttpResponse:
    """A page in the admin's frame."""
    frame = admin.site.each_context(request) | {"title": title, "opts": Product._meta}
    return TemplateResponse(request, f"shop/staff/{template}.html", frame | context, status=status)


def told(view: Callable[..., R], request: HttpRequest, **named: str) -> R | HttpResponse:
    """What a view answers; what it is refused becomes a page that says so."""
    try:
        return view(request, **named)
    except AgentError as refusal:
        title = "That did not work"
        return render(request, "refused", title, refusal.status, problem=refusal.message)
