"""The shop in Django's admin. No page writes a table: they call agents, as the API does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from shop.models import Product
from shop.staff import imports, products
from shop.staff.page import told

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


@admin.register(Product)
class ProductAdmin(Base):
    """Products and their prices, for staff."""

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            def seen(request: HttpRequest, **named: str) -> HttpResponseBase:
                return told(view, request, **named)

            return path(route, self.admin_site.admin_view(seen), name=f"shop_product_{name}")

        return [
            page("", products.listed, "changelist"),
            page("add/", products.add, "add"),
            page("export/", products.export, "export"),
            page("import/", imports.begin, "imports"),
            page("import/<str:import_id>/", imports.progress, "import"),
            page("<slug:product_id>/change/", products.change, "change"),
            page("<slug:product_id>/act/", products.act, "act"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
