"""What the shop refuses, and in which words."""

from __future__ import annotations

from agents_core import Conflict, NotFound, Rejected


class ProductNotFound(NotFound):
    """There is no product {product_id}, or it is no longer sold."""

    code = "product_not_found"


class PricingNotFound(NotFound):
    """There is no price of {product_id} for this currency and zone."""

    code = "pricing_not_found"


class ProductIdNotValid(Rejected):
    """{product_id} cannot be a product id: use 1 to 64 of A-Z, a-z, 0-9, _ and -."""

    code = "product_id_not_valid"
    status = 422


class ProductNotValid(Rejected):
    """A product's {field} has {least} to {most} characters, without what cannot be seen."""

    code = "product_not_valid"
    status = 422


class TooManyTags(Rejected):
    """A product has at most {limit} tags."""

    code = "too_many_tags"
    status = 422


class CurrencyNotValid(Rejected):
    """{currency} is not a currency: use a code of ISO 4217, such as USD or EUR."""

    code = "currency_not_valid"
    status = 422


class PriceNotValid(Rejected):
    """{price} {currency} cannot be paid: amounts of {currency} have {digits} decimal places."""

    code = "price_not_valid"
    status = 422


class SalePeriodNotValid(Rejected):
    """A sale has to start before it ends: {start} is not before {end}."""

    code = "sale_period_not_valid"
    status = 422


class DuplicatePrice(Rejected):
    """There are two {prices} for {currency} in {zone}: leave one of them out."""

    code = "duplicate_price"
    status = 422


class TooManyPrices(Rejected):
    """A product has at most {limit} {prices}."""

    code = "too_many_prices"
    status = 422


class ItemNotFound(NotFound):
    """There is no {product_id} in it."""

    code = "item_not_found"


class QuantityTooLarge(Rejected):
    """At most {limit} of {product_id} can be ordered at once."""

    code = "quantity_too_large"


class TooManyItems(Rejected):
    """A cart has at most {limit} different products: order some of them first."""

    code = "too_many_items"


class AddressNotValid(Rejected):
    """The address is not complete, or not as it should be: {fields}."""

    code = "address_not_valid"


class EmptyItems(Rejected):
    """There is nothing in it to order."""

    code = "empty_items"


class BillingAddressNotSet(Rejected):
    """There is no billing address yet: set it first."""

    code = "billing_address_not_set"


class EmptyEmail(Rejected):
    """There is no e-mail address yet: set it first."""

    code = "empty_email"


class CartChanged(Conflict):
    """Your cart has changed since this was shown: look at what is in it now."""

    code = "cart_changed"


class TotalChanged(Conflict):
    """It now comes to {total} {currency}, not {expected}: look at what has changed first."""

    code = "total_changed"


class CartNotFound(NotFound):
    """There is no cart of {user_id}, or it is not yours."""

    code = "cart_not_found"


class LetterInDoubt(Conflict):
    """Nobody knows whether {email} was told of the order {order_id}: ask there, or in the log of
    the mail server, before you write again."""

    code = "letter_in_doubt"


class OrderNotFound(NotFound):
    """There is no order {order_id}, or it is not yours."""

    code = "order_not_found"


class ActionNotAllowed(Conflict):
    """The order is {order_status}: only a new one can still be changed."""

    code = "action_not_allowed"


class AssistantNotFound(NotFound):
    """There is no assistant of {user_id}, or it is not yours."""

    code = "assistant_not_found"


class ImportNotFound(NotFound):
    """There is no import {import_id}."""

    code = "import_not_found"
