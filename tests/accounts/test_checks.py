"""Settings that would make accounts unsafe stop the start."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings


@pytest.mark.parametrize(
    ("setting", "value", "identifier"),
    [
        ("AUTH_USER_MODEL", "auth.User", "accounts.E001"),
        ("ACCOUNT_ADAPTER", "allauth.account.adapter.DefaultAccountAdapter", "accounts.E002"),
        ("ACCOUNT_PREVENT_ENUMERATION", True, "accounts.E003"),
    ],
)
def test_it_names_an_unsafe_setting(setting: str, value: object, identifier: str) -> None:
    with override_settings(**{setting: value}):
        found = {message.id for message in run_checks(tags=["security"])}
    assert identifier in found


def test_it_is_content_with_ours() -> None:
    assert not [one for one in run_checks(tags=["security"]) if str(one.id).startswith("accounts")]
