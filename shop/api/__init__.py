"""The shop over HTTP: one router per resource, joined here."""

from ninja import Router

from shop.api import pricing, products

router = Router()
router.add_router("", products.router)
router.add_router("", pricing.router)

__all__ = ["router"]
