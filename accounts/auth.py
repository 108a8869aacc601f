"""The two ways through the API's door: a bearer token, or a browser's session; never both."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts import tokens
from accounts.caller import Person, person_of
from accounts.limits import Limit, address_of
from agents_core import Forbidden

WRONG_TOKENS = Limit("wrong tokens", 60, 60)


class CsrfFailed(Forbidden):
    """This write came with a session but without its CSRF token: send it as X-CSRFToken."""

    code = "csrf_failed"


class TokenAuth(AuthBase):
    """`Authorization: Bearer ...`. A bad header is refused even if there is a good session."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Person | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        person = person_of_header(header)
        if person is None:
            WRONG_TOKENS.take(address_of(request))
            raise AuthenticationError
        request.caller = person  # type: ignore[attr-defined]
        return person


class SessionAuth(AuthBase):
    """The session cookie; writes must carry the CSRF token as well."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    csrf = True  # makes the docs page send the CSRF token

    def __call__(self, request: HttpRequest) -> Person | None:
        person = person_of(request.user)
        if person is None:
            return None
        if check_csrf(request):
            raise CsrfFailed
        request.caller = person  # type: ignore[attr-defined]
        return person


def person_of_header(header: str) -> Person | None:
    """The caller an Authorization header names; None if it does not open the door."""
    return people_of_headers([header])[0]


def people_of_headers(headers: Sequence[str]) -> list[Person | None]:
    """The same of many, asked together."""
    return tokens.people_with([_token_of(header) for header in headers])


def _token_of(header: str) -> str:
    """The bearer token; what is no such header has one that nobody can have."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
