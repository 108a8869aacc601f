"""What the routes of carts and of orders take alike."""

from ninja import Schema

from shop.agents.schemas import Quantity


class QuantityIn(Schema):
    """How many: 1 to 999."""

    quantity: Quantity


class EmailIn(Schema):
    """An e-mail address."""

    email: str
