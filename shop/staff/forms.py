"""What staff types about a product, checked as the agents check it."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.forms import BaseFormSet, formset_factory
from pydantic import ValidationError

from accounts.images import re_encoded
from agents_core import AgentError
from shop import tags
from shop.agents import prices
from shop.agents.errors import ProductNotValid
from shop.agents.schemas import (
    BRAND_MAX,
    DESCRIPTION_MAX,
    NAME_MAX,
    PRICES_MAX,
    PriceItem,
    ProductDetails,
    ProductView,
    SalePriceItem,
)
from shop.agents.text import checked_product_id, clean_details
from shop.markets import markets

P = TypeVar("P", bound=PriceItem)

PICTURE_SIDE = 1200
EXTRA_ROWS = 2
BETWEEN_TAGS = ", "
AT = "%Y-%m-%dT%H:%M:%S"


class ProductForm(forms.Form):
    """What a product is. `details` and `picture` are what it comes to."""

    name = forms.CharField(max_length=NAME_MAX)
    brand = forms.CharField(max_length=BRAND_MAX)
    description = forms.CharField(
        max_length=DESCRIPTION_MAX, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    tags = forms.CharField(
        required=False,
        max_length=3_000,
        help_text="Commas between them; \\, is one in a tag. “featured” is on the front page.",
    )
    picture = forms.FileField(
        required=False,
        help_text="JPEG, PNG, WebP or GIF, at most 10 MB. Nothing hidden in it is kept.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    details: ProductDetails

    def clean_picture(self) -> bytes | None:
        """The picture as it will be kept."""
        upload = self.cleaned_data["picture"]
        if upload is None:
            return None
        try:
            return re_encoded(upload.read(), PICTURE_SIDE)
        except AgentError as refusal:
            raise forms.ValidationError(refusal.message) from None

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if not self.errors.keys() & {"name", "brand", "description", "tags"}:
            details = ProductDetails(
                name=found["name"],
                brand=found["brand"],
                description=found["description"],
                tags=tags.read(found["tags"], BETWEEN_TAGS),
            )
            try:
                self.details = clean_details(details)
            except ProductNotValid as refusal:
                field = str(refusal.facts["field"])
                self.add_error(field if field in self.fields else "tags", refusal.message)
            except AgentError as refusal:
                self.add_error("tags", refusal.message)
        return found


class NewProductForm(ProductForm):
    """The same for a product that is not there yet."""

    product_id = forms.CharField(
        label="Article number",
        max_length=64,
        help_text="Letters, digits, _ and -. It is part of the address and stays for ever.",
    )
    field_order = ("product_id",)

    def clean_product_id(self) -> str:
        """An id that a product can have."""
        try:
            return checked_product_id(self.cleaned_data["product_id"])
        except AgentError as refusal:
            raise forms.ValidationError(refusal.message) from None


class PriceForm(forms.Form):
    """A price in one currency, for one zone. `item` is what it comes to."""

    # Lists to pick from, shared by all rows: a menu in each would take seconds to draw.
    currency = forms.CharField(max_length=3, widget=forms.TextInput({"list": "currencies"}))
    zone = forms.CharField(max_length=32, widget=forms.TextInput({"list": "zones"}))
    price = forms.DecimalField(min_value=0, max_digits=12, decimal_places=4)
    kind: type[PriceItem] = PriceItem
    item: PriceItem

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = markets()[0]
        self.fields["currency"].initial, self.fields["zone"].initial = first.currency, first.zone

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if not self.errors:
            values = {
                name: value for name, value in found.items() if name in self.kind.model_fields
            }
            try:
                [self.item] = prices.checked([self.kind.model_validate(values)], "prices")
            except ValidationError as invalid:
                fault = invalid.errors()[0]
                self.add_error(str(fault["loc"][0]), fault["msg"])
            except AgentError as refusal:
                self.add_error(None, refusal.message)
        return found


class SaleForm(PriceForm):
    """A price for a time; an empty end is open."""

    start = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput({"type": "datetime-local", "step": "1"}, AT)
    )
    end = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput({"type": "datetime-local", "step": "1"}, AT)
    )
    kind = SalePriceItem


class PricesFormSet(BaseFormSet):  # type: ignore[type-arg]
    """Rows of prices, with some empty ones to fill in."""

    what: str

    def clean(self) -> None:
        if not any(self.errors):
            try:
                prices.checked(self.items(), self.what)
            except AgentError as refusal:
                raise forms.ValidationError(refusal.message) from None

    def items(self) -> list[Any]:
        """The prices of the rows that are filled in and stay."""
        kept = [form for form in self.forms if not form.cleaned_data.get("DELETE")]
        return [form.item for form in kept if hasattr(form, "item")]


def _formset(form: type[PriceForm], what: str) -> type[PricesFormSet]:
    made = formset_factory(
        form,
        formset=PricesFormSet,
        extra=EXTRA_ROWS,
        can_delete=True,
        max_num=PRICES_MAX,
        absolute_max=PRICES_MAX + 10,
    )
    made.what = what  # type: ignore[attr-defined]
    return made  # type: ignore[return-value]


PRICE_SETS: dict[str, type[PricesFormSet]] = {
    "msrp": _formset(PriceForm, "MSRPs"),
    "list": _formset(PriceForm, "list prices"),
    "sale": _formset(SaleForm, "sale prices"),
}


class ImportForm(forms.Form):
    """A CSV file of products and prices."""

    file = forms.FileField(
        label="CSV file",
        help_text="UTF-8, at most 10 MB. Larger ones: manage.py import_products FILE.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


def initial_of(product: ProductView) -> dict[str, str]:
    """What the form shows of a product."""
    return {
        "name": product.name,
        "brand": product.brand,
        "description": product.description,
        "tags": tags.written(product.tags, BETWEEN_TAGS),
    }
