"""What shoppers fill in."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.text import EmailNotValid
from shop.agents.address import LIMITS, OPTIONAL, clean_address
from shop.agents.email import required_email
from shop.agents.errors import AddressNotValid
from shop.agents.schemas import QUANTITY_MAX, Address

LABELS = {
    "name": "Full name",
    "street": "Street and number",
    "city": "City",
    "state_or_region": "State or region",
    "postal_code": "Postal code",
    "country": "Country",
    "phone_number": "Phone",
}
AUTOCOMPLETE = {
    "name": "name",
    "street": "street-address",
    "city": "address-level2",
    "state_or_region": "address-level1",
    "postal_code": "postal-code",
    "country": "country-name",
    "phone_number": "tel",
}


class QuantityForm(forms.Form):
    """How many."""

    quantity = forms.IntegerField(min_value=1, max_value=QUANTITY_MAX)

    def wrong(self) -> str:
        """What to say to who typed something else."""
        return f"A quantity is a whole number from 1 to {QUANTITY_MAX}."


class ShownCartForm(forms.Form):
    """Which cart a checkout page showed; nobody types this."""

    revision = forms.IntegerField(min_value=0)
    total = forms.DecimalField(min_value=0)


class AddressForm(forms.Form):
    """A postal address; its prefix, `shipping` or `billing`, is what browsers complete it by."""

    address: Address

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in LABELS.items():
            tokens = {"autocomplete": f"{self.prefix} {AUTOCOMPLETE[name]}"}
            self.fields[name] = forms.CharField(
                label=label,
                required=name not in OPTIONAL,
                max_length=LIMITS[name],
                widget=forms.TextInput(tokens),
            )

    def clean(self) -> dict[str, Any]:
        """The form's own rules, then the agent's, each beside its field."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.address = clean_address(Address(**cleaned))
            except AddressNotValid as refusal:
                for field, message in refusal.facts["errors"].items():
                    self.add_error(field, message)
        return cleaned


class ContactForm(forms.Form):
    """Who is told, and whether who pays is who gets it."""

    email = forms.EmailField(
        label="E-mail",
        max_length=320,
        help_text="News of your order go here.",
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    billing_is_shipping = forms.BooleanField(
        label="The bill goes to the same address", required=False
    )

    def clean_email(self) -> str:
        """The address as the cart will keep it."""
        try:
            return required_email(self.cleaned_data["email"])
        except EmailNotValid as refusal:
            raise forms.ValidationError(refusal.message) from refusal
