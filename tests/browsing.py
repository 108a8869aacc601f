"""Pages without a browser: a client that is signed in, and what htmx sends along."""

from django.test import Client

from accounts.models import User

HTMX = {"HTTP_HX_REQUEST": "true"}


def signed_in(user_id: str, *, staff: bool = False) -> Client:
    """A new account, and the client it is signed in with."""
    client = Client()
    client.force_login(User.objects.create_user(user_id, is_staff=staff))
    return client
