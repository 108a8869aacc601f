"""`manage.py api_token USER [--create] [--staff]`: print a new API token, and nothing else."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import names, tokens
from accounts.models import User


class Command(BaseCommand):
    help = "Print a new API token for USER on standard output, alone, for scripts to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the username")
        parser.add_argument("--create", action="store_true", help="make the account if missing")
        parser.add_argument("--staff", action="store_true", help="make the account staff")

    def handle(self, *, user: str, create: bool, staff: bool, **options: Any) -> None:
        account = account_named(names.fold(user), create=create)
        if staff and not account.is_staff:
            account.is_staff = True
            account.save(update_fields=["is_staff"])
        _, token = tokens.create(account, "made by manage.py api_token")
        self.stdout.write(token)


def account_named(username: str, *, create: bool) -> User:
    """The account; made, without a usable password, if that was asked for."""
    if not names.is_valid(username):
        raise CommandError(
            f"{username!r} cannot be a username: it takes 1 to 64 of a-z, 0-9, _ . and -."
        )
    account = User.objects.filter(username=username).first()
    if account is None and not create:
        raise CommandError(f"There is no user {username!r}. Add --create to make the account.")
    return account or User.objects.create_user(username)
