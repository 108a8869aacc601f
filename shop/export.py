"""All products and prices that are for sale, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from shop import bulk
from shop.agents.pricing import Pricing
from shop.agents.schemas import PAGE_MAX
from shop.agents.search import ProductSearch


def export_lines() -> Iterator[str]:
    """The file, some products at a time, as `bulk.read` takes it."""
    yield _written([list(bulk.COLUMNS)])
    cursor: str | None = None
    while True:
        page = ProductSearch.of().search("*", PAGE_MAX, cursor)
        pricings = Pricing.of_many([one.product_id for one in page.items]).get_pricing()
        pairs = zip(page.items, pricings, strict=True)
        yield _written([row for pair in pairs for row in bulk.rows_of(*pair)])
        cursor = page.next_cursor
        if cursor is None:
            return


def _written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
