"""Accounts and tokens for operators."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm, UsernameField
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import inviting, names, report_admin, suspension, tokens  # noqa: F401
from accounts.models import ApiToken, Invitation, User
from agents_core import AgentError


class FoldedNameField(UsernameField):
    """Takes a name in any spelling, as sign-up does."""

    def to_python(self, value: str | None) -> str | None:
        return names.fold(super().to_python(value) or "")


class AccountCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta(AdminUserCreationForm.Meta):
        model = User
        field_classes = {"username": FoldedNameField}


class AccountChangeForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    """The username cannot be changed: it is the id of the person's agents."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    list_display = ("username", "email", "is_staff", "is_active", "date_joined")
    search_fields = ("username", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Private", {"fields": ("email", "theme", "time_zone")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Times", {"fields": ("last_login", "date_joined", "suspended_at", "leaving_at")}),
    )

    actions = ("suspend", "lift_suspension")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        times = ("last_login", "date_joined", "suspended_at", "leaving_at")
        return ("username", "is_active", *times) if obj else ()

    @admin.action(description="Suspend the selected accounts", permissions=["change"])
    def suspend(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, suspension.suspend, "suspended")

    @admin.action(
        description="Lift the suspension of the selected accounts", permissions=["change"]
    )
    def lift_suspension(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, suspension.lift, "open again")

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[User],
        act: Callable[[str, User, str], None],
        said: str,
    ) -> None:
        by = request.user
        assert isinstance(by, User)
        for account in chosen:
            try:
                act(account.username, by, "")
            except AgentError as refusal:
                self.message_user(request, refusal.message, messages.WARNING)
            else:
                self.message_user(request, f"{account.username} is {said}.", messages.SUCCESS)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To see and to revoke; a token is made by its owner, or by `manage.py api_token`."""

    list_display = (
        *("name", "prefix", "user", "scopes"),
        *("created_at", "expires_at", "last_used_at", "revoked_at"),
    )
    list_filter = ("revoked_at",)
    search_fields = ("prefix", "user__username", "name")
    actions = ("revoke_tokens",)

    @admin.action(description="Revoke the selected tokens")
    def revoke_tokens(self, request: HttpRequest, chosen: QuerySet[ApiToken]) -> None:
        for token in chosen:
            tokens.revoke(token)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Made here or by `manage.py invite`; deleting one closes its door."""

    list_display = ("__str__", "made_by", "made_at", "expires_at", "used_by", "used_at")
    list_select_related = ("made_by", "used_by")
    search_fields = ("note", "used_by__username")
    fields = ("note",)

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Make it, and show its address this once."""
        by = request.user
        assert isinstance(by, User)
        made, address = inviting.invite(by, obj.note)
        obj.pk = made.pk
        self.message_user(request, f"Send them this address, it is not shown again: {address}")

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False
