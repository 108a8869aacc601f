"""How allauth makes our accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import names


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up, where it is open, by our rules for usernames, in one spelling."""

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Their password was right: who is about to leave may take it back."""
        if user.leaving_at is None or user.erased_at is not None:
            return redirect("account_inactive")
        request.session["leaving"] = user.pk
        return redirect("leaving")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGN_UP_OPEN)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = names.fold(username)
        names.validate_for_sign_up(username)
        return str(super().clean_username(username, shallow))
