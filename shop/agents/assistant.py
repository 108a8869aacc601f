"""A shopper's assistant."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from math import ceil

from pydantic import BaseModel

from accounts.limits import TooManyRequests, in_words
from agents_core import AgentError, Answer, DurableAgent, Parameter, command, query

# Agents that write to each other import each other: as modules, so that any may come first.
from shop.agents import cart
from shop.agents.bought_together import ANY_BRAND, BestSellers, BoughtTogether
from shop.agents.product import Product
from shop.agents.recommendation import RecommendationEngine
from shop.agents.recommendations import (
    BRANDS_SHOWN,
    PRODUCTS_SHOWN,
    AssistantView,
    Bought,
    ProductPick,
    Purchase,
    Recommendation,
    RecommendedItems,
    Wish,
)
from shop.agents.schemas import Market
from shop.agents.text import checked_product_id
from shop.recommend import joined

BOUGHT_MAX = 100
ORDERS_MAX = 100
UNWANTED_MAX = 500
UNWANTED_SHOWN = 50
REFRESHES, REFRESH_WINDOW = 5, timedelta(hours=1)
COUNTED_TOGETHER = 20
"""Products of one order that count as bought with each other: who buys 200 stocks a shop."""
PAUSE = timedelta(seconds=5)
"""Between two recommendations, unless they are asked for: who orders in a hurry does not read."""
LOST_AFTER = timedelta(minutes=10)
"""Far longer than all tries take. An answer that is out so long was discarded by an operator."""


_SOON = "recommend"


class AssistantState(BaseModel):
    """What a shopper has bought and does not want, and what was recommended for it.

    `bought`, `order_ids` and `unwanted` are newest first; `uncounted` are orders that nobody who
    keeps count was told of yet. `request` numbers what was asked of the engine, `is_out` while
    there is no answer, `is_due` while the next waits; `made` counts what came of it.
    """

    bought: list[Bought] = []
    uncounted: list[list[Bought]] = []
    order_ids: list[str] = []
    unwanted: list[str] = []
    market: Market = Market()
    may_ask_llm: bool = True
    recommendation: Recommendation = Recommendation()
    updated_at: datetime | None = None
    request: int = 0
    made: int = 0
    asked_at: datetime | None = None
    is_out: bool = False
    is_due: bool = False
    ask_again: bool = False
    refreshed_at: list[datetime] = []


class ShoppingAssistant(DurableAgent):
    """Recommends products and brands to one shopper. Parameters: the user id.

    It has them made by the engine, at most one at a time, and keeps what it has until there is
    something better.
    """

    user_id: Parameter[str]
    state: AssistantState | None
    live = True

    @query
    def get_recommended_items(self) -> RecommendedItems | None:
        """What is recommended now, without what was bought since, is in the cart, is not wanted or
        no longer sold.

        None until recommendations were made for the first time.
        """
        state = self._state()
        if state.updated_at is None:
            return None
        products = self._sold(self._fit(state.recommendation.products))[:PRODUCTS_SHOWN]
        brands = state.recommendation.brands[:BRANDS_SHOWN]
        return RecommendedItems(
            product_ids=[pick.product_id for pick in products],
            product_brands=[pick.brand for pick in brands],
            reasons={pick.product_id: pick.reason.text for pick in products},
            brand_reasons={pick.brand: pick.reason.text for pick in brands},
            updated_at=state.updated_at,
        )

    @query
    def get_view(self) -> AssistantView:
        """What is recommended, whether more is being made, and what the shopper told it."""
        state = self._state()
        return AssistantView(
            recommended=self.get_recommended_items(),
            unwanted=state.unwanted[:UNWANTED_SHOWN],
            has_ordered=bool(state.order_ids),
            made=state.made,
            is_busy=state.is_out,
            may_ask_llm=state.may_ask_llm,
        )

    @command
    def note_purchase(self, purchase: Purchase) -> None:
        """Take note of an order, and recommend anew; a second call for it changes nothing."""
        state = self._state()
        if purchase.order_id in state.order_ids:
            return
        self._change(
            bought=_merged(purchase.items, state.bought)[:BOUGHT_MAX],
            order_ids=[purchase.order_id, *state.order_ids][:ORDERS_MAX],
            market=purchase.market,
            uncounted=[*state.uncounted, purchase.items],
        )
        self._ask()

    @command
    def recommend_items(self) -> None:
        """Have recommendations made, soon; calls that come until then have no others made."""
        self._ask()

    @command
    def catch_up(self) -> None:
        """Have those made that wait; a call when none do changes nothing."""
        if self._state().is_due:
            self._ask()

    @command
    def refresh(self) -> None:
        """The same at once, on somebody's demand: so many times an hour, then it is refused."""
        now = self.now()
        recently = [at for at in self._state().refreshed_at if at > now - REFRESH_WINDOW]
        if len(recently) >= REFRESHES:
            raise TooManyRequests(
                what="requests for recommendations",
                limit=REFRESHES,
                window=in_words(int(REFRESH_WINDOW.total_seconds())),
                retry_after=ceil((recently[0] + REFRESH_WINDOW - now).total_seconds()),
            )
        self._change(refreshed_at=[*recently, now])
        self._ask(at_once=True)

    @command
    def set_not_interested(self, product_id: str) -> None:
        """Never recommend that product; a second call changes nothing."""
        checked_product_id(product_id)
        state = self._state()
        if product_id in state.unwanted:
            return
        self._change(
            unwanted=[product_id, *state.unwanted][:UNWANTED_MAX],
            updated_at=state.updated_at and self.now(),
        )
        if len(self._fit(state.recommendation.products)) < PRODUCTS_SHOWN:
            self._ask()

    @command
    def set_interested(self, product_id: str) -> None:
        """Take that back; a second call changes nothing."""
        state = self._state()
        if product_id in state.unwanted:
            unwanted = [one for one in state.unwanted if one != product_id]
            self._change(unwanted=unwanted, updated_at=state.updated_at and self.now())

    @command
    def set_may_ask_llm(self, may: bool) -> None:
        """Let a language model see what was bought, where the shop uses one, or not.

        A second call changes nothing.
        """
        self._change(may_ask_llm=may)

    @command
    def recommended(self, request: int, answer: Answer[Recommendation]) -> None:
        """Keep what was made; a second call, or one for an older request, changes nothing.

        Where it failed, what there was stays, and what it lacks is made without a language model.
        """
        if request != self._state().request or not self._state().is_out:
            return
        try:
            self._keep(answer.get())
        except AgentError:
            engine = RecommendationEngine.of().then(self.filled, request=request)
            engine.recommend_without_llm(self._wish())

    @command
    def filled(self, request: int, answer: Answer[Recommendation]) -> None:
        """Put what was made behind what there was; a second call changes nothing."""
        state = self._state()
        if request != state.request or not state.is_out:
            return
        try:
            made = answer.get()
        except AgentError:  # the next purchase or refresh tries again
            self._change(is_out=False)
        else:
            self._keep(joined(state.recommendation, made, self._wish().left_out()))

    def _ask(self, *, at_once: bool = False) -> None:
        state, now = self._state(), self.now()
        ago = now - state.asked_at if state.asked_at is not None else LOST_AFTER
        if state.is_out and ago < LOST_AFTER:
            self._change(ask_again=True)
            return
        if ago < PAUSE and not at_once:
            myself = ShoppingAssistant.of(self.user_id)
            myself.schedule(at=now - ago + PAUSE, name=_SOON).catch_up()
            self._change(is_due=True)
            return
        _count(state.uncounted)
        told = {"uncounted": [], "ask_again": False, "is_due": False}
        self._change(**told, request=state.request + 1, asked_at=now, is_out=True)
        engine = RecommendationEngine.of().then(self.recommended, request=state.request + 1)
        engine.recommend(self._wish())

    def _keep(self, made: Recommendation) -> None:
        state = self._state()
        self._change(recommendation=made, made=state.made + 1, updated_at=self.now(), is_out=False)
        if state.ask_again:
            self._ask()

    def _wish(self) -> Wish:
        wish = Wish.model_validate(self._state(), from_attributes=True)
        wish.in_cart = cart.Cart.of(self.user_id).get_product_ids()
        return wish

    def _fit(self, products: list[ProductPick]) -> list[ProductPick]:
        left_out = self._wish().left_out()
        return [pick for pick in products if pick.product_id not in left_out]

    def _sold(self, products: list[ProductPick]) -> list[ProductPick]:
        labels = Product.of_many([pick.product_id for pick in products]).get_label()
        return [pick for pick, label in zip(products, labels, strict=True) if label is not None]

    def _state(self) -> AssistantState:
        return self.state or AssistantState()

    def _change(self, **changes: object) -> None:
        new = self._state().model_copy(update=changes)
        if new != self.state:
            self.state = new


def _merged(items: list[Bought], before: list[Bought]) -> list[Bought]:
    """All that was bought, each product once, the newest first."""
    merged: dict[str, Bought] = {}
    for item in [*items, *before]:
        old = merged.get(item.product_id)
        quantity = item.quantity + (old.quantity if old else 0)
        merged[item.product_id] = (old or item).model_copy(update={"quantity": quantity})
    return list(merged.values())


def _count(orders: list[list[Bought]]) -> None:
    """Tell those who keep count of what was bought, and with what: each of them once."""
    together: dict[str, list[str]] = {}
    by_brand: dict[str, list[str]] = {}
    for items in orders:
        for item in items:
            for brand in (ANY_BRAND, item.brand):
                by_brand.setdefault(brand, []).append(item.product_id)
        product_ids = [item.product_id for item in items][:COUNTED_TOGETHER]
        for one, other in permutations(product_ids, 2):
            together.setdefault(one, []).append(other)
    for product_id, others in together.items():
        BoughtTogether.of(product_id).trigger.count(others)
    for brand, bought in by_brand.items():
        BestSellers.of(brand).trigger.count(bought)
