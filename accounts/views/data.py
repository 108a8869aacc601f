"""One's data: taken away as an archive, or erased."""

from uuid import UUID

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import exporting, leaving
from accounts.models import DataExport, User
from accounts.views.account import SignedInRequest


@require_GET
@login_required
@never_cache
def data(request: SignedInRequest) -> HttpResponse:
    """What one may do with what is kept; for htmx the newest archive alone, which is being made."""
    part = "accounts/_export.html" if request.headers.get("HX-Request") else "accounts/data.html"
    return render(request, part, {"here": "account", "export": newest(request.user)})


@require_POST
@login_required
def ask_for_export(request: SignedInRequest) -> HttpResponse:
    """Have an archive made; while one is being made, that one."""
    exporting.ask_for(request.user)
    return redirect("data")


@require_GET
@login_required
@never_cache
def download(request: SignedInRequest, export_id: UUID) -> FileResponse:
    """The archive, for its owner alone."""
    export = DataExport.objects.filter(pk=export_id, user=request.user, status="ready").first()
    if export is None:
        raise Http404
    name = f"agora-{request.user.username}.zip"
    return FileResponse(default_storage.open(export.file), as_attachment=True, filename=name)


@require_POST
@login_required
def leave(request: SignedInRequest) -> HttpResponse:
    """Ask for deletion, having shown once more who one is."""
    raise_if_reauthentication_required(request, app="")
    user = request.user
    logout(request)
    leaving.ask_to_leave(user)
    request.session["leaving"] = user.pk
    return redirect("leaving")


@never_cache
def leaving_page(request: HttpRequest) -> HttpResponse:
    """For who is about to leave and has shown their password: until when they may take it back."""
    leavers = User.objects.filter(erased_at=None, suspended_at=None)
    user = leavers.filter(pk=request.session.get("leaving", 0)).first()
    if user is None or user.leaving_at is None:
        return redirect("account_login")
    if request.method == "POST":
        leaving.stay(user)
        del request.session["leaving"]
        messages.success(request, "Welcome back. Sign in, and everything is where it was")
        return redirect(reverse("account_login"))
    return render(request, "accounts/leaving.html", {"leaving_at": user.leaving_at})


def newest(user: User) -> DataExport | None:
    """The archive last asked for."""
    return DataExport.objects.filter(user=user).first()
