"""The account page and what its forms do. Signing in and out is allauth's, under /accounts/."""

from django.urls import path

from accounts.views import account, data, report

urlpatterns = [
    path("", account.account, name="account"),
    path("theme/", account.set_theme, name="theme"),
    path("time-zone/", account.set_time_zone, name="time_zone"),
    path("live/", account.set_live, name="live"),
    path("tokens/", account.create_token, name="create_token"),
    path("tokens/<int:token_id>/revoke/", account.revoke_token, name="revoke_token"),
    path("report/<str:kind>/<path:subject>/", report.report, name="report"),
    path("data/", data.data, name="data"),
    path("data/export/", data.ask_for_export, name="ask_for_export"),
    path("data/export/<uuid:export_id>/", data.download, name="download_export"),
    path("data/leave/", data.leave, name="leave"),
    path("leaving/", data.leaving_page, name="leaving"),
]
