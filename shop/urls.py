"""The pages of the shop."""

from django.urls import path

from shop.views import (
    cart,
    catalogue,
    checkout,
    home,
    markets,
    orders,
    pictures,
    products,
    recommendations,
)

urlpatterns = [
    path("", home.home, name="shop"),
    path("market/", markets.choose_market, name="choose_market"),
    path("for-you/", recommendations.recommendations, name="recommendations"),
    path("for-you/refresh/", recommendations.refresh, name="refresh_recommendations"),
    path("for-you/language-model/", recommendations.language_model, name="recommendations_llm"),
    path(
        "for-you/not-interested/<str:product_id>/",
        recommendations.not_interested,
        name="not_interested",
    ),
    path("for-you/interested/<str:product_id>/", recommendations.interested, name="interested"),
    path("prices/", products.prices, name="prices"),
    path("products/", catalogue.catalogue, name="products"),
    path("products/<str:product_id>/", products.product, name="product"),
    path("products/<str:product_id>/<str:version>.webp", pictures.picture, name="product_picture"),
    path("cart/", cart.cart, name="cart"),
    path("cart/badge/", cart.badge, name="cart_badge"),
    path("cart/clear/", cart.clear, name="cart_clear"),
    path("cart/prices/", cart.accept_prices, name="cart_prices"),
    path("cart/<slug:product_id>/add/", cart.add, name="cart_add"),
    path("cart/<slug:product_id>/quantity/", cart.set_quantity, name="cart_quantity"),
    path("cart/<slug:product_id>/remove/", cart.remove, name="cart_remove"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/forget/", checkout.forget_address, name="forget_address"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("orders/<uuid:order_id>/receipt/", orders.receipt, name="receipt"),
    path("orders/<uuid:order_id>/edit/", orders.edit, name="edit_order"),
    path("orders/<uuid:order_id>/cancel/", orders.cancel, name="cancel_order"),
    path("orders/<uuid:order_id>/ship/", orders.ship, name="ship_order"),
    path("orders/<uuid:order_id>/again/", orders.order_again, name="order_again"),
    path("orders/<uuid:order_id>/<slug:product_id>/add/", orders.add, name="order_add"),
    path(
        "orders/<uuid:order_id>/<slug:product_id>/quantity/",
        orders.set_quantity,
        name="order_quantity",
    ),
    path("orders/<uuid:order_id>/<slug:product_id>/remove/", orders.remove, name="order_remove"),
]
