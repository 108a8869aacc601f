"""What people type, made safe to show beside other people's text. Pure functions."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from agents_core import Rejected

# Embeddings, overrides and isolates can turn the text that follows them around, even beyond the
# text they are in. The marks LRM and RLM only influence their neighbours and are honest writing.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
# Characters that leave nothing to see: a text of them alone is an empty text.
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


class EmailNotValid(Rejected):
    """{email} is not an e-mail address: {reason}"""

    code = "email_not_valid"


def clean(text: str) -> str:
    """The text in NFC, trimmed, without control characters and bidi overrides.

    Line breaks and tabs stay, as do the joiners that emoji and many scripts are made with.
    """
    text = _LINE_BREAKS.sub("\n", unicodedata.normalize("NFC", text))
    text = "".join(character for character in text if _is_allowed(character)).strip()
    return text if any(map(_is_visible, text)) else ""


def clean_line(text: str) -> str:
    """The same on one line, with single spaces."""
    return " ".join(clean(text).split())


def clean_email(email: str | None) -> str | None:
    """An address in its normal form; blank means none. Asks no name server."""
    email = (email or "").strip()
    if not email:
        return None
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise EmailNotValid(email=clean(email)[:320], reason=str(error)) from error


def _is_allowed(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI_CONTROLS


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _BLANK_LETTERS
