"""The lines of carts and orders as pages show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shop.agents.schemas import QUANTITY_MAX, CartProblem, ItemView


@dataclass(frozen=True)
class Row:
    """A line, where its forms go, and what has become of it."""

    item: ItemView
    quantity_url: str
    remove_url: str
    problem: CartProblem | None = None

    @property
    def fewer(self) -> int:
        """One less; 0 is no quantity."""
        return self.item.quantity - 1

    @property
    def more(self) -> int | None:
        """One more; None at the most a line may have."""
        return self.item.quantity + 1 if self.item.quantity < QUANTITY_MAX else None


def rows_of(
    items: list[ItemView],
    url: Callable[[str, str], str],
    problems: list[CartProblem] | None = None,
) -> list[Row]:
    """A row for each item; `url` is told what is to be done, and to which product."""
    told = {problem.product_id: problem for problem in problems or []}
    return [
        Row(
            item,
            quantity_url=url("quantity", item.product_id),
            remove_url=url("remove", item.product_id),
            problem=told.get(item.product_id),
        )
        for item in items
    ]


def name_in(items: list[ItemView], product_id: str) -> str:
    """What a product that has just been put in is called."""
    return next(item.product_name for item in items if item.product_id == product_id)
