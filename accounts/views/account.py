"""The account page: appearance, API tokens, signing in. Names and e-mail are the profile's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import tokens
from accounts.models import ApiToken, User

MAX_TOKENS = 50
MAX_NAME = 80
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
    if theme in User.Theme.values:
        User.objects.filter(pk=request.user.pk).update(theme=theme)
    response = redirect("account")
    # For the pages before signing in, so that this browser does not flash there either.
    response.set_cookie("theme", theme, max_age=400 * 24 * 3600, httponly=True, samesite="Lax")
    return response


@require_POST
@login_required
@never_cache
def create_token(request: SignedInRequest) -> HttpResponse:
    """Make a token and show it, this once: never in an address, a session or a redirect."""
    name = " ".join(request.POST.get("name", "").split())
    error = ""
    if not 1 <= len(name) <= MAX_NAME:
        error = "Give the token a name of at most 80 characters, so that you know it again."
    elif tokens_of(request.user).count() >= MAX_TOKENS:
        error = f"You have {MAX_TOKENS} tokens. Revoke one you no longer need."
    if error:
        return show(request, token_error=error, token_name=name, status=422)
    _, token = tokens.create(request.user, name)
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
    context = {"here": "account", "themes": THEMES, "tokens": tokens_of(request.user), **more}
    return render(request, "accounts/account.html", context, status=status)
