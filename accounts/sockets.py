"""Who is calling on a socket: a bearer token, or a session that comes from our own pages."""

from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from accounts.auth import person_of_header
from accounts.caller import Person, person_of

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


async def person_of_scope(scope: dict[str, Any]) -> Person | None:
    """The caller of this connection; None if its credential does not, or no longer, hold."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    authorization = headers.get(b"authorization")
    if authorization is not None:
        return await _in_thread(person_of_header, authorization)
    session_key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    # A browser sends our cookie along with any page's handshake, so the page must be ours.
    if session_key is None or not is_our_page(headers.get(b"origin"), headers.get(b"host", "")):
        return None
    return await _in_thread(_person_of_session, session_key)


async def _in_thread(find: Callable[[str], Person | None], credential: str) -> Person | None:
    person: Person | None = await database_sync_to_async(find)(credential)
    return person


def is_our_page(origin: str | None, host: str) -> bool:
    """Whether a page of that origin may use the visitor's session at this host.

    Ours are pages of this very address (one proxy in front of everything), those of `web` at its
    own port of this host, and the trusted origins of the settings.
    """
    if origin is None:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    page = urlsplit(origin)
    if page.scheme not in ("http", "https"):
        return False
    here = urlsplit(f"//{host}")
    return page.netloc == here.netloc or (
        page.hostname == here.hostname and page.port == urlsplit(settings.WEB_URL).port
    )


def _person_of_session(session_key: str) -> Person | None:
    request = HttpRequest()
    request.session = SessionStore(session_key)
    return person_of(get_user(request))
