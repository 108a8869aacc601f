"""Products and their prices as CSV: what a file says, or what is wrong with it, line by line.

A line is a product with at most one price. Further lines of the same product bring further prices;
their name, brand, description and tags may be left empty. Nothing here changes anything.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel, TypeAdapter, ValidationError

from agents_core import AgentError
from shop import tags
from shop.agents import prices
from shop.agents.errors import TooManyPrices
from shop.agents.schemas import (
    DEFAULT_ZONE,
    PRICES_MAX,
    PriceItem,
    Prices,
    PricingView,
    ProductDetails,
    ProductView,
    SalePriceItem,
)
from shop.agents.text import checked_product_id, clean_details

DETAILS = ("name", "brand", "description", "tags")
PRICE = ("kind", "price", "currency", "zone", "start", "end")
COLUMNS = ("product_id", *DETAILS, *PRICE)
BETWEEN_TAGS = "|"
KINDS = {"msrp": "MSRPs", "list": "list prices", "sale": "sale prices"}
_TIME: TypeAdapter[datetime] = TypeAdapter(datetime)


class LineError(BaseModel):
    """What is wrong in a line of a file; the header is line 1."""

    line: int
    message: str


class BulkProduct(BaseModel):
    """A product as a file has it; without `prices` those it has stay as they are."""

    product_id: str
    details: ProductDetails
    prices: Prices | None = None


class Parsed(BaseModel):
    """What a file says. Where there are errors, nothing of it may be used."""

    products: list[BulkProduct]
    errors: list[LineError]
    lines: int


@dataclass(slots=True)
class _Gathered:
    line: int
    details: ProductDetails
    items: dict[str, list[PriceItem]] = field(default_factory=dict)
    seen: set[tuple[object, ...]] = field(default_factory=set)


class _Wrong(Exception):
    """What is wrong with one line."""


def read(text: str) -> Parsed:
    """All products of a file, or all that is wrong with it. Takes commas or semicolons."""
    header, _, _ = text.removeprefix("\ufeff").partition("\n")
    delimiter = ";" if header.count(";") > header.count(",") else ","
    lines_of_text = io.StringIO(text.removeprefix("\ufeff"), newline="")
    rows = csv.reader(lines_of_text, delimiter=delimiter)
    names = [name.strip().casefold() for name in next(rows, [])]
    problem = _what_is_wrong_with_header(names)
    if problem is not None:
        return Parsed(products=[], errors=[LineError(line=1, message=problem)], lines=0)
    gathered: dict[str, _Gathered] = {}
    errors: list[LineError] = []
    lines = 0
    for line, row in _numbered(rows, errors):
        if not any(cell.strip() for cell in row):
            continue
        lines += 1
        try:
            _take(_named(names, row), line, gathered)
        except _Wrong as wrong:
            errors.append(LineError(line=line, message=str(wrong)))
        except AgentError as refusal:
            errors.append(LineError(line=line, message=refusal.message))
    if not lines and not errors:
        errors.append(LineError(line=2, message="There is no product in it."))
    products = [] if errors else [_product(id_, one) for id_, one in gathered.items()]
    return Parsed(products=products, errors=sorted(errors, key=_line_of), lines=lines)


def rows_of(product: ProductView, pricing: PricingView | None) -> Iterator[list[str]]:
    """The lines of a product, as `read` takes them."""
    details = [
        product.name,
        product.brand,
        product.description,
        tags.written(product.tags, BETWEEN_TAGS),
    ]
    kinds: list[tuple[str, Iterable[PriceItem]]] = []
    if pricing is not None:
        kinds = [
            ("msrp", pricing.msrp_prices),
            ("list", pricing.list_prices),
            ("sale", pricing.sale_prices),
        ]
    empty = True
    for kind, items in kinds:
        for item in items:
            yield [product.product_id, *(details if empty else [""] * 4), *_cells(kind, item)]
            empty = False
    if empty:
        yield [product.product_id, *details, *[""] * len(PRICE)]


def _cells(kind: str, item: PriceItem) -> list[str]:
    period = [item.start, item.end] if isinstance(item, SalePriceItem) else [None, None]
    times = [time.astimezone(UTC).isoformat() if time else "" for time in period]
    return [kind, str(item.price), item.currency, item.zone, *times]


def _line_of(error: LineError) -> int:
    return error.line


def _what_is_wrong_with_header(names: list[str]) -> str | None:
    missing = [name for name in ("product_id", "name", "brand") if name not in names]
    if missing:
        return f"The first line has to name the columns; there is no {', '.join(missing)}."
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        return (
            f"Nobody knows the columns {', '.join(map(repr, unknown))}: use {', '.join(COLUMNS)}."
        )
    if len(set(names)) < len(names):
        return "A column stands in the first line twice."
    return None


def _numbered(
    rows: Iterator[list[str]], errors: list[LineError]
) -> Iterator[tuple[int, list[str]]]:
    """The rows with the numbers of the lines they begin in; what is no CSV ends them."""
    line = 2
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            errors.append(LineError(line=line, message=f"This cannot be read as CSV: {error}."))
            return
        if row is None:
            return
        yield line, row
        line = rows.line_num + 1  # type: ignore[attr-defined]


def _named(names: list[str], row: list[str]) -> dict[str, str]:
    if len(row) > len(names):
        raise _Wrong(f"It has {len(row)} cells, but the first line names {len(names)}.")
    cells = dict.fromkeys(COLUMNS, "")
    cells.update(zip(names, (cell.strip() for cell in row), strict=False))
    return cells


def _take(cells: dict[str, str], line: int, gathered: dict[str, _Gathered]) -> None:
    product_id = checked_product_id(cells["product_id"])
    one = gathered.get(product_id)
    if one is None:
        one = gathered[product_id] = _Gathered(line, _details(cells))
    elif any(cells[name] for name in DETAILS) and _details(cells) != one.details:
        raise _Wrong(f"It describes {product_id} otherwise than line {one.line} does.")
    if not cells["kind"]:
        extra = [name for name in PRICE if cells[name]]
        if extra:
            raise _Wrong(f"It has a {extra[0]} but no kind: use {', '.join(KINDS)}.")
        return
    kind = cells["kind"].casefold()
    if kind not in KINDS:
        raise _Wrong(f"{cells['kind']} is no kind of price: use {', '.join(KINDS)}.")
    item = _price(kind, cells)
    key = (kind, *prices.key_of(item))
    if key in one.seen:
        raise _Wrong(f"{product_id} already has such a {kind} price for {item.currency} there.")
    one.seen.add(key)
    items = one.items.setdefault(kind, [])
    items.append(item)
    if len(items) > PRICES_MAX:
        raise TooManyPrices(prices=KINDS[kind], limit=PRICES_MAX)


def _details(cells: dict[str, str]) -> ProductDetails:
    return clean_details(
        ProductDetails(
            name=cells["name"],
            brand=cells["brand"],
            description=cells["description"],
            tags=tags.read(cells["tags"], BETWEEN_TAGS),
        )
    )


def _price(kind: str, cells: dict[str, str]) -> PriceItem:
    times = {name: _time(name, cells[name]) for name in ("start", "end") if cells[name]}
    if times and kind != "sale":
        raise _Wrong(f"Only a sale has a {next(iter(times))}.")
    try:
        amount = Decimal(cells["price"])
    except InvalidOperation:
        raise _Wrong(f"{cells['price'] or 'Nothing'} is no amount: write 12.50.") from None
    values = {"price": amount, "currency": cells["currency"], "zone": cells["zone"] or DEFAULT_ZONE}
    of_kind = SalePriceItem if kind == "sale" else PriceItem
    try:
        item = of_kind.model_validate(values | times)
    except ValidationError as invalid:
        fault = invalid.errors()[0]
        raise _Wrong(f"The {fault['loc'][0]} is not right: {fault['msg']}.") from None
    return prices.checked([item], KINDS[kind])[0]


def _time(name: str, text: str) -> datetime:
    try:
        time = _TIME.validate_python(text)
    except ValidationError:
        raise _Wrong(f"{text} is no {name}: write 2026-03-01T15:00:00Z.") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _product(product_id: str, one: _Gathered) -> BulkProduct:
    found = None
    if one.items:
        found = Prices(
            msrp_prices=one.items.get("msrp", []),
            list_prices=one.items.get("list", []),
            sale_prices=[
                item for item in one.items.get("sale", []) if isinstance(item, SalePriceItem)
            ],
        )
    return BulkProduct(product_id=product_id, details=one.details, prices=found)
