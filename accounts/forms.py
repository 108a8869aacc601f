"""Forms of allauth's that we change."""

from typing import Any

from allauth.account.forms import LoginForm


class SignInForm(LoginForm):  # type: ignore[misc]
    """Stays signed in for two weeks since the last visit, unless one would rather not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remember = self.fields["remember"]
        remember.label = "Stay signed in on this device"
        remember.initial = True
