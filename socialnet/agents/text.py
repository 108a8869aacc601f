"""What people type, within the limits of the social network. Pure functions."""

from __future__ import annotations

import re

from accounts.text import clean, clean_email, clean_line
from socialnet.agents.chat_schemas import MESSAGE_MAX
from socialnet.agents.errors import BioNotValid, ContentNotValid, NameNotValid, UserIdNotValid
from socialnet.agents.schemas import BIO_MAX, COMMENT_MAX, NAME_MAX, POST_MAX

__all__ = [
    "checked_user_id",
    "clean",
    "clean_bio",
    "clean_comment",
    "clean_email",
    "clean_message",
    "clean_name",
    "clean_post",
]

_USER_ID = re.compile(r"[a-z0-9_.-]{1,64}")


def clean_post(content: str) -> str:
    """A post's text, or the refusal of one that is empty or too long."""
    return _clean_within(POST_MAX, content)


def clean_comment(content: str) -> str:
    """A comment's text, or the refusal of one that is empty or too long."""
    return _clean_within(COMMENT_MAX, content)


def clean_message(content: str) -> str:
    """A message's text, or the refusal of one that is empty or too long."""
    return _clean_within(MESSAGE_MAX, content)


def clean_name(name: str | None) -> str | None:
    """The name of a person or a chat on one line; nothing to see means no name."""
    name = clean_line(name or "")
    if len(name) > NAME_MAX:
        raise NameNotValid(limit=NAME_MAX, length=len(name))
    return name or None


def clean_bio(bio: str | None) -> str | None:
    """What somebody says of themselves; nothing to see means nothing."""
    bio = clean(bio or "")
    if len(bio) > BIO_MAX:
        raise BioNotValid(limit=BIO_MAX, length=len(bio))
    return bio or None


def checked_user_id(user_id: str) -> str:
    """The id as it is, or the refusal of one that no account can have."""
    if not _USER_ID.fullmatch(user_id) or not user_id.strip("."):
        raise UserIdNotValid(user_id=user_id)
    return user_id


def _clean_within(limit: int, content: str) -> str:
    content = clean(content)
    if not 1 <= len(content) <= limit:
        raise ContentNotValid(limit=limit, length=len(content))
    return content
