"""What people type, made safe to show beside other people's text. Pure functions."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from socialnet.agents.errors import (
    ContentNotValid,
    EmailNotValid,
    NameNotValid,
    UserIdNotValid,
)
from socialnet.agents.schemas import NAME_MAX, POST_MAX

_USER_ID = re.compile(r"[a-z0-9_.-]{1,64}")
# Embeddings, overrides and isolates can turn the text that follows them around, even beyond the
# post. The marks LRM and RLM only influence their neighbours and are part of honest writing.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
# Characters that leave nothing to see: a text of them alone is an empty text.
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean(text: str) -> str:
    """The text in NFC, trimmed, without control characters and bidi overrides.

    Line breaks and tabs stay, as do the joiners that emoji and many scripts are made with.
    """
    text = _LINE_BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    text = "".join(character for character in text if _is_allowed(character)).strip()
    return text if any(map(_is_visible, text)) else ""


def clean_post(content: str) -> str:
    """A post's text, or the refusal of one that is empty or too long."""
    content = clean(content)
    if not 1 <= len(content) <= POST_MAX:
        raise ContentNotValid(limit=POST_MAX, length=len(content))
    return content


def clean_name(name: str | None) -> str | None:
    """A display name on one line; nothing to see means no name."""
    name = " ".join(clean(name or "").split())
    if len(name) > NAME_MAX:
        raise NameNotValid(limit=NAME_MAX, length=len(name))
    return name or None


def clean_email(email: str | None) -> str | None:
    """An address in its normal form; blank means none. Asks no name server."""
    email = (email or "").strip()
    if not email:
        return None
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise EmailNotValid(email=clean(email)[:320], reason=str(error)) from error


def checked_user_id(user_id: str) -> str:
    """The id as it is, or the refusal of one that no account can have."""
    if not _USER_ID.fullmatch(user_id) or not user_id.strip("."):
        raise UserIdNotValid(user_id=user_id)
    return user_id


def _is_allowed(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI_CONTROLS


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _BLANK_LETTERS
