"""What a chat keeps, and how its participants see it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core.clock import to_micros
from socialnet.agents.chat_schemas import MessageView
from socialnet.agents.schemas import LikeType


class Message(BaseModel):
    """One message. Of a deleted one the place stays, so that paging goes on from there; what it
    said stays until `kept_until`, for whoever deleted it to take that back."""

    content: str
    created_by: str
    likes: dict[str, LikeType] = {}
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    kept_until: datetime | None = None


class Participant(BaseModel):
    """One who takes part, and since when; `sees_from`: what is older stays hidden from them.

    `pending`: they did not know who brought them here, and have not accepted.
    """

    joined_at: datetime
    sees_from: datetime | None = None
    pending: bool = False


class ChatState(BaseModel):
    """Who talks here. Messages are rows; `changes` counts all that was ever done.

    `is_pair`: begun by two for themselves, and still theirs alone. `former` are those who left and
    may have written. `newest` is the id of the message written last; ids of one chat are ordered.
    """

    created_by: str
    owner: str | None
    name: str | None = None
    is_pair: bool
    participants: dict[str, Participant]
    former: list[str] = []
    changes: int = 1
    newest: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def people(self) -> list[str]:
        """Who takes part: who began it, and the others as they came."""
        by_time = sorted(
            (user_id != self.created_by, to_micros(one.joined_at), user_id)
            for user_id, one in self.participants.items()
        )
        return [user_id for _, _, user_id in by_time]

    @property
    def pending(self) -> list[str]:
        """To whom it is a request still."""
        return sorted(user_id for user_id, one in self.participants.items() if one.pending)

    def is_pending(self, user_id: str) -> bool:
        """Whether it is a request to this person still."""
        known = self.participants.get(user_id)
        return known is not None and known.pending

    def sees_from(self, viewer: str) -> int:
        """From when on the viewer sees messages, in microseconds; staff see them all."""
        known = self.participants.get(viewer)
        return to_micros(known.sees_from) if known and known.sees_from else 0


def message_view(message_id: str, message: Message, hidden: set[str]) -> MessageView:
    """A message as its readers see it; of a deleted one nothing but its place."""
    gone = message.deleted_at is not None
    return MessageView(
        message_id=message_id,
        content="" if gone else message.content,
        likes={key: kind for key, kind in message.likes.items() if key not in hidden and not gone},
        created_by=message.created_by,
        created_at=message.created_at,
        updated_at=message.updated_at,
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
    )
