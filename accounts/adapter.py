"""How allauth makes our accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import inviting, names
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up, where it is open, by our rules for usernames, in one spelling."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Their password was right: who is about to leave may take it back."""
        if user.leaving_at is None or user.suspended_at or user.erased_at:
            return redirect("account_inactive")
        request.session["leaving"] = user.pk
        return redirect("leaving")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP_OPEN or inviting.is_invited(request)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Make the account; where only the invited may, it uses up their invitation."""
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            if not settings.SIGN_UP_OPEN:
                inviting.use(request, user)
        return user

    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = names.fold(username)
        names.validate_for_sign_up(username)
        return str(super().clean_username(username, shallow))
