"""Parameters that several routers take. What cannot be an id is not found, like any other."""

from typing import Annotated

from ninja import Path, Query
from pydantic import AfterValidator, StringConstraints

from accounts import names
from socialnet.agents.errors import (
    ChatNotFound,
    CommentNotFound,
    MessageNotFound,
    PostNotFound,
    UserNotFound,
)
from socialnet.ids import is_uuid


def _user_id(value: str) -> str:
    user_id = names.fold(value)
    if not names.is_valid(user_id):
        raise UserNotFound(user_id=value[: names.MAX_LENGTH])
    return user_id


def _post_id(value: str) -> str:
    post_id = value.lower()
    if not is_uuid(post_id):
        raise PostNotFound(post_id=value[:36])
    return post_id


def _comment_id(value: str) -> str:
    comment_id = value.lower()
    if not is_uuid(comment_id):
        raise CommentNotFound(comment_id=value[:36])
    return comment_id


def _chat_id(value: str) -> str:
    chat_id = value.lower()
    if not is_uuid(chat_id):
        raise ChatNotFound(chat_id=value[:36])
    return chat_id


def _message_id(value: str) -> str:
    message_id = value.lower()
    if not is_uuid(message_id):
        raise MessageNotFound(message_id=value[:36])
    return message_id


# PostgreSQL knows no NUL in a text.
_WORDS = StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")

MessageIdText = Annotated[str, AfterValidator(_message_id)]
UserIdText = Annotated[str, AfterValidator(_user_id)]
UserId = Annotated[str, Path(description="A username."), AfterValidator(_user_id)]
PostId = Annotated[str, Path(description="A UUID."), AfterValidator(_post_id)]
CommentId = Annotated[str, Path(description="A UUID."), AfterValidator(_comment_id)]
ChatId = Annotated[str, Path(description="A UUID."), AfterValidator(_chat_id)]
MessageId = Annotated[str, Path(description="A UUID."), AfterValidator(_message_id)]
Before = Annotated[str, Query(description="A message's UUID."), AfterValidator(_message_id)]
SearchText = Annotated[str, Query(description="Words, `field:value`, or `*`."), _WORDS]
