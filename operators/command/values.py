"""Values as people type them: times, arguments of methods, who they are."""

import argparse
import getpass
import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from agents_core import clock

_SPAN = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def operator() -> str:
    """Who runs this, by the name that the operating system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "manage.py"


def ago(text: str) -> datetime:
    """A time, or how long ago: `30d`."""
    return _moment(text, -1)


def ahead(text: str) -> datetime:
    """A time, or how long from now: `10m`."""
    return _moment(text, 1)


def _moment(text: str, direction: int) -> datetime:
    if span := _SPAN.fullmatch(text):
        length = timedelta(**{_UNITS[span[2]]: int(span[1])})
        return clock.now() + direction * length
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 2026-03-01T12:00:00Z or a span such as 30s, 10m, 2h, 7d"
        )
    return moment


def json_object(text: str) -> dict[str, Any]:
    """A JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f'{text!r} is no JSON object such as {{"amount": 4}}')
    return value


def argument(text: str) -> tuple[str, Any]:
    """`name=value`: the value as JSON where it is that, else as text."""
    name, found, value = text.partition("=")
    if not found or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r}: write name=value")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def arguments(given: Iterable[tuple[str, Any]], whole: dict[str, Any] | None) -> dict[str, Any]:
    """The arguments of a method: a whole object, and single ones over it."""
    return {**(whole or {}), **dict(given)}


def share(text: str) -> float:
    """A part of a whole: 0.05, or 5%."""
    try:
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write 0.05 or 5%")
    return value
