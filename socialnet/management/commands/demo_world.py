"""`manage.py demo_world`: fill an empty Agora with people to look at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from socialnet import demo
from socialnet.demo.plan import draw


class Command(BaseCommand):
    """Load the demo world; called again, it finishes what is missing and doubles nothing."""

    help = "Make the demo world: some hundred people, whom they know, what they wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", help="let the demo people sign in with this password")

    def handle(self, *args: Any, password: str | None, **options: Any) -> None:
        demo.load(password=password)
        plan = draw()
        self.stdout.write(f"{len(plan.people)} people have written {len(plan.posts)} posts.")
