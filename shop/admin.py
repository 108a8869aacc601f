"""The shop in Django's admin. No page writes a table: they call agents, as the API does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from shop.models import Order, Product
from shop.staff import imports, orders, products
from shop.staff.page import told

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class ForStaff(Base):
    """Pages of our own, for every member of staff; each deed is a form on them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def page(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """A page of ours, behind the admin's door."""

        def seen(request: HttpRequest, **named: str) -> HttpResponseBase:
            return told(view, request, **named)

        return path(route, self.admin_site.admin_view(seen), name=f"shop_{name}")


@admin.register(Product)
class ProductAdmin(ForStaff):
    """Products and their prices."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("", products.listed, "product_changelist"),
            self.page("add/", products.add, "product_add"),
            self.page("export/", products.export, "product_export"),
            self.page("import/", imports.begin, "product_imports"),
            self.page("import/<str:import_id>/", imports.progress, "product_import"),
            self.page("<slug:product_id>/change/", products.change, "product_change"),
            self.page("<slug:product_id>/act/", products.act, "product_act"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(Order)
class OrderAdmin(ForStaff):
    """Orders, to be shipped and cancelled."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("", orders.listed, "order_changelist"),
            self.page("act/", orders.act, "order_act"),
        ]
