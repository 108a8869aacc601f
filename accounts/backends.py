"""Whose password is right."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class PasswordBackend(ModelBackend):
    """Knows who knocks also where the account is suspended or about to be deleted: they are told so
    instead of "wrong password", and go no further. Their open sessions are nobody's."""

    def user_can_authenticate(self, user: Any) -> bool:
        return user is not None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
