"""The shop of the demo world."""

from shop.demo.orders import place_orders
from shop.demo.shelves import Good, goods, stock

__all__ = ["Good", "goods", "place_orders", "stock"]
