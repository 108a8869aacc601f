"""Who is calling on a socket: a bearer token, a session that comes from our own pages, or a ticket
that stands for either."""

from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie

from accounts import tickets, tokens
from accounts.auth import people_of_headers
from accounts.caller import Person, person_of
from accounts.together import Together

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


async def person_of_scope(scope: dict[str, Any]) -> Person | None:
    """The caller of this connection; None if its credential does not, or no longer, hold."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    authorization = headers.get(b"authorization")
    if authorization is not None:
        return await _people_of_headers.ask(authorization)
    if "credential" not in scope and (shown := parse_qs(scope["query_string"]).get(b"ticket")):
        # A ticket opens once; what it stands for is asked again for as long as the socket is open.
        scope["credential"] = await sync_to_async(tickets.use)(shown[0].decode("latin-1"))
    if "credential" in scope:
        return await _person_of_credential(scope["credential"])
    session_key = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME)
    # A browser sends our cookie along with any page's handshake, so the page must be ours.
    if session_key is None or not is_our_page(headers.get(b"origin"), headers.get(b"host", "")):
        return None
    return await _people_of_sessions.ask(session_key)


def credential_of(request: HttpRequest) -> str:
    """What names the request's credential without giving it away: a token's hash, a session's
    key."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is not None:
        return f"token:{tokens.digest_of(header.partition(' ')[2].strip()).hex()}"
    return f"session:{request.session.session_key}"


async def _person_of_credential(credential: str | None) -> Person | None:
    kind, _, name = (credential or "").partition(":")
    if kind == "token":
        return await _people_of_digests.ask(name)
    return await _people_of_sessions.ask(name) if kind == "session" else None


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


def _with_django(find: Callable[[list[str]], list[Person | None]]) -> Together[str, Person | None]:
    """Ask this in threads that keep their Django connections, as those of requests do."""

    def found(credentials: list[str]) -> list[Person | None]:
        close_old_connections()
        try:
            return find(credentials)
        finally:
            close_old_connections()

    return Together(found)


_people_of_headers = _with_django(people_of_headers)
_people_of_digests = _with_django(
    lambda digests: tokens.people_with_digests([bytes.fromhex(digest) for digest in digests])
)
_people_of_sessions = _with_django(lambda keys: [_person_of_session(key) for key in keys])
