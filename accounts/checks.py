"""System checks: settings without which accounts would be unsafe or nameless."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def check_account_settings(**kwargs: Any) -> list[CheckMessage]:
    """The user model is ours, and sign-up goes through our rules for usernames."""
    found: list[CheckMessage] = []
    if settings.AUTH_USER_MODEL != "accounts.User":
        found.append(
            Error(
                "The user model is not accounts.User.",
                hint='Set AUTH_USER_MODEL = "accounts.User".',
                id="accounts.E001",
            )
        )
    if getattr(settings, "ACCOUNT_ADAPTER", None) != "accounts.adapter.AccountAdapter":
        found.append(
            Error(
                "Sign-up does not check usernames by our rules.",
                hint='Set ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter".',
                id="accounts.E002",
            )
        )
    if getattr(settings, "ACCOUNT_PREVENT_ENUMERATION", None) != "strict":
        found.append(
            Error(
                "Sign-up would tell strangers whether an e-mail address has an account.",
                hint='Set ACCOUNT_PREVENT_ENUMERATION = "strict".',
                id="accounts.E003",
            )
        )
    return found
