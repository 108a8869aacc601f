"""Updates of all agents of a type: how far they are, and how one is begun."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from agents_core import rollouts
from agents_core.errors import AgentError, NoSuchRollout
from agents_core.lifecycle import Status
from agents_core.store import RolloutRow
from operators.console.forms import MODES
from operators.console.listing import durable_types
from operators.console.pages import address, may, render, who

_STATUSES = [("", "All"), *((one.value, one.value) for one in Status if one != Status.RUNNING)]


class Planning(forms.Form):
    """For whom an update is, and how careful."""

    type = forms.ChoiceField(choices=lambda: durable_types()[1:])
    version = forms.IntegerField(label="To version", min_value=1, max_value=2**31 - 1)
    mode = forms.ChoiceField(choices=MODES, widget=forms.RadioSelect, initial="manual")
    from_version = forms.IntegerField(
        label="Only of version", min_value=1, max_value=2**31 - 1, required=False
    )
    status = forms.ChoiceField(label="Only of status", choices=_STATUSES, required=False)
    canary = forms.FloatField(
        label="How many first, in %",
        min_value=0,
        max_value=100,
        initial=1,
        help_text="The rest follows once they are through.",
    )
    max_failures = forms.FloatField(
        label="Pause when more fail, in %", min_value=0, max_value=100, initial=5
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def plan(self, by: str) -> RolloutRow:
        """What would happen; a key plans one rollout, however often it is sent."""
        wanted = self.cleaned_data
        row = rollouts.plan(
            wanted["type"],
            wanted["version"],
            wanted["mode"],
            by=by,
            canary=wanted["canary"] / 100,
            max_failures=wanted["max_failures"] / 100,
            from_version=wanted["from_version"],
            status=wanted["status"] or None,
        )
        return replace(row, id=wanted["key"])


def listed(request: HttpRequest) -> HttpResponse:
    """The newest."""
    return render(request, "rollouts", "Rollouts", rollouts=rollouts.newest())


def begin(request: HttpRequest) -> HttpResponse:
    """Ask for whom, then whether that many are meant; with `sure`, begin."""
    if not may(request, "change"):
        raise PermissionDenied
    posted = request.POST if request.method == "POST" else None
    form = Planning(posted, initial={"key": uuid.uuid4()})
    context: dict[str, Any] = {"form": form, "plan": None}
    status = 200
    if posted is not None:
        status = 422
        if form.is_valid():
            try:
                context["plan"], status = form.plan(who(request)), 200
            except AgentError as refusal:
                form.add_error(None, refusal.message)
                status = refusal.status
    if context["plan"] and "sure" in request.POST:
        return _begun(request, context["plan"])
    return render(request, "rollout", "Update all agents of a type", status, **context)


def _begun(request: HttpRequest, plan: RolloutRow) -> HttpResponse:
    try:
        rollouts.progress(str(plan.id))
    except NoSuchRollout:
        rollouts.begin(plan)
        messages.success(request, f"Begun: {plan.total} agents to version {plan.version}.")
    return HttpResponseRedirect(address("rollouts"))


@require_POST
def pause(request: HttpRequest, rollout: str) -> HttpResponse:
    """Stop one after the agents that are being updated now."""
    return _steer(request, rollout, rollouts.pause, "Paused.")


@require_POST
def resume(request: HttpRequest, rollout: str) -> HttpResponse:
    """Let one go on."""
    said = "It goes on; what failed is not tried again."
    return _steer(request, rollout, rollouts.resume, said)


def _steer(
    request: HttpRequest, rollout: str, step: Callable[..., None], said: str
) -> HttpResponse:
    if not may(request, "change"):
        raise PermissionDenied
    try:
        step(rollout, by=who(request))
        messages.success(request, said)
    except AgentError as refusal:
        messages.error(request, refusal.message)
    return HttpResponseRedirect(address("rollouts"))
