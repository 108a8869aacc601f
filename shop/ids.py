"""The shop's own ids."""

import re

from shop.agents.errors import ProductNotFound
from shop.agents.schemas import PRODUCT_ID


def product_id_of(text: str) -> str:
    """A product id out of an address; what cannot be one is not found, like any other."""
    if not re.fullmatch(PRODUCT_ID, text):
        raise ProductNotFound(product_id=text[:64])
    return text
