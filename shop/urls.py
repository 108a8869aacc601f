"""The pages of the shop."""

from django.urls import path

from shop.views import catalogue, home, markets, pictures, products, recommendations

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
    path("products/", catalogue.catalogue, name="products"),
    path("products/<str:product_id>/", products.product, name="product"),
    path("products/<str:product_id>/<str:version>.webp", pictures.picture, name="product_picture"),
]
