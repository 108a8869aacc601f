"""What the pages of the social network share, besides what all pages do."""

from accounts import names
from accounts.pages import PageRequest, back, cursor_of, done, once, page
from socialnet.agents.errors import (
    ChatNotFound,
    MessageNotFound,
    PostNotFound,
    UserNotFound,
)
from socialnet.ids import is_uuid

PAGE_SIZE = 20


def user_id_of(text: str) -> str:
    """A user id out of an address; what cannot be one is not found, like any other."""
    user_id = names.fold(text)
    if not names.is_valid(user_id):
        raise UserNotFound(user_id=text[: names.MAX_LENGTH])
    return user_id


def post_id_of(text: str) -> str:
    """A post id out of an address; what cannot be one is not found, like any other."""
    if not is_uuid(text):
        raise PostNotFound(post_id=text[:36])
    return text


def chat_id_of(text: str) -> str:
    """A chat id out of an address; what cannot be one is not found, like any other."""
    if not is_uuid(text):
        raise ChatNotFound(chat_id=text[:36])
    return text


def message_id_of(text: str) -> str:
    """A message id out of an address; what cannot be one is not found, like any other."""
    if not is_uuid(text):
        raise MessageNotFound(message_id=text[:36])
    return text


__all__ = [
    "PAGE_SIZE",
    "PageRequest",
    "back",
    "chat_id_of",
    "cursor_of",
    "done",
    "message_id_of",
    "once",
    "page",
    "post_id_of",
    "user_id_of",
]
