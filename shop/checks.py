"""System checks: settings with which recommendations would never come."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from shop import llm


@register()
def check_language_model(**kwargs: Any) -> list[CheckMessage]:
    """A service that is named can be asked."""
    if not settings.LLM_BASE_URL:
        return []
    found: list[CheckMessage] = []
    if not settings.LLM_MODEL:
        hint = "Set LLM_MODEL to one of the service's models, or leave LLM_BASE_URL unset."
        found.append(Error("LLM_BASE_URL is set without LLM_MODEL.", hint=hint, id="shop.E001"))
    if not llm.is_installed():
        message = "LLM_BASE_URL is set, but what talks to such a service is not installed."
        found.append(Error(message, hint="Run `make llm`.", id="shop.E002"))
    return found
