"""Messages of a chat: writing, editing, deleting, reacting."""

from ninja import Router, Schema

from accounts.http import CallerRequest, acting_for
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import MessageCreated, MessageView
from socialnet.agents.schemas import LikeType
from socialnet.api.params import ChatId, MessageId, UserId

router = Router(tags=["chats"])


class MessageIn(Schema):
    """What somebody says: 1 to 2,000 characters after trimming; `user_id` is the caller's."""

    content: str
    user_id: str | None = None


class LikeIn(Schema):
    """How somebody reacts."""

    like_type: LikeType


@router.post("/chats/{chat_id}/messages", response={201: MessageCreated})
def send(request: CallerRequest, chat_id: ChatId, body: MessageIn) -> MessageCreated:
    """Write a message; under one `Idempotency-Key` it is written once."""
    return Chat.of(chat_id).send(acting_for(request, body.user_id), body.content)


@router.put("/chats/{chat_id}/messages/{message_id}", response=MessageView)
def edit(
    request: CallerRequest, chat_id: ChatId, message_id: MessageId, body: MessageIn
) -> MessageView:
    """Say it otherwise, as its author."""
    return Chat.of(chat_id).edit(message_id, acting_for(request, body.user_id), body.content)


@router.delete("/chats/{chat_id}/messages/{message_id}", response={204: None})
def remove(request: CallerRequest, chat_id: ChatId, message_id: MessageId) -> None:
    """Take a message away, as its author or staff."""
    Chat.of(chat_id).remove(message_id, request.caller.user_id, request.caller.is_staff)


@router.put("/chats/{chat_id}/messages/{message_id}/likes/{user_id}", response=MessageView)
def like(
    request: CallerRequest, chat_id: ChatId, message_id: MessageId, user_id: UserId, body: LikeIn
) -> MessageView:
    """React to a message, in place of an earlier reaction."""
    return Chat.of(chat_id).like(message_id, acting_for(request, user_id), body.like_type)


@router.delete("/chats/{chat_id}/messages/{message_id}/likes/{user_id}", response=MessageView)
def unlike(
    request: CallerRequest, chat_id: ChatId, message_id: MessageId, user_id: UserId
) -> MessageView:
    """Take a reaction back; without one nothing changes."""
    return Chat.of(chat_id).like(message_id, acting_for(request, user_id), None)
