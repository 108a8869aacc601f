"""`manage.py demo_world`: fill an empty Agora with people and things to look at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import demo
from shop.demo import goods
from socialnet.demo.plan import draw


class Command(BaseCommand):
    """Load the demo world; called again, it finishes what is missing and doubles nothing."""

    help = "Make the demo world: some hundred people, what they wrote, and a shop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", help="let the demo people sign in with this password")

    def handle(self, *args: Any, password: str | None, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not ready: run `manage.py migrate` first.")
        demo.load(password=password)
        plan = draw()
        self.stdout.write(f"{len(plan.people)} people have written {len(plan.posts)} posts.")
        self.stdout.write(f"{len(goods())} products stand in the shop.")
