"""A chat as far as its messages go: writing, changing and reading them, and telling of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime

from agents_core import Collection, DurableAgent, Entry, Parameter, command, query
from agents_core.clock import to_micros
from agents_core.collections import encode_cursor

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import notifications, text, user, user_chats
from socialnet.agents.chat_schemas import ChatChange, MessageCreated, MessageView, Unread
from socialnet.agents.chat_state import ChatState, Message, message_view
from socialnet.agents.errors import (
    ChatNotFound,
    LaterMessages,
    MessageNotFound,
    NotYourMessage,
    TimeNotValid,
    TooLateToUndo,
)
from socialnet.agents.notices import Notice
from socialnet.agents.schemas import UNDO_WITHIN, LikeType

# How many messages are looked at for one answer where blocks hide most, and in a search: a rare
# word in a long chat is not found behind them.
LOOKED_AT_MOST = 5_000
# Beyond so many unread messages nobody counts.
UNREAD_MAX = 1_000
_STRETCH = 100


class TalkingChat(DurableAgent, abstract=True):
    """What is said in a chat. Commands and queries of people who do not take part find no chat."""

    chat_id: Parameter[str]
    state: ChatState | None
    messages = Collection(Message)

    @query
    def get_messages(
        self, message_ids: list[str], viewer: str, staff: bool = False, deleted: bool = False
    ) -> list[MessageView]:
        """Those of the messages that are there and that this viewer may see, oldest first; with
        `deleted` the places of deleted ones, too."""
        state = self._seen_by(viewer, staff)
        if state is None:
            return []
        hidden = self._hidden_from(viewer, staff)
        sees_from = state.sees_from(viewer)
        return [
            message_view(key, message, hidden)
            for key, message in sorted(self.messages.get_many(message_ids).items())
            if message.created_by not in hidden
            and to_micros(message.created_at) >= sees_from
            and (deleted or message.deleted_at is None)
        ]

    @query
    def get_restorable(self, message_ids: list[str], by: str) -> list[str]:
        """Those of the messages that this person has just removed and may bring back."""
        found = self.messages.get_many(message_ids)
        return [key for key, one in found.items() if one.kept_until and one.deleted_by == by]

    @query
    def get_unread(self, reader: str, after: str | None) -> Unread:
        """How many messages of others the reader has after that one, counted to 1,000.

        None: after the newest; empty: after the beginning.
        """
        state = self._taking_part(reader)
        if after is None:
            return Unread(count=0, message_id=state.newest, changes=state.changes)
        if after and self.messages.get(after) is None:
            raise MessageNotFound(message_id=after)
        skipped = self._hidden_from(reader) | {reader}
        sees_from = state.sees_from(reader)
        count = 0
        cursor: str | None = None
        while count < UNREAD_MAX:
            page = self.messages.page(limit=_STRETCH, cursor=cursor)
            new = [one for one in page.items if one.key > after and one.sort >= sees_from]
            there = [one.item for one in new if one.item.deleted_at is None]
            count += sum(message.created_by not in skipped for message in there)
            cursor = page.next_cursor
            if cursor is None or len(new) < len(page.items):
                break
        return Unread(count=min(count, UNREAD_MAX), message_id=after, changes=state.changes)

    @command
    def send(self, by: str, content: str) -> MessageCreated:
        """Write a message; every call writes another. Who answers a request accepts it."""
        state = self._changing(by)
        content = text.clean_message(content)
        self._write(state, self.new_id(), by, content, self.now())
        return MessageCreated(message_id=state.newest or "")

    @command
    def import_message(self, message_id: str, by: str, content: str, at: AwareDatetime) -> None:
        """Bring in a message of an earlier time, behind the newest; again changes nothing.

        Ids are in the order of writing: use `clock.ordered_uuid`.
        """
        state = self._changing(by)
        if self.messages.get(message_id) is not None:
            return
        if at > self.now():
            raise TimeNotValid(time=at.isoformat())
        if message_id <= (state.newest or ""):
            raise LaterMessages(chat_id=self.chat_id)
        self._write(state, message_id, by, text.clean_message(content), at)

    @command
    def edit(self, message_id: str, by: str, content: str) -> MessageView:
        """Say it otherwise, as its author; the same text again changes nothing."""
        self._changing(by)
        message = self._own_message(message_id, by)
        content = text.clean_message(content)
        if content != message.content:
            message.content = content
            message.edited_at = self.now()
            self._put(message_id, message, by)
        return message_view(message_id, message, self._hidden_from(by))

    @command
    def remove(self, message_id: str, by: str, staff: bool = False, undoable: bool = False) -> None:
        """Take a message away, as its author or staff; a second call finds no message.

        Where it is `undoable`, nobody finds the message either, but what it said is lost ten
        seconds later.
        """
        self._changing(by, staff)
        message = self._own_message(message_id, by, staff)
        message.deleted_at, message.deleted_by = self.now(), by
        if undoable:
            message.kept_until = self.now() + UNDO_WITHIN
            later = type(self).of(self.chat_id).schedule(at=message.kept_until, name=message_id)
            later.forget_message(message_id, message.kept_until)
        else:
            message.content, message.likes = "", {}
        self._put(message_id, message, message.created_by, "removed")

    @command
    def restore(self, message_id: str, by: str, staff: bool = False) -> None:
        """Take a removal back, as who removed the message; repeating changes nothing."""
        self._changing(by, staff)
        message = self.messages.get(message_id)
        if message is None or message.deleted_by != by:
            self._message_for(message_id, by, staff)
            return
        if message.kept_until is None:
            raise TooLateToUndo(seconds=int(UNDO_WITHIN.total_seconds()))
        message.deleted_at = message.deleted_by = message.kept_until = None
        type(self).of(self.chat_id).unschedule(message_id)
        self._put(message_id, message, message.created_by, "restored")

    @command
    def forget_message(self, message_id: str, due: AwareDatetime | None = None) -> None:
        """Lose what a removed message said, as that is to be undone no more; of a removal `due` at
        some time, if it is that one. Else nothing changes."""
        message = self.messages.get(message_id)
        if message and message.kept_until and due in (None, message.kept_until):
            message.content, message.likes, message.kept_until = "", {}, None
            self.messages.put(message_id, message, sort=message.created_at)

    @command
    def like(self, message_id: str, by: str, like_type: LikeType | None) -> MessageView:
        """React to a message, otherwise than before, or with None no more; repeating is nothing."""
        self._changing(by)
        message = self._message_for(message_id, by)
        if message.likes.get(by) != like_type:
            if like_type is None:
                del message.likes[by]
            else:
                message.likes[by] = like_type
                self._tell_author(message_id, message, by)
            self._put(message_id, message, by)
        return message_view(message_id, message, self._hidden_from(by))

    def _seen_by(self, viewer: str, staff: bool = False) -> ChatState | None:
        state = self.state
        return state if state is not None and (staff or viewer in state.participants) else None

    def _taking_part(self, user_id: str, staff: bool = False) -> ChatState:
        state = self._seen_by(user_id, staff)
        if state is None:
            raise ChatNotFound(chat_id=self.chat_id)
        return state

    def _changing(self, by: str, staff: bool = False) -> ChatState:
        """The document, for somebody who may write here; two whom a block parts may not."""
        state = self._taking_part(by, staff)
        if state.is_pair and self._hidden_from(by, staff):
            raise ChatNotFound(chat_id=self.chat_id)
        return state

    def _hidden_from(self, viewer: str, staff: bool = False) -> set[str]:
        """Whom a block parts from the viewer; who left is among them while they wrote here."""
        assert self.state is not None
        others = [key for key in (*self.state.participants, *self.state.former) if key != viewer]
        if staff or not others:
            return set()
        return set(user.User.of(viewer).hidden_among(others))

    def _message_for(self, message_id: str, viewer: str, staff: bool = False) -> Message:
        assert self.state is not None
        message = self.messages.get(message_id)
        if message is None or message.deleted_at is not None:
            raise MessageNotFound(message_id=message_id)
        if message.created_by != viewer and not staff:
            is_older = to_micros(message.created_at) < self.state.sees_from(viewer)
            if is_older or user.User.of(viewer).hides(message.created_by):
                raise MessageNotFound(message_id=message_id)
        return message

    def _own_message(self, message_id: str, by: str, staff: bool = False) -> Message:
        message = self._message_for(message_id, by, staff)
        if message.created_by != by and not staff:
            raise NotYourMessage(message_id=message_id)
        return message

    def _cursor_before(self, message_id: str | None) -> str | None:
        if message_id is None:
            return None
        known = self.messages.get(message_id)
        if known is None:
            raise MessageNotFound(message_id=message_id)
        return encode_cursor(to_micros(known.created_at), message_id)

    def _stretch(
        self, viewer: str, hidden: set[str], cursor: str | None, limit: int, deleted: bool = False
    ) -> tuple[list[Entry[Message]], str | None]:
        """The newest messages from the cursor on, newest first, and the last one looked at if
        there are older ones."""
        assert self.state is not None
        sees_from = self.state.sees_from(viewer)
        found: list[Entry[Message]] = []
        looked_at = 0
        last: str | None = None
        while True:
            page = self.messages.page(limit=limit + 1, cursor=cursor)
            for entry in page.items:
                if entry.sort < sees_from:
                    return found, None
                if len(found) == limit:
                    return found, last
                last = entry.key
                message = entry.item
                if message.created_by not in hidden and (deleted or message.deleted_at is None):
                    found.append(entry)
            cursor = page.next_cursor
            looked_at += len(page.items)
            if cursor is None or looked_at >= LOOKED_AT_MOST:
                return found, last if cursor else None

    def _write(
        self, state: ChatState, message_id: str, by: str, content: str, at: datetime
    ) -> None:
        message = Message(content=content, created_by=by, created_at=at, updated_at=at)
        self.messages.put(message_id, message, sort=at)
        known = state.participants.get(by)
        if known is not None:
            known.pending = False
        self._changed("sent", by, message_id)
        state.newest = message_id

    def _put(self, message_id: str, message: Message, by: str, what: str = "touched") -> None:
        message.updated_at = self.now()
        self.messages.put(message_id, message, sort=message.created_at)
        self._changed(what, by, message_id)

    def _tell_author(self, message_id: str, message: Message, by: str) -> None:
        assert self.state is not None
        if message.created_by in self.state.participants:
            notice = Notice(
                kind="like",
                subject=message_id,
                actor=by,
                chat_id=self.chat_id,
                text=message.content,
            )
            notifications.Notifications.of(message.created_by).trigger.add(notice)

    def _changed(
        self,
        kind: str,
        by: str,
        message_id: str | None = None,
        strangers: Sequence[str] = (),
    ) -> None:
        """Count a change, and tell those who may know."""
        assert self.state is not None
        self.state.changes += 1
        self.state.updated_at = self.now()
        hidden = self._hidden_from(by)
        told = [key for key in self.state.participants if key not in hidden]
        self._tell(kind, by, told, message_id, strangers)

    def _tell(
        self,
        kind: str,
        by: str,
        told: list[str],
        message_id: str | None = None,
        strangers: Sequence[str] = (),
    ) -> None:
        if told:
            change = self._change(kind, by, message_id)
            change.strangers = list(strangers)
            user_chats.UserChats.of_many(told).trigger.chat_changed(change)

    def _change(self, kind: str, by: str, message_id: str | None = None) -> ChatChange:
        assert self.state is not None
        return ChatChange(
            chat_id=self.chat_id,
            created_by=self.state.created_by,
            created_at=self.state.created_at,
            number=self.state.changes,
            kind=kind,
            by=by,
            message_id=message_id,
            newest=self.state.newest,
        )
