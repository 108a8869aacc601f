"""Our own middleware: gives requests an id, names `live`'s address, and lets API clients and probes
past the rest."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from agents_core import trace
from config.addresses import content_security_policy
from config.health import PROBES
from config.metrics import metrics

# The page is rendered, then the socket opens: it asks for a little more than has passed between.
BEFORE_RENDERING = timedelta(seconds=30)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]"})


def live_url_for(host: str, live_url: str) -> str:
    """Name `live` by the host the browser used where both are this machine.

    Cookies ignore ports but not host names: a page at `localhost` would reach `127.0.0.1`
    signed out.
    """
    live = urlsplit(live_url)
    live_host, _, port = live.netloc.rpartition(":")
    asked, _, asked_port = host.rpartition(":")
    asked_host = asked if asked and asked_port.isdigit() else host
    if live_host not in LOOPBACK or asked_host in ("", live_host):
        return live_url
    return f"{live.scheme}://{asked_host}:{port}"


def named_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give the request an id: its X-Request-ID, or a new one; the answer says it.

    It is `request.id`, in every log record of the request, and in those of the mail it sends.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        id_ = trace.taken_or_new(request.META.get("HTTP_X_REQUEST_ID"))
        request.id = id_  # type: ignore[attr-defined]
        with trace.request(id_):
            response = get_response(request)
        response["X-Request-ID"] = id_
        return response

    return middleware


def live_address(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.live_url`, and let the page's policy allow exactly that address.

    `request.live_since` is from when on the page's socket should tell what has changed.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        live_url = live_url_for(request.META.get("HTTP_HOST", ""), settings.LIVE_URL)
        request.live_url = live_url  # type: ignore[attr-defined]
        request.live_since = datetime.now(UTC) - BEFORE_RENDERING  # type: ignore[attr-defined]
        response = get_response(request)
        if live_url != settings.LIVE_URL:
            connect = content_security_policy(live_url)["connect-src"]
            response._csp_update = {"connect-src": connect[1:]}  # type: ignore[attr-defined]
        return response

    return middleware


def straight_to_the_api(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Take requests that carry a token past all that sessions and pages need, to their endpoint.

    That would cost as much again as the request itself, and do nothing: a token needs no session,
    no CSRF check (no browser sends one by itself), no messages and no policy for scripts.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "HTTP_AUTHORIZATION" not in request.META or not request.path_info.startswith("/api/"):
            return get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response["Content-Length"] = str(len(response.content))
        return response

    return middleware


def straight_to_the_probes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer health probes and scrapers before anything that looks at the host or wants https.

    They ask a process by its address, over plain HTTP, and know no host name of ours.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        if request.path_info == "/metrics" and "HTTP_AUTHORIZATION" in request.META:
            probe = metrics
        return get_response(request) if probe is None else probe(request)

    return middleware
