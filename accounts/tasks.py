"""Celery's doors into the accounts. Each is safe to run twice, late, or never."""

from uuid import UUID

from celery import shared_task

from accounts import exporting, leaving


@shared_task(name=exporting.TASK)
def make_export(export_id: str) -> None:
    """Make an archive somebody asked for."""
    exporting.make(UUID(export_id))


@shared_task(name="accounts.upkeep")
def upkeep() -> None:
    """Erase who wished it two weeks ago; make exports that were forgotten."""
    leaving.erase_leavers()
    exporting.make_waiting()
