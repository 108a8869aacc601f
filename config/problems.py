"""The one error map: what an endpoint may raise, and the RFC 9457 answer it becomes."""

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from accounts import limits
from accounts.limits import TooManyRequests
from agents_core import AgentError, trace
from agents_core.errors import ArgumentsNotValid, OutcomeUnknown

PROBLEM_JSON = "application/problem+json"
JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
RETRY_AFTER_SECONDS = "1"  # a mailbox drains, and PostgreSQL restarts, in about this

logger = logging.getLogger("agora.api")


def problem(
    status: int, code: str, detail: str, facts: Mapping[str, Any] | None = None
) -> HttpResponse:
    """An RFC 9457 answer; the problem's own members follow the standard ones."""
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if (request_id := trace.request_id()) is not None:
        members["request_id"] = request_id
    for name, value in (facts or {}).items():
        members.setdefault(name, value)
    response = HttpResponse(
        orjson.dumps(members, option=JSON_OPTIONS, default=str),
        status=status,
        content_type=PROBLEM_JSON,
    )
    # Django would log a warning for each; a refusal is an answer, and faults are logged here.
    response._has_been_logged = True  # type: ignore[attr-defined]
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response["Retry-After"] = RETRY_AFTER_SECONDS
    if code == TooManyRequests.code and facts:
        for name, value in limits.headers(facts).items():
            response[name] = value
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="agora"'
    return response


def of_refusal(request: HttpRequest, refusal: AgentError) -> HttpResponse:
    """A refusal says itself what it is."""
    return problem(refusal.status, refusal.code, refusal.message, refusal.facts)


def of_arguments(request: HttpRequest, refusal: ArgumentsNotValid) -> HttpResponse:
    """What the schema let through and the agent did not: one entry per argument, as for bodies."""
    found = refusal.facts.get("errors") or []
    return _not_valid(_field("body", one["loc"], one) for one in found)


def of_request(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """One entry per field. Ninja writes where it found it as ("body", "data", "content")."""
    return _not_valid(_field(one["loc"][0], _inside(*one["loc"]), one) for one in error.errors)


def _inside(place: str, *path: str | int) -> tuple[str | int, ...]:
    return path[1:] if place == "body" and len(path) > 1 else path


def _field(place: str, path: Iterable[str | int], error: Mapping[str, Any]) -> dict[str, str]:
    field = ".".join(str(part) for part in path)
    return {"in": place, "field": field, "code": error["type"], "message": error["msg"]}


def _not_valid(fields: Iterable[dict[str, str]]) -> HttpResponse:
    errors = list(fields)
    detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors) or "Not valid."
    return problem(422, "arguments_not_valid", detail, {"errors": errors})


def of_body(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja raises a bare HttpError for a body that is not JSON, and for nothing else here."""
    message = "The body is not a JSON object."
    entry = {"in": "body", "field": "", "code": "json_invalid", "message": message}
    return problem(422, "body_not_valid", message, {"errors": [entry]})


def of_big_body(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    """413, with the limit."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return problem(413, "body_too_large", f"A body has at most {limit} bytes.", {"limit": limit})


def of_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401: no credential, or one that does not open the door."""
    return problem(401, "not_signed_in", "Sign in, or send Authorization: Bearer with a token.")


def of_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404."""
    return problem(404, "not_found", "There is no such thing, or you may not see it.")


def of_database(request: HttpRequest, error: Exception) -> HttpResponse:
    """503: nothing happened, and it will pass."""
    logger.warning("The database is away: %s", error)
    return problem(503, "database_unavailable", "The database is away. Try again in a moment.")


def of_doubt(request: HttpRequest, error: OutcomeUnknown) -> HttpResponse:
    """503: the one error after which something may have changed; it says how to find out."""
    logger.warning("An outcome is unknown: %s", error)
    detail = (
        "The connection to the database was lost while committing. Send the request again with "
        "the same Idempotency-Key: it happens once."
    )
    return problem(503, "outcome_unknown", detail)


def of_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """500: ours to repair; the trace goes to the log, not to the caller."""
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "internal_error", "Something broke here. It has been written down.")


ERROR_MAP: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    AgentError: of_refusal,
    ArgumentsNotValid: of_arguments,
    AuthenticationError: of_stranger,
    ValidationError: of_request,
    HttpError: of_body,
    RequestDataTooBig: of_big_body,
    Http404: of_missing,
    OperationalError: of_database,
    InterfaceError: of_database,
    OutcomeUnknown: of_doubt,
    Exception: of_fault,
}
