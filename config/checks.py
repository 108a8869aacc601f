"""Combinations of settings that would start but go wrong later."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security)
def check_hosts(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    """Without host names a production site answers every request with 400."""
    if settings.DEBUG or settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "DEBUG is false and ALLOWED_HOSTS is empty: every request would be refused.",
            hint="Set ALLOWED_HOSTS to the site's host names, separated by commas.",
            id="agora.E001",
        )
    ]


@register(Tags.security)
def check_https(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    """Plain HTTP outside development sends sessions in the clear."""
    if settings.DEBUG or settings.HTTPS_ONLY:
        return []
    return [
        Warning(
            "DEBUG is false and HTTPS_ONLY is off: cookies travel readable for everyone.",
            hint="Serve the site over https and leave HTTPS_ONLY unset.",
            id="agora.W001",
        )
    ]


@register(Tags.security)
def check_live_address(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    """A page served over https may not open a socket to a plain address."""
    if not settings.HTTPS_ONLY or settings.LIVE_URL.startswith("https://"):
        return []
    return [
        Error(
            f"The site is https only, but LIVE_URL is {settings.LIVE_URL}.",
            hint="Set LIVE_URL to the https address under which browsers reach `live`.",
            id="agora.E002",
        )
    ]


@register(Tags.security)
def check_static_files(app_configs: Any, **options: Any) -> Sequence[CheckMessage]:
    """Outside development static files are served packed, so they must have been packed."""
    if settings.DEBUG or (settings.STATIC_ROOT / "staticfiles.json").exists():
        return []
    return [
        Warning(
            f"DEBUG is false and {settings.STATIC_ROOT} holds no collected static files.",
            hint="Run `manage.py collectstatic`; `manage.py up` does it itself.",
            id="agora.W002",
        )
    ]
