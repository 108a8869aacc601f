"""Parameters that several routers take. What cannot be an id is not found, like any other."""

import re
from collections.abc import Callable
from typing import Annotated

from ninja import Path, Query
from pydantic import AfterValidator, StringConstraints

from accounts import names
from agents_core import NotFound
from shop.agents.errors import AssistantNotFound, CartNotFound, OrderNotFound
from shop.ids import product_id_of


def _user_id_or(refusal: type[NotFound]) -> Callable[[str], str]:
    def user_id(value: str) -> str:
        folded = names.fold(value)
        if not names.is_valid(folded):
            raise refusal(user_id=value[: names.MAX_LENGTH])
        return folded

    return user_id


def _order_id(value: str) -> str:
    order_id = value.lower()
    if not _UUID.fullmatch(order_id):
        raise OrderNotFound(order_id=value[:36])
    return order_id


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# PostgreSQL knows no NUL in a text.
_WORDS = StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")

ProductId = Annotated[str, Path(description="A slug."), AfterValidator(product_id_of)]
SearchText = Annotated[str, Query(description="Words, `field:value`, or `*`."), _WORDS]
UserId = Annotated[str, Path(description="A username."), AfterValidator(_user_id_or(CartNotFound))]
AssistantUserId = Annotated[
    str, Path(description="A username."), AfterValidator(_user_id_or(AssistantNotFound))
]
OrderId = Annotated[str, Path(description="A UUID."), AfterValidator(_order_id)]
