from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.utils.module_loading import autodiscover_modules

from accounts import checks, door  # noqa: F401  (registers the checks)


class AccountsConfig(AppConfig):
    """Who is calling: sign-in, tokens; used by both halves, knows neither."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        user_logged_out.connect(door.signed_out)
        post_delete.connect(door.session_ended, "usersessions.UserSession")
        post_save.connect(door.account_saved, "accounts.User")
        autodiscover_modules("reported")  # where apps say what people may report
        autodiscover_modules("personal")  # where apps say what they keep of people
