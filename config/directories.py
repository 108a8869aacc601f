"""Directories below the var directory that must be there before anything uses them."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def made(path: Path) -> Path:
    """The directory, made if need be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"Cannot make {path}: {error.strerror}.") from None
    return path
