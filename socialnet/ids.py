"""Ids as they come in from outside."""

from uuid import UUID


def is_uuid(text: str) -> bool:
    """Whether this is a UUID in its one canonical spelling, as all our ids are."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
