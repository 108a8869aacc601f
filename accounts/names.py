"""Usernames: what one may look like, and which may not be taken.

A username is the id of its owner's agents, part of web addresses and of channel group names; so it
is short, ASCII, and one spelling per person.
"""

import re

from django.core.exceptions import ValidationError

MAX_LENGTH = 64
PATTERN = re.compile(r"[a-z0-9_.-]{1,64}")

# Words that stand where a username stands in an address (`/users/me`), and dots that every HTTP
# client resolves away (`/users/..`): nobody could ever be reached under them.
UNREACHABLE = frozenset({"me", "search", ".", ".."})

# Names that would pass for the house itself. Refused at sign-up; an operator may still make them.
# fmt: off
RESERVED = frozenset(
    {
        "about", "account", "accounts", "admin", "administrator", "agents", "agora", "api",
        "assistant", "assistants", "auth", "cart", "carts", "chat", "chats", "connections",
        "contact", "demo", "docs", "everyone", "explore", "health", "help", "home", "login",
        "logout", "mail", "mod", "moderator", "news", "nobody", "notifications", "null",
        "official", "orders", "people", "post", "posts", "pricing", "privacy", "products",
        "profile", "ready", "register", "root", "security", "settings", "shop", "shopping",
        "signin", "signout", "signup", "social", "social-net", "staff", "static", "status",
        "support", "system", "team", "terms", "timeline", "u", "undefined", "user", "users",
        "web", "webmaster", "ws", "www",
    }
)
# fmt: on


def fold(username: str) -> str:
    """The one spelling of a name, however it was typed."""
    return username.strip().casefold()


def is_valid(username: str) -> bool:
    """Whether an account may have this (folded) name at all."""
    return PATTERN.fullmatch(username) is not None and username not in UNREACHABLE


def validate(username: str) -> None:
    """Refuse what no account may be called."""
    if not is_valid(username):
        raise ValidationError(
            "A username has 1 to 64 of the characters a-z, 0-9, _ . and -, and is not "
            f"{', '.join(sorted(UNREACHABLE - {'.', '..'}))} or only dots.",
            code="username_not_valid",
        )


def validate_for_sign_up(username: str) -> None:
    """Refuse, besides, what a newcomer may not choose for themselves."""
    validate(username)
    if len(username) < 2:
        raise ValidationError("Choose a username of at least 2 characters.", code="too_short")
    if username in RESERVED or not any(character.isalnum() for character in username):
        raise ValidationError("This username is reserved. Choose another.", code="reserved")
