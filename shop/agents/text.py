"""What staff types, within the limits of the shop. Pure functions."""

from __future__ import annotations

import re

from accounts.text import clean, clean_line
from shop.agents.errors import ProductIdNotValid, ProductNotValid, TooManyTags
from shop.agents.schemas import (
    BRAND_MAX,
    DESCRIPTION_MAX,
    NAME_MAX,
    PRODUCT_ID,
    TAG_MAX,
    TAGS_MAX,
    ProductDetails,
)


def clean_details(details: ProductDetails) -> ProductDetails:
    """A product's texts, or the refusal of the first that is empty or too long."""
    if len(details.tags) > TAGS_MAX:
        raise TooManyTags(limit=TAGS_MAX)
    tags = (_within(clean_line(tag).casefold(), "tag", most=TAG_MAX) for tag in details.tags)
    return ProductDetails(
        name=_within(clean_line(details.name), "name", most=NAME_MAX),
        brand=_within(clean_line(details.brand), "brand", most=BRAND_MAX),
        description=_within(
            clean(details.description), "description", least=0, most=DESCRIPTION_MAX
        ),
        tags=list(dict.fromkeys(tags)),
    )


def checked_product_id(product_id: str) -> str:
    """The id as it is, or the refusal of one that no product can have."""
    if not re.fullmatch(PRODUCT_ID, product_id):
        raise ProductIdNotValid(product_id=product_id[:80])
    return product_id


def _within(text: str, field: str, *, least: int = 1, most: int) -> str:
    if not least <= len(text) <= most:
        raise ProductNotValid(field=field, least=least, most=most)
    return text
