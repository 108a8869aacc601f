"""Everything that is kept of a person as one archive, made in the background."""

import logging
import tempfile
import zipfile
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.core.files import File
from django.core.files.storage import default_storage
from django.db.transaction import atomic
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import personal
from accounts.models import DataExport, User

KEPT = timedelta(days=7)
SOON = timedelta(minutes=1)
PATIENCE = timedelta(minutes=30)
"""A worker that takes longer has died."""
TASK = "accounts.make_export"

logger = logging.getLogger("agora.accounts")


def ask_for(user: User) -> DataExport:
    """Have one made; while one is being made, that one."""
    with atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two clicks make one
        running = DataExport.objects.filter(user=user, status__in=DataExport.RUNNING).first()
        if running is not None:
            return running
        export = DataExport.objects.create(user=user, total=len(personal.keepers()))
    try:
        current_app.send_task(TASK, [str(export.pk)], queue="upkeep")
    except OperationalError as error:
        logger.warning("An export has to wait for the next upkeep: %s", error)
    return export


def make_waiting() -> None:
    """Make those whose hint was lost, or whose worker died; remove those past their time."""
    long_ago = timezone.now() - PATIENCE
    DataExport.objects.filter(status="running", started_at__lt=long_ago).update(status="waiting")
    for export in DataExport.objects.filter(status="waiting", asked_at__lt=timezone.now() - SOON):
        make(export.pk)
    for export in DataExport.objects.filter(ended_at__lt=timezone.now() - KEPT):
        export.remove()


def make(export_id: UUID) -> None:
    """Make the archive, telling how far it is. Run twice, it is made once."""
    waiting = DataExport.objects.filter(pk=export_id, status="waiting")
    if not waiting.update(status="running", started_at=timezone.now(), files=0, done=0):
        return
    export = DataExport.objects.get(pk=export_id)
    try:
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for number, keeper in enumerate(personal.keepers(), 1):
                    for name, content in keeper.export(export.user.username):
                        archive.writestr(f"{export.user.username}/{name}", content)
                        export.files += 1
                        export.save(update_fields=["files"])
                    export.done = number
                    export.save(update_fields=["done"])
            file.seek(0)
            export.file = default_storage.save(f"exports/{export.pk}.zip", File(file))
        export.status = "ready"
        export.ended_at = timezone.now()
        export.save()
    except Exception:
        DataExport.objects.filter(pk=export_id).update(status="failed", ended_at=timezone.now())
        raise
