"""How allauth makes our accounts."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts import names


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up, where it is open, by our rules for usernames, in one spelling."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = names.fold(username)
        names.validate_for_sign_up(username)
        return str(super().clean_username(username, shallow))
