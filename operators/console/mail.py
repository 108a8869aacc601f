"""What waits for an agent, is scheduled for it or was given up on; and all dead letters there are,
where an operator's day begins.
"""

from __future__ import annotations

from typing import NamedTuple

from django import forms
from django.http import HttpRequest, HttpResponse

from agents_core import operators
from agents_core.collections import CursorNotValid
from agents_core.shown import AgentView, MailKind, MailPage
from operators.console.actions import ACTIONS, Action
from operators.console.agent import refused, section
from operators.console.listing import durable_types
from operators.console.pages import PAGE, Paged, agent_id_in, find_agent, render


class Sort(NamedTuple):
    """One kind of mail: what it is called, what is said where there is none, what can be done."""

    title: str
    empty: str
    actions: tuple[str, ...]


SORTS: dict[MailKind, Sort] = {
    "message": Sort("Mailbox", "No mail waits.", ("cancel",)),
    "schedule": Sort("Schedules", "Nothing is scheduled.", ("cancel",)),
    "effect": Sort("Effects", "No effect is asked for.", ()),
    "failed_effect": Sort(
        "Failed effects", "No effect failed with nobody to tell.", ("retry", "discard")
    ),
    "dead_letter": Sort("Dead letters", "No message was given up on.", ("retry", "discard")),
}


class MailList(NamedTuple):
    """A page of one kind of mail."""

    kind: MailKind
    sort: Sort
    page: MailPage
    paged: Paged
    actions: list[tuple[Action, str | None]]
    """With why they cannot be done now, if that is known."""


def _list(kind: MailKind, page: MailPage, paged: Paged, agent: AgentView | None) -> MailList:
    actions = [ACTIONS[name] for name in SORTS[kind].actions]
    return MailList(kind, SORTS[kind], page, paged, [(one, one.why_not(agent)) for one in actions])


def mail(request: HttpRequest, object_id: str) -> HttpResponse:
    """All of an agent's mail, or with `kind` only that."""
    agent_id = agent_id_in(object_id)
    agent = find_agent(agent_id)
    wanted, cursor = request.GET.get("kind"), request.GET.get("cursor")
    lists = []
    try:
        for kind in SORTS:
            if wanted in (None, kind):
                page = operators.messages(agent_id, kinds=[kind], cursor=cursor, limit=PAGE)
                paged = Paged.of(request, page.next_cursor, kind=kind)
                lists.append(_list(kind, page, paged, agent))
    except CursorNotValid as refusal:
        return refused(request, object_id, "mail", refusal)
    return section(request, object_id, "mail", lists=lists, wanted=wanted)


class Filters(forms.Form):
    """Whose dead letters are wanted."""

    type = forms.ChoiceField(choices=durable_types, required=False)


def dead_letters(request: HttpRequest) -> HttpResponse:
    """Dead letters of all agents, the last parked first."""
    filters, cursor = Filters(request.GET), request.GET.get("cursor")
    page, status, problem = MailPage(items=[], next_cursor=None), 422, None
    if filters.is_valid():
        type_name = filters.cleaned_data["type"] or None
        try:
            page = operators.dead_letters(type=type_name, cursor=cursor, limit=PAGE)
            status = 200
        except CursorNotValid as refusal:
            status, problem = refusal.status, refusal.message
    found = _list("dead_letter", page, Paged.of(request, page.next_cursor), None)
    context = {"filters": filters, "list": found, "problem": problem}
    return render(request, "letters", "Dead letters", status, **context)
