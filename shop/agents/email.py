"""Where news of an order go. A pure function."""

from __future__ import annotations

from accounts.text import EmailNotValid, clean_email


def required_email(email: str) -> str:
    """The address in its normal form, or the refusal of one that is none, or blank."""
    cleaned = clean_email(email)
    if cleaned is None:
        raise EmailNotValid(email="", reason="It is empty.")
    return cleaned
