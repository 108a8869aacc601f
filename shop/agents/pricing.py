"""What a product costs."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query

# Agents that write to each other import each other: as modules, so that any may come first.
from shop.agents import prices, product
from shop.agents.schemas import (
    DEFAULT_CURRENCY,
    DEFAULT_ZONE,
    LocalPrice,
    PriceItem,
    PriceView,
    PricingView,
    Quote,
    SalePriceItem,
)
from shop.agents.text import checked_product_id

_TURN = "turn"
"""The one schedule of a product's prices: the next start or end of a sale."""


class PricingState(BaseModel):
    """All prices, exact to the decimal places of their currencies; sales in order of precedence."""

    msrp_prices: list[PriceItem] = []
    list_prices: list[PriceItem] = []
    sale_prices: list[SalePriceItem] = []
    created_at: datetime
    updated_at: datetime

    def lists(self) -> tuple[list[PriceItem], list[PriceItem], list[SalePriceItem]]:
        """MSRP, list and sale prices."""
        return self.msrp_prices, self.list_prices, self.sale_prices


class Pricing(DurableAgent):
    """The prices of one product. Parameters: the product's id.

    Which sale holds follows from the clock, at every reading anew. The agent wakes itself when one
    begins or ends so that whoever looks at the product is told.
    """

    product_id: Parameter[str]
    state: PricingState | None
    live = True

    @query
    def get_pricing(self) -> PricingView | None:
        """All prices; None while there are none."""
        if self.state is None:
            return None
        return PricingView(product_id=self.product_id, **dict(self.state))

    @query
    def get_price(
        self, currency: str = DEFAULT_CURRENCY, zone: str = DEFAULT_ZONE
    ) -> PriceView | None:
        """What it costs now in exactly that currency and zone; None: it has no price there."""
        if self.state is None:
            return None
        return prices.current_price(
            *self.state.lists(), currency=currency, zone=zone, now=self.now()
        )

    @query
    def get_quote(self, currency: str = DEFAULT_CURRENCY, zone: str = DEFAULT_ZONE) -> Quote | None:
        """The price that holds, beside what it is less than and how long the sale lasts."""
        if self.state is None:
            return None
        return prices.quote(*self.state.lists(), currency=currency, zone=zone, now=self.now())

    @query
    def get_local_prices(self) -> list[LocalPrice]:
        """What it costs now, in every currency and zone that it has a price in."""
        if self.state is None:
            return []
        items = [*self.state.msrp_prices, *self.state.list_prices, *self.state.sale_prices]
        places = sorted({(item.currency, item.zone) for item in items})
        found = (self.get_price(currency, zone) for currency, zone in places)
        return [LocalPrice(**dict(price)) for price in found if price is not None]

    @command
    def put(
        self,
        msrp_prices: list[PriceItem],
        list_prices: list[PriceItem],
        sale_prices: list[SalePriceItem],
    ) -> PricingView:
        """Have these prices and no others; a second call changes nothing."""
        return self._become(msrp_prices, list_prices, sale_prices)

    @command
    def merge(
        self,
        msrp_prices: list[PriceItem] | None = None,
        list_prices: list[PriceItem] | None = None,
        sale_prices: list[SalePriceItem] | None = None,
    ) -> PricingView:
        """Replace the prices of the same zone and currency (and period), add the others.

        A second call changes nothing.
        """
        old = self.state
        return self._become(
            prices.merged(old.msrp_prices if old else [], msrp_prices or []),
            prices.merged(old.list_prices if old else [], list_prices or []),
            prices.merged(old.sale_prices if old else [], sale_prices or []),
        )

    @command
    def turn(self) -> None:
        """Tell the lists that a sale began or ended, and wait for the next to do so.

        A call between the two changes nothing.
        """
        self._tell_and_wait()

    def _become(
        self, msrp: list[PriceItem], lists: list[PriceItem], sales: list[SalePriceItem]
    ) -> PricingView:
        checked_product_id(self.product_id)
        now = self.now()
        new = PricingState(
            msrp_prices=prices.checked(msrp, "MSRPs"),
            list_prices=prices.checked(lists, "list prices"),
            sale_prices=prices.checked(sales, "sale prices"),
            created_at=self.state.created_at if self.state else now,
            updated_at=now,
        )
        if self.state is None or not _same(self.state, new):
            self.state = new
            self._tell_and_wait()
        view = self.get_pricing()
        assert view is not None
        return view

    def _tell_and_wait(self) -> None:
        product.Product.of(self.product_id).trigger.set_local_prices(self.get_local_prices())
        at = prices.next_change(self.state.sale_prices if self.state else [], self.now())
        myself = Pricing.of(self.product_id)
        if at is not None:
            myself.schedule(at=at, name=_TURN).turn()
        else:
            myself.unschedule(_TURN)


def _same(one: PricingState, other: PricingState) -> bool:
    times = {"created_at", "updated_at"}
    return one.model_dump(exclude=times) == other.model_dump(exclude=times)
