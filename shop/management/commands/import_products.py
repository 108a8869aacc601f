"""`manage.py import_products FILE`: bring in products and prices from a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from agents_core import calling, hints, mailbox
from shop import bulk
from shop.agents.product import Product

CALLER = "import_products"
SHOWN = 100


class Command(BaseCommand):
    """Import a file: all of it is checked first. Called again, it finishes and doubles nothing."""

    help = "Import products and prices from a CSV file; with anything wrong in it, nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=f"columns: {', '.join(bulk.COLUMNS)}")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            parsed = bulk.read(file.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is not UTF-8 text.") from None
        if parsed.errors:
            shown = [f"Line {error.line}: {error.message}" for error in parsed.errors[:SHOWN]]
            more = len(parsed.errors) - len(shown)
            raise CommandError(
                "\n".join(
                    ["Nothing was imported.", *shown, *([f"And {more} more."] if more else [])]
                )
            )
        console = Console(stderr=True, quiet=not self.stdout.isatty())
        for one in track(parsed.products, "Importing", console=console):
            # There may be no workers, so the mail that this causes is run here.
            with calling(CALLER), hints.collected(Product.lane) as here:
                Product.of(one.product_id).put_with_prices(one.details, one.prices)
            mailbox.drain(set(here.kept))
        self.stdout.write(f"{len(parsed.products)} products have been imported.")
