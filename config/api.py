"""The HTTP API: one `NinjaAPI`, its door, its error map, and writes that happen once."""

import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from accounts.auth import SessionAuth, TokenAuth
from accounts.caller import CallerRequest
from agents_core import AgentError, Caller, calling
from config.limits import within_limits
from config.openapi import Document, complete
from config.problems import ERROR_MAP, JSON_OPTIONS, problem
from config.scopes import within_scope

VERSION = "1.0"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_KEY_LENGTH = 255


class OrjsonRenderer(BaseRenderer):
    """JSON several times as fast as the standard library's; times in UTC end in `Z`."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=JSON_OPTIONS, default=str)


class OrjsonParser(Parser):
    """Bodies are JSON objects, whatever their Content-Type says."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        body = orjson.loads(request.body)
        if not isinstance(body, dict):
            raise TypeError("The body is not a JSON object.")
        return body


class AgoraAPI(NinjaAPI):
    """Ninja, with answers in the shape of RFC 9457 where Ninja itself has plain text."""

    def _get_urls(self) -> list[URLPattern | URLResolver]:
        patterns = super()._get_urls()
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = finished(pattern.callback)
        return [*patterns, re_path("", no_such_route)]

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        return complete(Document(self, path_prefix))


def finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say of a repeated answer that it is one; make a problem of Ninja's plain-text 405."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if getattr(request, "replayed", False):
            response["Idempotency-Replayed"] = "true"
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response["Allow"]
            detail = f"This route answers {allowed}, not {request.method}."
            response = problem(405, "method_not_allowed", detail)
            response["Allow"] = allowed
        return response

    return answer


def no_such_route(request: HttpRequest) -> HttpResponse:
    """Anything else below the API's address."""
    return problem(404, "route_not_found", f"There is nothing at {request.path}.")


no_such_route.csrf_exempt = True  # type: ignore[attr-defined]  # 404 says more than a CSRF page


class IdempotencyKeyNotValid(AgentError):
    """An Idempotency-Key has 1 to {limit} printable ASCII characters."""

    code = "idempotency_key_not_valid"
    status = 422


def exactly_once(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Name the caller, and their Idempotency-Key, to the agents that a write calls."""

    @wraps(endpoint)
    def once(request: CallerRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method in READS:
            return endpoint(request, *args, **kwargs)
        with calling(Caller(request.caller.user_id), key=invocation_key(request)) as call:
            try:
                return endpoint(request, *args, **kwargs)
            finally:
                request.replayed = call.replayed  # type: ignore[attr-defined]

    return once


def invocation_key(request: CallerRequest) -> str | None:
    """The request's key, made one of this caller and route, and hashed to a bounded length."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise IdempotencyKeyNotValid(limit=MAX_KEY_LENGTH)
    scope = f"{request.caller.user_id}\n{request.method}\n{request.path}\n{key}"
    return hashlib.sha256(scope.encode()).hexdigest()


class Index(Schema):
    """Where things are: `live` is the base address of WebSockets and waiting routes."""

    version: str
    live: str


api = AgoraAPI(
    title="Agora",
    version=VERSION,
    description="A social network and a shop made of durable agents.",
    urls_namespace="api",
    auth=[TokenAuth(), SessionAuth()],
    renderer=OrjsonRenderer(),
    parser=OrjsonParser(),
)
for raised, answered in ERROR_MAP.items():
    api.add_exception_handler(raised, answered)
api.add_decorator(exactly_once)
api.add_decorator(within_scope)
api.add_decorator(within_limits)


@api.get("/", auth=None, response=Index, tags=["index"])
def index(request: HttpRequest) -> Index:
    """The version, and the address of what stays open, as this client reaches it."""
    return Index(version=VERSION, live=request.live_url)  # type: ignore[attr-defined]


api.add_router("/tickets", "accounts.api.router")
api.add_router("/social-net", "socialnet.api.router")
api.add_router("/shopping", "shop.api.router")
api.add_router("/agents", "operators.api.router")
