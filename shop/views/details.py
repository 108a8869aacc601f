"""The three forms of a checkout, and of a new order's change: contact, shipping, billing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from shop.agents.schemas import Address
from shop.views.forms import AddressForm, ContactForm


class DetailsForms:
    """Filled in with what is known; sent, each with its own errors."""

    def __init__(
        self,
        request: HttpRequest,
        *,
        email: str | None,
        shipping: Address | None,
        billing: Address | None,
    ) -> None:
        posted = request.POST if request.method == "POST" else None
        same = billing is None or billing == shipping
        self.contact = ContactForm(posted, initial={"email": email, "billing_is_shipping": same})
        self.shipping = AddressForm(posted, prefix="shipping", initial=_fields(shipping))
        self.same = same if posted is None else "billing_is_shipping" in posted
        # A separate billing address that is not asked for is not looked at, whatever is in it.
        self.billing = AddressForm(
            None if self.same else posted,
            prefix="billing",
            initial=_fields(None if same else billing),
        )

    def are_valid(self) -> bool:
        """All of them; none is left out because another is not."""
        parts = [self.contact, self.shipping, *([] if self.same else [self.billing])]
        valid = [part.is_valid() for part in parts]
        return all(valid)

    def said(self) -> dict[str, Any]:
        """What they say, once they are valid."""
        shipping = self.shipping.address
        return {
            "email": self.contact.cleaned_data["email"],
            "shipping_address": shipping,
            "billing_address": shipping if self.same else self.billing.address,
        }

    def context(self) -> dict[str, Any]:
        """What their template needs."""
        forms = [self.contact, self.shipping, self.billing]
        return {
            "contact": self.contact,
            "shipping": self.shipping,
            "billing": self.billing,
            "forms": forms,
            "errors": any(form.errors for form in forms),
        }


def _fields(address: Address | None) -> dict[str, Any]:
    return address.model_dump() if address else {}
