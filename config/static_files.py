"""Serving static files around the application instead of inside it.

ServeStatic's Django middleware is asynchronous only, and one such middleware makes `web` run every
request through an event loop of its own: several times the cost of the whole request.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler, StaticFilesHandler
from servestatic import ServeStatic, ServeStaticASGI

# Names that `collectstatic` has given a hash never change what they hold.
HASHED = re.compile(r"^.+\.[0-9a-f]{12}\..+$")


def around_wsgi(application: Any) -> Any:
    """The WSGI application and the static files: from their sources while developing."""
    if settings.DEBUG:
        return StaticFilesHandler(application)
    return ServeStatic(application, **_collected())


def around_asgi(application: Any) -> Any:
    """The same for ASGI."""
    if settings.DEBUG:
        return ASGIStaticFilesHandler(application)
    return ServeStaticASGI(application, **_collected())


def _collected() -> dict[str, Any]:
    return {
        "root": settings.STATIC_ROOT,
        "prefix": settings.STATIC_URL,
        "immutable_file_test": lambda path, url: HASHED.match(url) is not None,
    }
