"""The social network as a Django app: makes its agents known and welcomes new accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

from accounts.signals import account_created
from accounts.text import EmailNotValid
from agents_core import registry

if TYPE_CHECKING:
    from accounts.models import User as Account


class SocialNetConfig(AppConfig):
    """Wires the social network to the house."""

    name = "socialnet"
    verbose_name = "Social network"

    def ready(self) -> None:
        registry.autodiscover(self.name)
        account_created.connect(register, dispatch_uid="socialnet.register")


def register(sender: type[Account], user: Account, **_: object) -> None:
    """Give a new account its person; called again for a known one it changes nothing."""
    person: Any = registry.find("user").of(user.username)
    try:
        person.register(email=user.email or None)
    except EmailNotValid:
        # Sign-up and operators may know addresses (`root@localhost`) that no profile shows.
        person.register()
