"""The only doors to what the shop has: finding it and being allowed to see it are one step."""

from shop.agents.errors import PricingNotFound, ProductNotFound
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceView, PricingView, ProductView


def get_product(product_id: str) -> ProductView:
    """A product that is sold; anyone may see it."""
    product = Product.of(product_id).get_product()
    if product is None:
        raise ProductNotFound(product_id=product_id)
    return product


def get_pricing(product_id: str) -> PricingView:
    """All prices of a product; anyone may see them."""
    pricing = Pricing.of(product_id).get_pricing()
    if pricing is None:
        raise PricingNotFound(product_id=product_id)
    return pricing


def get_price(product_id: str, currency: str, zone: str) -> PriceView:
    """What a product costs now in exactly that currency and zone; anyone may see it."""
    price = Pricing.of(product_id).get_price(currency, zone)
    if price is None:
        raise PricingNotFound(product_id=product_id, currency=currency, zone=zone)
    return price
