"""Chats: opening, listing, searching, reading them, and who takes part."""

from datetime import UTC, datetime
from typing import Annotated

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from accounts import names
from accounts.http import DEFAULT_LIMIT, MAX_LIMIT, CallerRequest, PageQuery, acting_for
from socialnet import company
from socialnet.access import get_chat_for
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import (
    ChatCreated,
    ChatPage,
    ChatRef,
    ChatRefPage,
    ChatSettings,
    ChatView,
)
from socialnet.agents.chat_views import UserChatsView
from socialnet.agents.errors import UserNotFound
from socialnet.agents.user_chats import UserChats
from socialnet.api.params import Before, ChatId, MessageIdText, SearchText, UserId

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# Nobody types so many; who sends more has not understood something.
NAMED_AT_ONCE = 1_000

router = Router(tags=["chats"])


class ParticipantsIn(Schema):
    """Whom to talk with."""

    participants: list[str] = Field(max_length=NAMED_AT_ONCE)


class NewParticipantsIn(ParticipantsIn):
    """Who is to come in; with `share_history` they see what was written before, too."""

    share_history: bool = False


class ChatNameIn(Schema):
    """What the chat is called, or null for nothing."""

    name: str | None


class ReadIn(Schema):
    """The message read last, or null for the newest; `back` marks what comes after it unread."""

    message_id: MessageIdText | None = None
    back: bool = False


@router.post("/users/{user_id}/chats", response={201: ChatCreated})
def create_chat(request: CallerRequest, user_id: UserId, body: ParticipantsIn) -> ChatCreated:
    """Open a chat; two people have one for themselves, which is found again."""
    chats = UserChats.of(acting_for(request, user_id))
    return chats.create_chat(people_in(body.participants))


@router.get("/users/{user_id}/chats", response=ChatRefPage)
def get_chats(request: CallerRequest, user_id: UserId, page: PageQuery) -> ChatRefPage:
    """A person's chats by id, the most recently written in first; requests are marked."""
    return UserChats.of(acting_for(request, user_id)).get_chats(page.limit, page.cursor)


@router.get("/users/{user_id}/chats/search", response=ChatPage)
def search_chats(
    request: CallerRequest, user_id: UserId, query: SearchText, page: PageQuery
) -> ChatPage:
    """A person's chats that match, each with its newest messages."""
    view = UserChatsView.of(acting_for(request, user_id))
    return view.search(query, page.limit, page.cursor)


@router.get("/users/{user_id}/chats/updates", response=list[ChatRef])
def get_chat_updates(
    request: CallerRequest,
    user_id: UserId,
    since: AwareDatetime = BEGINNING,
    wait: Annotated[float, Query(ge=0, le=30)] = 0,
) -> list[ChatRef]:
    """What happened after `since`. At the `live` address, `wait` seconds for the first one."""
    return UserChats.of(acting_for(request, user_id)).get_updates(since)


@router.put("/users/{user_id}/chats/{chat_id}/read", response=ChatRef)
def mark_read(request: CallerRequest, user_id: UserId, chat_id: ChatId, body: ReadIn) -> ChatRef:
    """Have read everything, or up to a message."""
    return company.mark_read(acting_for(request, user_id), chat_id, body.message_id, body.back)


@router.put("/users/{user_id}/chats/{chat_id}/mute", response=ChatRef)
def mute(request: CallerRequest, user_id: UserId, chat_id: ChatId) -> ChatRef:
    """Leave the chat out of the count of what waits."""
    return UserChats.of(acting_for(request, user_id)).mute(chat_id, True)


@router.delete("/users/{user_id}/chats/{chat_id}/mute", response=ChatRef)
def unmute(request: CallerRequest, user_id: UserId, chat_id: ChatId) -> ChatRef:
    """Count the chat again."""
    return UserChats.of(acting_for(request, user_id)).mute(chat_id, False)


@router.get("/users/{user_id}/chats/requests", response=ChatRefPage)
def get_chat_requests(request: CallerRequest, user_id: UserId, page: PageQuery) -> ChatRefPage:
    """Those of a person's chats that strangers began, and they have not accepted."""
    return UserChats.of(acting_for(request, user_id)).get_requests(page.limit, page.cursor)


@router.put("/users/{user_id}/chats/{chat_id}/accept", response=ChatRef)
def accept_chat(request: CallerRequest, user_id: UserId, chat_id: ChatId) -> ChatRef:
    """Have a request among the chats; who writes in it accepts it, too."""
    return UserChats.of(acting_for(request, user_id)).accept(chat_id)


@router.get("/users/{user_id}/chats/settings", response=ChatSettings)
def get_chat_settings(request: CallerRequest, user_id: UserId) -> ChatSettings:
    """What is shown to others and seen of them: typing, being here, having read."""
    return UserChats.of(acting_for(request, user_id)).get_settings()


@router.put("/users/{user_id}/chats/settings", response=ChatSettings)
def set_chat_settings(request: CallerRequest, user_id: UserId, body: ChatSettings) -> ChatSettings:
    """Show these to others and see them of others, and the rest neither."""
    return UserChats.of(acting_for(request, user_id)).set_settings(body)


@router.get("/chats/{chat_id}", response=ChatView)
def get_chat(
    request: CallerRequest,
    chat_id: ChatId,
    before: Before | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> ChatView:
    """A chat with its newest messages, or those older than the message `before`."""
    return get_chat_for(request.caller, chat_id, before, limit)


@router.get("/chats/{chat_id}/receipts", response=dict[str, str])
def get_receipts(request: CallerRequest, chat_id: ChatId) -> dict[str, str]:
    """The message that each of the others has read last, by user id: of those who show it, in a
    chat of 20 at most."""
    get_chat_for(request.caller, chat_id, limit=1)
    return company.get_receipts(request.caller.user_id, chat_id)


@router.patch("/chats/{chat_id}/participants", response=ChatView)
def add_participants(request: CallerRequest, chat_id: ChatId, body: NewParticipantsIn) -> ChatView:
    """Take people in."""
    caller = request.caller
    people = people_in(body.participants)
    chat = Chat.of(chat_id)
    return chat.add_participants(caller.user_id, people, body.share_history, caller.is_staff)


@router.delete("/chats/{chat_id}/participants/{user_id}", response={204: None})
def remove_participant(request: CallerRequest, chat_id: ChatId, user_id: UserId) -> None:
    """Leave, or as the chat's owner or staff have somebody leave."""
    caller = request.caller
    Chat.of(chat_id).remove_participant(caller.user_id, user_id, caller.is_staff)


@router.put("/chats/{chat_id}/name", response=ChatView)
def set_name(request: CallerRequest, chat_id: ChatId, body: ChatNameIn) -> ChatView:
    """Call the chat something."""
    caller = request.caller
    return Chat.of(chat_id).set_name(caller.user_id, body.name, caller.is_staff)


def people_in(user_ids: list[str]) -> list[str]:
    """The ids in their one spelling; what cannot be one is nobody's."""
    folded = [names.fold(user_id) for user_id in user_ids]
    for user_id in folded:
        if not names.is_valid(user_id):
            raise UserNotFound(user_id=user_id[: names.MAX_LENGTH])
    return folded
