"""The account page and what its forms do. Signing in and out is allauth's, under /accounts/."""

from django.urls import path

from accounts import report_pages, views

urlpatterns = [
    path("", views.account, name="account"),
    path("theme/", views.set_theme, name="theme"),
    path("tokens/", views.create_token, name="create_token"),
    path("report/<str:kind>/<path:subject>/", report_pages.report, name="report"),
    path("tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
]
