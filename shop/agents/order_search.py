"""Finding orders, for staff."""

from __future__ import annotations

from agents_core import EphemeralAgent, query
from agents_core.search import parse_query, search_agents
from shop.agents.order import Order
from shop.agents.schemas import PAGE_DEFAULT, OrderPage


class OrderSearch(EphemeralAgent):
    """Finds orders on the index, whatever their number. Takes no parameters."""

    @query
    def search(self, query: str, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> OrderPage:
        """Orders whom the query finds, oldest first: what waits longest comes first.

        Fields: `order_id`, `user_id`, `status`, `product_id` (whole) and `email`; words look in
        order id, user id and e-mail.
        """
        agent_ids, next_cursor = search_agents(
            Order,
            parse_query(query),
            limit=limit,
            cursor=cursor,
            text=["email"],
            ids=["order_id", "user_id", "status", "product_id"],
        )
        order_ids = [agent_id.removeprefix(f"{Order.agent_type}:") for agent_id in agent_ids]
        found = Order.of_many(order_ids).get_order()
        return OrderPage(items=[order for order in found if order], next_cursor=next_cursor)
