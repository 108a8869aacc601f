"""The shop over HTTP: one router per resource, joined here."""

from ninja import Router

from shop.api import assistants, carts, orders, pricing, products

router = Router()
router.add_router("", products.router)
router.add_router("", pricing.router)
router.add_router("", carts.router)
router.add_router("", orders.router)
router.add_router("", assistants.router)

__all__ = ["router"]
