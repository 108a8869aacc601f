from django.apps import AppConfig

from accounts import checks  # noqa: F401  (registers them)


class AccountsConfig(AppConfig):
    """Who is calling: sign-in, tokens; used by both halves, knows neither."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
