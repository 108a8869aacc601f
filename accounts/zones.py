"""In which time zone a visitor is: the one their account names, else that of their device."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

COOKIE = "time_zone"
"""Written by times.js."""


@cache
def names() -> tuple[str, ...]:
    """Those a person may choose: by region and city, and UTC."""
    regions = ("Etc/", "SystemV/", "US/")
    cities = (name for name in available_timezones() if "/" in name)
    return ("UTC", *sorted(name for name in cities if not name.startswith(regions)))


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The visitor's zone; UTC where nobody says."""
    name = getattr(request.user, "time_zone", "") or request.COOKIES.get(COOKIE, "")
    return ZoneInfo(name if name in _known() else "UTC")


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
