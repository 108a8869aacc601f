"""`request.caller` for pages: the same `Person` that API endpoints get."""

import logging
import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from redis import RedisError

from accounts import zones
from accounts.caller import person_of
from accounts.pages import refused
from agents_core import AgentError

LAST_SEEN = "last_seen"
HOUR = 3600

logger = logging.getLogger("agora.accounts")


class CannotCount(AgentError):
    """What counts wrong passwords is away for a moment, and without it nobody signs in."""

    code = "cannot_count"
    status = 503


class CallerMiddleware:
    """Sets `request.caller` (None for a visitor) on pages. After `AuthenticationMiddleware`.

    The API finds out for itself: a token needs no session, and its faults need its error map.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            request.caller = person_of(request.user)  # type: ignore[attr-defined]
        return self.get_response(request)


def visit(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show times in the visitor's zone, and let their session last two weeks from this visit.

    That is written once an hour at most: it is for the sake of days.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            now = int(time.time())
            if now - request.session.get(LAST_SEEN, 0) > HOUR:
                request.session[LAST_SEEN] = now
                sessions = UserSession.objects.filter(session_key=request.session.session_key)
                sessions.update(last_seen_at=timezone.now())
        with timezone.override(zones.zone_of(request)):
            return get_response(request)

    return middleware


class ClosedWithoutValkey:
    """Answers 503 where allauth cannot count attempts: a door nobody watches stays closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, RedisError):
            return None
        logger.warning("%s is refused, Valkey is away: %s", request.path, error)
        return refused(request, CannotCount())


class FormErrorStatus:
    """Answers 422 where allauth shows a form again with errors: it says 200 itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        form = (response.context_data or {}).get("form")
        if (
            request.method == "POST"
            and response.status_code == 200
            and getattr(form, "errors", None)
        ):
            response.status_code = 422
        return response
