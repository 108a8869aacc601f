"""The account page: appearance, API tokens, signing in. Names and e-mail are the profile's."""

from datetime import timedelta

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import scopes, text, tokens, zones
from accounts.models import ApiToken, User

MAX_TOKENS = 50
MAX_NAME = 80
LIFETIMES = {"30 days": 30, "90 days": 90, "A year": 365, "Until revoked": None}
THEMES = (
    (User.Theme.SYSTEM, "System", "computer-desktop"),
    (User.Theme.LIGHT, "Light", "sun"),
    (User.Theme.DARK, "Dark", "moon"),
)


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


@require_GET
@login_required
def account(request: SignedInRequest) -> HttpResponse:
    """Everything one may set about one's account."""
    return show(request)


@require_POST
@login_required
def set_theme(request: SignedInRequest) -> HttpResponse:
    """Choose light, dark, or what the device says; kept with the account."""
    theme = request.POST.get("theme", "")
    response = redirect("account")
    if theme in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=theme)
        # For the pages before signing in, so that this browser does not flash there either.
        response.set_cookie(
            "theme",
            theme,
            max_age=400 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings.HTTPS_ONLY,
        )
    return response


@require_POST
@login_required
def set_time_zone(request: SignedInRequest) -> HttpResponse:
    """Choose in which zone times are shown; blank is that of the device."""
    zone = request.POST.get("time_zone", "")
    if zone == "" or zone in zones.names():
        User.objects.filter(pk=request.user.pk).update(time_zone=zone)
    return redirect("account")


@require_POST
@login_required
def set_live(request: SignedInRequest) -> HttpResponse:
    """Choose whether what happens arrives on open pages by itself."""
    User.objects.filter(pk=request.user.pk).update(live_updates=request.POST.get("live") == "on")
    return HttpResponse(status=204)


@require_POST
@login_required
@never_cache
def create_token(request: SignedInRequest) -> HttpResponse:
    """Make a token and show it, this once: never in an address, a session or a redirect. Who has
    not shown lately who they are is asked to."""
    name = text.clean_line(request.POST.get("name", ""))
    error = ""
    if not 1 <= len(name) <= MAX_NAME:
        error = "Give the token a name of at most 80 characters, so that you know it again."
    elif tokens_of(request.user).count() >= MAX_TOKENS:
        error = f"You have {MAX_TOKENS} tokens. Revoke one you no longer need."
    chosen = scopes.chosen(request.POST.getlist("scopes"))
    if not chosen:
        error = error or "Choose what the token may do."
    if error:
        return show(request, token_error=error, token_name=name, status=422)
    raise_if_reauthentication_required(request, app="")
    days = LIFETIMES.get(request.POST.get("lifetime", ""))
    expires_at = timezone.now() + timedelta(days=days) if days else None
    _, token = tokens.create(request.user, name, scopes=chosen, expires_at=expires_at)
    return show(request, new_token=token)


@require_POST
@login_required
def revoke_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """Close a token's door; a second time there is nothing left to close."""
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    tokens.revoke(token)
    messages.success(request, f"“{token.name}” opens nothing any more")
    return redirect(f"{reverse('account')}#tokens")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """The user's tokens that still open the door."""
    return ApiToken.objects.usable().filter(user=user)


def show(request: SignedInRequest, *, status: int = 200, **more: str) -> HttpResponse:
    """The account page, with whatever a form has to say."""
    context = {
        "here": "account",
        "themes": THEMES,
        "zones": zones.names(),
        "tokens": tokens_of(request.user),
        "areas": [
            (area, label)
            for area, label in scopes.AREAS.items()
            if area != "admin" or request.user.is_staff
        ],
        "deeds": (("read", "Read"), ("write", "Read and change")),
        "lifetimes": LIFETIMES,
        **more,
    }
    return render(request, "accounts/account.html", context, status=status)
