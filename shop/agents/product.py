"""A product."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query
from agents_core.files import AgentFile
from agents_core.search import SearchFields
from shop import money

# Agents that write to each other import each other: as modules, so that any may come first.
from shop.agents import pricing
from shop.agents.errors import ProductNotFound
from shop.agents.schemas import (
    LocalPrice,
    Prices,
    ProductDetails,
    ProductLabel,
    ProductPut,
    ProductView,
)
from shop.agents.text import checked_product_id, clean_details

PICTURE = "picture.webp"


class ProductState(BaseModel):
    """What is sold, or was: of a withdrawn product everything stays but its place in the lists.

    `local_prices` is what it costs where, for the lists alone: some moments behind a sale that
    begins or ends. Who buys is told the price by `Pricing`.
    """

    details: ProductDetails
    local_prices: list[LocalPrice] = []
    picture: str | None = None
    created_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None = None


class Product(DurableAgent):
    """One product. Parameters: the product's id.

    What it costs is kept by `Pricing` of the same id.
    """

    product_id: Parameter[str]
    state: ProductState | None
    live = True

    @query
    def get_product(self) -> ProductView | None:
        """The product; None when there is none, or it is no longer sold."""
        if self.state is None or self.state.withdrawn_at is not None:
            return None
        return self._view(self.state)

    @query
    def get_label(self) -> ProductLabel | None:
        """What it is called, for carts and receipts; None when it is not sold."""
        if self.state is None or self.state.withdrawn_at is not None:
            return None
        return ProductLabel(name=self.state.details.name, brand=self.state.details.brand)

    @query
    def get_withdrawn(self) -> ProductView | None:
        """What it was, of a product that is no longer sold."""
        if self.state is None or self.state.withdrawn_at is None:
            return None
        return self._view(self.state)

    @command
    def put(self, details: ProductDetails) -> ProductPut:
        """Be this product, and for sale; a second call changes nothing."""
        checked_product_id(self.product_id)
        details = clean_details(details)
        now = self.now()
        old = self.state
        if old is None or old.withdrawn_at is not None or old.details != details:
            self.state = ProductState(
                details=details,
                # what Pricing told before there was a product is not lost: it is asked
                local_prices=old.local_prices
                if old
                else pricing.Pricing.of(self.product_id).get_local_prices(),
                picture=old.picture if old else None,
                created_at=old.created_at if old else now,
                updated_at=now,
            )
        assert self.state is not None
        return ProductPut(product=self._view(self.state), is_new=old is None)

    @command
    def put_with_prices(self, details: ProductDetails, prices: Prices | None = None) -> ProductPut:
        """Be this product, with these prices and no others, both or neither.

        Without prices they stay as they are. A second call changes nothing.
        """
        if prices is not None:
            pricing.Pricing.of(self.product_id).put(
                prices.msrp_prices, prices.list_prices, prices.sale_prices
            )
        return self.put(details)

    @query
    def get_picture(self) -> AgentFile | None:
        """The photo, for whoever may see the product; None while there is none."""
        return self.files.get(PICTURE)

    @command
    def set_picture(self, upload: AgentFile) -> None:
        """Be shown by this photo, uploaded under the name `PICTURE`."""
        if self.state is None:
            raise ProductNotFound(product_id=self.product_id)
        version = self.files.take(upload).sha256[:16]
        self.state = self.state.model_copy(update={"picture": version, "updated_at": self.now()})

    @command
    def remove_picture(self) -> None:
        """Be shown by a drawing again; a second call changes nothing."""
        self.files.delete(PICTURE)
        if self.state is not None and self.state.picture is not None:
            self.state = self.state.model_copy(update={"picture": None, "updated_at": self.now()})

    @command
    def withdraw(self) -> None:
        """Be no longer sold; `put` brings it back. A second call changes nothing."""
        if self.state is None:
            raise ProductNotFound(product_id=self.product_id)
        if self.state.withdrawn_at is None:
            now = self.now()
            self.state = self.state.model_copy(update={"withdrawn_at": now, "updated_at": now})

    @command
    def set_local_prices(self, local_prices: list[LocalPrice]) -> None:
        """Be listed with these prices; a second call changes nothing."""
        if self.state is not None and self.state.local_prices != local_prices:
            self.state = self.state.model_copy(update={"local_prices": local_prices})

    def search_fields(self) -> SearchFields | None:
        if self.state is None or self.state.withdrawn_at is not None:
            return None
        details, local_prices = self.state.details, self.state.local_prices
        return SearchFields(
            words=[details.name, details.brand, *details.tags, details.description],
            text={
                "name": details.name,
                "brand": details.brand,
                "description": details.description,
                "tag": details.tags,
            },
            ids={"product_id": self.product_id},
            headline=[details.name, details.brand, *details.tags],
            facets={
                "brand": details.brand,
                "tag": details.tags,
                "sale": [price.place for price in local_prices if price.kind == "sale"],
            },
            sorts={"name": details.name}
            | {
                f"price {price.place}": money.in_minor_units(price.price, price.currency)
                for price in local_prices
            },
        )

    def _view(self, state: ProductState) -> ProductView:
        return ProductView(
            product_id=self.product_id,
            **dict(state.details),
            picture=state.picture,
            created_at=state.created_at,
            updated_at=state.updated_at,
        )
