"""The pages of the shop."""

from django.urls import path

from shop.views import catalogue, home, markets, products

urlpatterns = [
    path("", home.home, name="shop"),
    path("market/", markets.choose_market, name="choose_market"),
    path("products/", catalogue.catalogue, name="products"),
    path("products/<str:product_id>/", products.product, name="product"),
]
