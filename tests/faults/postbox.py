"""A mail server of files: one for each recipient, a line for each letter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from tests.faults.edges import killing


def directory() -> Path:
    """Where they lie."""
    return Path(settings.VAR_DIR) / "post"


class Postbox(BaseEmailBackend):
    """Takes letters; a process can be told to die right before and right after it has one."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        directory().mkdir(exist_ok=True)
        for message in email_messages:
            (recipient,) = message.to
            with (
                killing.step("hand_over", recipient),
                (directory() / recipient).open("a") as box,
            ):
                box.write(f"{message.subject}\n")
        return len(email_messages)
