"""The list of agents: filters, a search by id, pages by cursor. Nothing counts all of them."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse

from agents_core import clock, operators, registry
from agents_core.agent import DurableAgent
from agents_core.errors import AgentError
from agents_core.lifecycle import Status
from agents_core.shown import AgentPage
from operators.console.many import DEEDS
from operators.console.pages import PAGE, Paged, render

_QUIET = {"3600": "an hour", "86400": "a day", "604800": "a week", "2592000": "30 days"}


def durable_types() -> list[tuple[str, str]]:
    """The types whose agents are kept, to choose from; an empty choice first."""
    types = [found for found in registry.all_types() if issubclass(found, DurableAgent)]
    return [("", "All"), *((one.agent_type, one.agent_type) for one in types)]


class Filters(forms.Form):
    """Which agents are wanted; what is left empty is not asked for."""

    q = forms.CharField(
        label="Search by id",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "user:ada"}),
    )
    type = forms.ChoiceField(choices=durable_types, required=False)
    status = forms.ChoiceField(
        choices=[("", "All"), *((status.value, status.value) for status in Status)], required=False
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    quiet = forms.ChoiceField(
        label="Did nothing for", choices=[("", "–"), *_QUIET.items()], required=False
    )
    waiting = forms.BooleanField(label="Has mail waiting", required=False)

    def find(self, cursor: str | None) -> AgentPage:
        """Those that pass."""
        wanted = self.cleaned_data
        quiet = timedelta(seconds=int(wanted["quiet"] or 0))
        return operators.list_agents(
            query=wanted["q"] or "*",
            type=wanted["type"] or None,
            status=Status(wanted["status"]) if wanted["status"] else None,
            version=wanted["version"],
            older_than=clock.now() - quiet if quiet else None,
            waiting=wanted["waiting"],
            cursor=cursor,
            limit=PAGE,
        )


def agents(request: HttpRequest) -> HttpResponse:
    """Agents that pass the filters, the newest first."""
    filters = Filters(request.GET)
    page, status, problem = AgentPage(items=[], next_cursor=None), 422, None
    if filters.is_valid():
        try:
            page, status = filters.find(request.GET.get("cursor")), 200
        except AgentError as refusal:
            status, problem = refusal.status, refusal.message
    return render(
        request,
        "agents",
        "Agents",
        status,
        filters=filters,
        filtered=any(value for name, value in request.GET.items() if name != "cursor"),
        page=page,
        problem=problem,
        paged=Paged.of(request, page.next_cursor),
        deeds=[deed for deed in DEEDS.values() if deed.allowed_to(request)],
    )
