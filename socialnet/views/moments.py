"""Times in addresses."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

JUST_NOW = timedelta(seconds=30)


def moment_of(text: str) -> datetime:
    """A time from an address; what is none counts as just now."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        return timezone.now() - JUST_NOW
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
