"""What is left of an order whose customer was erased: what was sold, for the books."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel

from agents_core import DurableAgent, Parameter, command, query
from shop.agents.schemas import Amount, ItemView, OrderStatus


class FormerOrderState(BaseModel):
    """An order without anything that tells whose it was."""

    order_status: OrderStatus
    items: list[ItemView]
    total: Amount
    currency: str
    zone: str
    created_at: AwareDatetime


class FormerOrder(DurableAgent):
    """An order that nobody's name stands in any more. Parameters: the order's id.

    The order itself is deleted, with all that its history knew.
    """

    order_id: Parameter[str]
    state: FormerOrderState | None

    @query
    def get(self) -> FormerOrderState | None:
        """What was sold; None where there was no such order, or its customer is still here."""
        return self.state

    @command
    def keep(self, order: FormerOrderState) -> None:
        """Keep it; a second call changes nothing."""
        self.state = self.state or order
