"""The shop of the demo world."""

from shop.demo.shelves import Good, goods, stock

__all__ = ["Good", "goods", "stock"]
