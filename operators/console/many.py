"""One deed to many agents: asked for on the list, confirmed on a page, told of one by one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from agents_core import bulk, operations, operators
from agents_core.context import calling
from agents_core.errors import AgentError
from agents_core.shown import MailKind
from operators.console.pages import may, record, render, who

MOST = 200
"""Agents of one deed: the list shows fewer. Larger ones are for `manage.py agents`."""

GIVEN_UP: tuple[MailKind, ...] = ("failed_effect", "dead_letter")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them."""

    agent_id: str
    done: bool
    said: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What can be done to many at once. `run` does it to one, and says what it did."""

    name: str
    label: str
    what: str
    run: Callable[[str, str], str]
    needs: str = "change"
    destroys: bool = False

    def allowed_to(self, request: HttpRequest) -> bool:
        return may(request, self.needs)


def _interrupt(agent_id: str, by: str) -> str:
    operations.interrupt(agent_id, by=by)
    return "interrupted"


def _resume(agent_id: str, by: str) -> str:
    operations.resume(agent_id, by=by)
    return "resumed"


def _retry(agent_id: str, by: str) -> str:
    result = bulk.retry(bulk.messages(agent_id, GIVEN_UP), by=by)
    if result.refusals:
        refusal = result.refusals[0].detail
        return f"{result.done} tried again, {result.refused} refused: {refusal}"
    return f"{result.done} tried again" if result.done else "it has no dead letters"


def _discard(agent_id: str, by: str) -> str:
    result = bulk.discard(bulk.messages(agent_id, GIVEN_UP), by=by)
    return f"{result.done} discarded" if result.done else "it has no dead letters"


def _update(agent_id: str, by: str) -> str:
    newest = operators.identify(agent_id).known_class
    operations.update(agent_id, newest.version, by=by)
    return f"the update to version {newest.version} waits in its mailbox"


def _delete(agent_id: str, by: str) -> str:
    operations.delete(agent_id, by=by)
    return "deleted"


_ALL = (
    Deed("interrupt", "Interrupt", "Their mail waits until they are resumed.", _interrupt),
    Deed("resume", "Resume", "They go on with the mail that waits.", _resume),
    Deed(
        "retry",
        "Retry dead letters",
        "All their dead letters and failed effects are tried again.",
        _retry,
    ),
    Deed(
        "discard",
        "Discard dead letters",
        "All their dead letters and failed effects are thrown away, but for the record of them.",
        _discard,
        destroys=True,
    ),
    Deed(
        "update",
        "Update to the newest version",
        "Each asks its own code for a snapshot, behind the mail that waits for it.",
        _update,
    ),
    Deed("delete", "Delete", "All that is theirs is deleted for good.", _delete, "delete", True),
)
DEEDS: Mapping[str, Deed] = {deed.name: deed for deed in _ALL}


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask whether it is meant; with `sure`, do it to each and tell what became of each."""
    deed = DEEDS.get(request.POST.get("deed", ""))
    chosen = list(dict.fromkeys(request.POST.getlist("agent")))[:MOST]
    if deed is None or not chosen:
        back = reverse("admin:agents_core_agent_changelist")
        return HttpResponseRedirect(f"{back}?{request.POST.get('filters', '')}")
    if not deed.allowed_to(request):
        raise PermissionDenied
    if "sure" not in request.POST:
        title = f"{deed.label}: {len(chosen)} agents"
        return render(request, "many", title, deed=deed, chosen=chosen, key=uuid.uuid4())
    key = request.POST.get("key", "")
    outcomes = [
        _do(deed, agent_id, who(request), f"{key}/{place}" if key else None)
        for place, agent_id in enumerate(chosen)
    ]
    done = [outcome.agent_id for outcome in outcomes if outcome.done]
    if done:
        record(request, done, deed.label, deleted=deed.name == "delete")
    title = f"{deed.label}: what came of it"
    return render(request, "outcomes", title, deed=deed, outcomes=outcomes, done=len(done))


def _do(deed: Deed, agent_id: str, by: str, key: str | None) -> Outcome:
    """Once per key: whoever loads the page again sees what came of it the first time."""
    try:
        with calling(by, key=key):
            return Outcome(agent_id, True, deed.run(agent_id, by))
    except AgentError as refusal:
        return Outcome(agent_id, False, refusal.message)
