"""Accounts and API tokens: the two tables that say who is calling."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.functions import Now

from accounts import names
from accounts.signals import account_created


class AccountManager(UserManager["User"]):
    """Finds accounts by name however it was typed."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=names.fold(username or ""))


class User(AbstractUser):
    """A person who can sign in. `username` is the id of the person's agents; e-mail is private.

    Profiles (display name, connections, posts) live in agents; this row only knows credentials.
    """

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    username = models.CharField(
        max_length=names.MAX_LENGTH,
        unique=True,
        validators=[names.validate],
        help_text="1 to 64 of a-z, 0-9, _ . and -",
        error_messages={"unique": "This username is taken."},
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    leaving_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When everything of theirs will be erased; they asked for it."""
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Only the name is left, so that nobody else ever has it."""
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Staff closed the account; written by `accounts.suspension` alone."""
    time_zone = models.CharField(max_length=40, blank=True)
    """In which times are shown, `Europe/Rome`; blank: that of the device."""
    live_updates = models.BooleanField(default=True)
    """Whether what happens arrives on open pages by itself."""

    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(username__regex=rf"^{names.PATTERN.pattern}$"),
                name="username_is_an_agent_id",
                violation_error_message="A username has 1 to 64 of a-z, 0-9, _ . and -.",
            ),
        )
        # `accounts.hidden` reads the few suspended accounts every few seconds.
        indexes = (
            models.Index(
                fields=("username",),
                name="suspended_accounts",
                condition=models.Q(is_active=False),
            ),
        )

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return names.fold(super().normalize_username(username))

    def clean(self) -> None:
        self.username = self.normalize_username(self.username)
        self.email = type(self).objects.normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new account and what others make of it appear together or not at all."""
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        self.username = self.normalize_username(self.username)
        with transaction.atomic():
            super().save(*args, **kwargs)
            account_created.send(type(self), user=self)


class LiveTokens(models.QuerySet["ApiToken"]):
    def usable(self) -> "LiveTokens":
        """Tokens that open the door now: neither revoked nor expired, of an active account."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=Now()),
            revoked_at=None,
            user__is_active=True,
        )


class ApiToken(models.Model):
    """A key to the API that acts as its owner. Written by `accounts.tokens` alone.

    The token itself is shown once and not kept: only its SHA-256, and its first characters so
    that its owner can tell it from others.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    scopes = models.CharField(max_length=120, blank=True)
    """What it may do, separated by spaces (`accounts.scopes`); blank: all that its owner may."""
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = LiveTokens.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Invitation(models.Model):
    """Lets one person make an account where sign-up is closed. Written by `accounts.inviting`."""

    note = models.CharField(max_length=80, blank=True)
    digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_by = models.OneToOneField(
        User, null=True, on_delete=models.SET_NULL, related_name="invitation"
    )
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"


class Report(models.Model):
    """Something that somebody thinks should not be here. Written by `accounts.reports` alone.

    `snapshot` is what it said when it was reported: its author may change or delete it.
    """

    class Reason(models.TextChoices):
        SPAM = "spam", "Advertising or fraud"
        HARASSMENT = "harassment", "It attacks or harasses somebody"
        HATE = "hate", "It spreads hatred"
        VIOLENCE = "violence", "It threatens, or shows violence"
        PRIVACY = "privacy", "It shows what is private"
        OTHER = "other", "Something else"

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        KEPT = "kept", "Nothing to do"
        REMOVED = "removed", "Removed"
        SUSPENDED = "suspended", "Account suspended"

    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=160)
    accused = models.CharField(max_length=names.MAX_LENGTH)
    snapshot = models.JSONField()
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="reports")
    reason = models.CharField(max_length=16, choices=Reason)
    note = models.CharField(max_length=1_000, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.OPEN)
    closed_at = models.DateTimeField(null=True, editable=False)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("outcome", "-created_at"), name="report_queue"),)
        constraints = (
            models.UniqueConstraint(
                fields=("reporter", "kind", "subject"),
                condition=models.Q(outcome="open"),
                name="one_open_report_each",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.accused}"


class DataExport(models.Model):
    """An archive of everything kept of a person, asked for by them. Written by
    `accounts.exporting`."""

    RUNNING = ("waiting", "running")

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports")
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    files = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-asked_at",)

    def __str__(self) -> str:
        return f"{self.user.username}: {self.get_status_display()}"

    def remove(self) -> None:
        """Delete it with its file."""
        if self.file:
            default_storage.delete(self.file)
        self.delete()
