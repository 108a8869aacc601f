"""Parameters that several routers take. What cannot be an id is not found, like any other."""

import re
from typing import Annotated

from ninja import Path, Query
from pydantic import AfterValidator, StringConstraints

from shop.agents.errors import ProductNotFound
from shop.agents.schemas import PRODUCT_ID


def _product_id(value: str) -> str:
    if not re.fullmatch(PRODUCT_ID, value):
        raise ProductNotFound(product_id=value[:64])
    return value


# PostgreSQL knows no NUL in a text.
_WORDS = StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")

ProductId = Annotated[str, Path(description="A slug."), AfterValidator(_product_id)]
SearchText = Annotated[str, Query(description="Words, `field:value`, or `*`."), _WORDS]
