"""What is kept of a person, and by whom: the parts of the house register how to hand it out and how
to erase it. This app knows none of them.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import orjson

from accounts.models import User

Exported = tuple[str, bytes]
"""Name of a file in the archive, and its content."""


class Keeper(NamedTuple):
    """A part of the house that keeps something of people."""

    name: str
    export: Callable[[str], Iterator[Exported]]
    """Everything of this user, file by file, by user id."""
    erase: Callable[[str], bool]
    """Scrub all of it, touch nobody else's; whether that is done. It is called until it is, also
    where it was killed: what others have to hear of takes its time."""


_keepers: dict[str, Keeper] = {}


def register(keeper: Keeper) -> None:
    """Have it asked; another of the same name takes its place."""
    _keepers[keeper.name] = keeper


def keepers() -> list[Keeper]:
    """All, by name; the account itself is the first."""
    return [Keeper("account", export_account, lambda user_id: True), *_keepers.values()]


def as_json(content: Any) -> bytes:
    """Readable JSON."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)


def export_account(user_id: str) -> Iterator[Exported]:
    """The credentials' row, without what opens a door."""
    user = User.objects.get(username=user_id)
    yield (
        "account.json",
        as_json(
            {
                "username": user.username,
                "email": user.email,
                "joined_at": user.date_joined,
                "last_sign_in_at": user.last_login,
                "theme": user.theme,
                "api_tokens": [
                    {"name": token.name, "begins": token.prefix, "made_at": token.created_at}
                    for token in user.api_tokens.all()
                ],
            }
        ),
    )
