"""What all pages of the console share: their frame, their addresses, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.admin.utils import quote, unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from agents_core import operators
from agents_core.errors import AgentError, NoSuchAgent
from agents_core.models import Agent
from agents_core.shown import AgentDetail

R = TypeVar("R", bound=HttpResponseBase)
PAGE = 50


class Paged(NamedTuple):
    """Where a list begins and where it goes on, as addresses on its own page."""

    first: str | None
    more: str | None

    @classmethod
    def of(cls, request: HttpRequest, next_cursor: str | None, **query: str) -> Paged:
        """Of the list that this request shows; `query` is asked for beside what it asked for."""
        asked = request.GET.copy()
        here = asked.pop("cursor", None)
        asked.update(query)
        first = f"?{asked.urlencode()}" if here else None
        if next_cursor is None:
            return cls(first, None)
        asked["cursor"] = next_cursor
        return cls(first, f"?{asked.urlencode()}")


def render(
    request: HttpRequest, template: str, title: str, status: int = 200, /, **context: Any
) -> TemplateResponse:
    """A page in the admin's frame. Refusals are said with their own status."""
    frame = admin.site.each_context(request) | {
        "title": title,
        "opts": Agent._meta,
        "may_operate": may(request, "change"),
    }
    name = f"operators/{template}.html"
    return TemplateResponse(request, name, frame | context, status=status)


def told(view: Callable[..., R], request: HttpRequest, **named: str) -> R | HttpResponse:
    """What a view answers; what it is refused becomes a page that says so."""
    try:
        return view(request, **named)
    except AgentError as refusal:
        title = "That did not work"
        return render(request, "refused", title, refusal.status, problem=refusal.message)


def may(request: HttpRequest, what: str) -> bool:
    """Whether whoever asks may view, change or delete agents."""
    return bool(request.user.has_perm(f"agents_core.{what}_agent"))


def address(page: str, agent_id: str | None = None, /, *args: str, **query: object) -> str:
    """The address of a page, of an agent's if one is named; what is None is not asked for."""
    of_agent = () if agent_id is None else (quote(agent_id),)
    found = reverse(f"admin:agents_core_{page}", args=[*of_agent, *args])
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{found}?{asked}" if asked else found


def agent_id_in(object_id: str) -> str:
    """The agent that an address names; what no agent can be called has no page."""
    try:
        return operators.identify(unquote(object_id)).id
    except AgentError as refusal:
        raise Http404(refusal.message) from refusal


def record(request: HttpRequest, agent_ids: list[str], what: str, *, deleted: bool = False) -> None:
    """Note it among the admin's recent actions. The record that counts is `models.Operation`."""
    LogEntry.objects.log_actions(
        user_id=request.user.pk or "",
        queryset=[Agent(id=agent_id) for agent_id in agent_ids],
        action_flag=DELETION if deleted else CHANGE,
        change_message=what,
    )


def who(request: HttpRequest) -> str:
    """The name under which operations are recorded."""
    return request.user.get_username()


def find_agent(agent_id: str) -> AgentDetail | None:
    """The agent, or None: an agent that does not exist, not yet or no more, may have mail."""
    try:
        return operators.show(agent_id)
    except NoSuchAgent:
        return None
