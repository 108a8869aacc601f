"""Doing one of the actions: a page that asks, and the deed itself."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from agents_core import operators
from agents_core.context import calling
from agents_core.errors import AgentError, ArgumentsNotValid
from agents_core.lifecycle import Operation
from operators.console.actions import ACTIONS, Action, Subject, Told
from operators.console.forms import Plain
from operators.console.pages import address, agent_id_in, find_agent, may, record, render, who

GONE = "It is not there any more: it has run, or somebody was quicker."


class Done(NamedTuple):
    """The status of the answer, and what came of it if anything was done."""

    status: int
    told: Told | None = None


def ask(request: HttpRequest, object_id: str, operation: str) -> HttpResponse:
    """GET asks whether it is meant; POST does it and goes back to the agent."""
    action = ACTIONS.get(operation)
    if action is None:
        raise Http404(f"There is no operation {operation}.")
    if not may(request, action.needs):
        raise PermissionDenied
    subject = Subject(agent_id_in(object_id), request.GET.get("message", ""), who(request))
    agent = find_agent(subject.agent_id)
    mail = operators.find_mail(subject.agent_id, subject.message_id) if action.to_mail else None
    posted = request.POST if request.method == "POST" else None
    form = action.form(posted, asked=request.GET, agent=agent, mail=mail)
    done = Done(200)
    if posted is not None:
        done = _do(action, subject, form, key=posted.get("key"))
        if done.told:
            return _finish(request, action, subject, done.told)
    context: dict[str, Any] = {
        "agent_id": subject.agent_id,
        "agent": agent,
        "action": action,
        "mail": mail,
        "form": form,
        "why_not": GONE if action.to_mail and mail is None else action.why_not(agent),
        "waits": action.waits(agent),
        "back": address(f"agent_{action.back}", subject.agent_id),
        "key": uuid.uuid4(),  # another for every try: a refusal is kept for its key too
    }
    title = f"{action.label} {subject.agent_id}"
    return render(request, "operate", title, done.status, **context)


def _do(action: Action, subject: Subject, form: Plain, *, key: str | None) -> Done:
    """Do it, once per key; what is refused is said at its field."""
    if not form.is_valid():
        return Done(422)
    try:
        with calling(subject.by, key=key or None):
            return Done(200, action.run(subject, form))
    except ArgumentsNotValid as refusal:
        for problem in refusal.facts["errors"]:
            place = ".".join(map(str, problem["loc"]))
            said = f"{place}: {problem['msg']}" if place else problem["msg"]
            form.add_error("args" if "args" in form.fields else None, said)
        return Done(refusal.status)
    except AgentError as refusal:
        form.add_error(None, refusal.message)
        return Done(refusal.status)


def _finish(request: HttpRequest, action: Action, subject: Subject, told: Told) -> HttpResponse:
    deleted = action.operation is Operation.DELETE
    (messages.success if told.well else messages.error)(request, told.said)
    record(request, [subject.agent_id], f"{action.label}: {told.said}", deleted=deleted)
    if deleted:
        return HttpResponseRedirect(address("agent_changelist"))
    return HttpResponseRedirect(address(f"agent_{action.back}", subject.agent_id))
