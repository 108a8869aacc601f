"""The account page and what its forms do. Signing in and out is allauth's, under /accounts/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("theme/", views.set_theme, name="theme"),
    path("tokens/", views.create_token, name="create_token"),
    path("tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
]
