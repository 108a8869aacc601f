"""Serving static files around the application instead of inside it.

ServeStatic's Django middleware is asynchronous only, and one such middleware makes `web` run every
request through an event loop of its own: several times the cost of the whole request.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler, StaticFilesHandler
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from servestatic import ServeStatic, ServeStaticASGI

# Names that `collectstatic` has given a hash never change what they hold.
HASHED = re.compile(r"^.+\.[0-9a-f]{12}\..+$")


def around_wsgi(application: Any) -> Any:
    """The WSGI application and the static files: collected, or from their sources."""
    if _are_collected():
        return ServeStatic(application, **_collected())
    return StaticFilesHandler(application)


def around_asgi(application: Any) -> Any:
    """The same for ASGI."""
    if _are_collected():
        return ServeStaticASGI(application, **_collected())
    return ASGIStaticFilesHandler(application)


def _are_collected() -> bool:
    return isinstance(staticfiles_storage, ManifestFilesMixin)


def _collected() -> dict[str, Any]:
    return {
        "root": settings.STATIC_ROOT,
        "prefix": settings.STATIC_URL,
        "immutable_file_test": lambda path, url: HASHED.match(url) is not None,
    }
