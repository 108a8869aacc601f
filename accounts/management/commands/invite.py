"""`manage.py invite [--note NOTE] [--days N]`: print the address of a new invitation, alone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import inviting


class Command(BaseCommand):
    help = "Print an address at which one person may make an account, also where sign-up is closed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--note", default="", help="for whom it is, for the list in the admin")
        parser.add_argument("--days", type=int, default=inviting.DAYS, help="how long it is good")

    def handle(self, *, note: str, days: int, **options: Any) -> None:
        self.stdout.write(inviting.invite(None, note[:80], days=days)[1])
