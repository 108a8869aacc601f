"""What is bought with what, and what is bought most."""

from __future__ import annotations

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query
from shop import fading

ANY_BRAND = "*"
KEPT = 100
"""Products that one agent keeps count of: nobody is ever shown more than some twenty of them."""


class CountsState(BaseModel):
    """How often each of so many products was bought, as `shop.fading` keeps it."""

    products: dict[str, float] = {}


class _Counting(DurableAgent, abstract=True):
    """Counts purchases of products, those of long ago for less."""

    state: CountsState | None
    # Counting is plumbing: nobody reads how the numbers came about, and none is in a hurry.
    oplog = "brief"
    lane = "bulk"

    @query
    def get_strengths(self, limit: int = KEPT) -> dict[str, float]:
        """The products bought most, each with how many purchases of today that is worth."""
        return fading.strengths(self._products(), self.now(), limit=limit)

    @command
    def count(self, product_ids: list[str]) -> None:
        """Count one more purchase of each; every call counts."""
        counted = fading.counted(self._products(), product_ids, self.now(), keep=KEPT)
        self.state = CountsState(products=counted)

    def _products(self) -> dict[str, float]:
        return self.state.products if self.state is not None else {}


class BoughtTogether(_Counting):
    """What was in one order with a product. Parameters: the product's id."""

    product_id: Parameter[str]


class BestSellers(_Counting):
    """What is bought most. Parameters: the brand, or `*` for all of them."""

    brand: Parameter[str]
