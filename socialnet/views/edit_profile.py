"""Editing one's own profile: name, what one says of oneself, picture, address."""

from typing import IO

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.images import UPLOAD_MAX
from accounts.text import EmailNotValid
from agents_core import AgentError
from agents_core.files import upload
from socialnet.agents.errors import BioNotValid, NameNotValid, PictureNotValid
from socialnet.agents.schemas import BIO_MAX, NAME_MAX
from socialnet.agents.user import AVATAR, AVATAR_TYPE, User
from socialnet.pictures import make_avatar
from socialnet.views.page import PageRequest, done, once, page
from socialnet.views.people import me_of

FIELDS: dict[type[AgentError], str] = {
    NameNotValid: "name",
    BioNotValid: "bio",
    EmailNotValid: "email",
    PictureNotValid: "picture",
}


class ProfileForm(forms.Form):
    """What others see of the viewer, and the address nobody does. The agent checks what it gets."""

    name = forms.CharField(
        required=False,
        max_length=NAME_MAX,
        help_text="How others see you. Without one they see your username.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    bio = forms.CharField(
        required=False,
        label="About you",
        help_text=f"At most {BIO_MAX} characters, for everybody to read.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    picture = forms.FileField(
        required=False,
        help_text="A JPEG, PNG, WebP or GIF of at most 10 MB; the middle of it is shown. "
        "Where and when it was taken is not kept.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    remove_picture = forms.BooleanField(required=False, label="Remove my picture")
    email = forms.CharField(
        required=False,
        label="E-mail",
        max_length=320,
        help_text="Only you see it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_http_methods(["GET", "POST"])
@page
def edit_profile(request: PageRequest) -> HttpResponse:
    """Change one's profile; what is refused changes nothing of it."""
    me = me_of(request)
    initial = {"name": me.name, "bio": me.bio, "email": me.email}
    form = ProfileForm(request.POST or None, request.FILES or None, initial=initial)
    if me.avatar is None:
        del form.fields["remove_picture"]
    if request.method == "POST" and form.is_valid() and save(request, form):
        return done(request, redirect("profile", me.user_id), "Profile saved")
    status = 422 if form.errors else 200
    context = {"form": form, "profile": me, "here": "account"}
    return render(request, "socialnet/edit_profile.html", context, status=status)


def save(request: PageRequest, form: ProfileForm) -> bool:
    """Hand it to the agent; what it refuses becomes the field's error."""
    user, given = User.of(request.caller.user_id), form.cleaned_data
    try:
        picture = make_avatar(bytes_of(given["picture"])) if given["picture"] else None
        with once(request):
            user.edit_profile(given["name"], given["bio"], given["email"])
            if picture is not None:
                user.set_avatar(upload(user, AVATAR, picture, AVATAR_TYPE))
            elif given.get("remove_picture"):
                user.set_avatar(None)
    except tuple(FIELDS) as refusal:
        form.add_error(FIELDS[type(refusal)], refusal.message)
        return False
    return True


def bytes_of(file: IO[bytes]) -> bytes:
    """What was sent; of what is too large anyway only so much that it shows."""
    return file.read(UPLOAD_MAX + 1)
