"""Word to open sockets that somebody's door may have been closed: they look at once.

Signing out, ending another session, a new password, a revoked token, a suspended account. A word
that is lost costs a minute: every socket looks that often by itself.
"""

from typing import Any

from django.db.transaction import on_commit

from accounts import hidden
from agents_core import live
from agents_core.drafts import Change


def door_of(user_id: str) -> str:
    """What sockets of theirs watch, beside agents. No agent has that type."""
    return f"door:{user_id}"


def has_changed(user_id: str) -> None:
    """Have the sockets of this account look whether they may stay, once this is committed."""
    on_commit(lambda: live.announce([Change(door_of(user_id), 0, 0, None)]))


def signed_out(sender: Any, user: Any, **_: Any) -> None:
    """Hears Django's `user_logged_out`."""
    if user is not None:
        has_changed(user.get_username())


def session_ended(sender: Any, instance: Any, **_: Any) -> None:
    """Hears that allauth's record of a session is deleted, here or from another device."""
    has_changed(instance.user.get_username())


def account_saved(sender: Any, instance: Any, update_fields: Any = None, **_: Any) -> None:
    """Hears of new passwords and of suspensions; a sign-in writes its time alone."""
    if update_fields is None or {"password", "is_active"} & set(update_fields):
        has_changed(instance.get_username())
        on_commit(hidden.forget)
