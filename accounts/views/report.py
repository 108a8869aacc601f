"""The page on which somebody reports what should not be here."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts import reports
from accounts.models import Report, User
from accounts.pages import PageRequest, back, done, page
from agents_core import Rejected


@require_http_methods(["GET", "POST"])
@page
def report(request: PageRequest, kind: str, subject: str) -> HttpResponse:
    """Show what is reported and ask why; then tell staff. Sent twice it is one report."""
    found = reports.find(request.caller, kind, subject)
    error = ""
    if request.method == "POST":
        user = request.user
        assert isinstance(user, User)
        chosen, note = request.POST.get("reason", ""), request.POST.get("note", "")
        try:
            reports.report(user, kind, subject, chosen, note)
        except Rejected as refusal:
            error = refusal.message if chosen else "Choose what is wrong with it."
        else:
            said = "Thank you. Staff will look at it; nobody else learns who reported it."
            return done(request, back(request, "/"), said)
    context: dict[str, Any] = {
        "found": found,
        "label": reports.subject_of(kind).label,
        "reasons": Report.Reason.choices,
        "max_note": reports.MAX_NOTE,
        "chosen": request.POST.get("reason", ""),
        "note": request.POST.get("note", ""),
        "error": error,
        "next": next_of(request),
    }
    return render(request, "accounts/report.html", context, status=422 if error else 200)


def next_of(request: PageRequest) -> str:
    """Where to go afterwards, if that is here; home otherwise."""
    target = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if ours else "/"
