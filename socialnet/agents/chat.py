"""A chat."""

from __future__ import annotations

from pydantic import AwareDatetime

from agents_core import command, query
from agents_core.search import SearchFields, parse_query

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import notifications, text, user, user_chats
from socialnet.agents.chat_messages import LOOKED_AT_MOST, TalkingChat
from socialnet.agents.chat_schemas import (
    PARTICIPANTS_MAX,
    PARTICIPANTS_MIN,
    ChatChange,
    ChatView,
)
from socialnet.agents.chat_state import ChatState, Participant, message_view
from socialnet.agents.errors import (
    ChatNotFound,
    NoNewParticipants,
    NotTheOwner,
    ParticipantNotFound,
    TooFewParticipants,
    TooManyParticipants,
    UserNotFound,
)
from socialnet.agents.notices import Notice
from socialnet.agents.schemas import PAGE_DEFAULT


class Chat(TalkingChat):
    """One chat of up to 256 people. Parameters: the chat's id.

    Each change is told to the chat lists of the participants, whom no block parts from who made it.
    Commands and queries of people who do not take part find no chat; `staff` may see all. A block
    between two in a group hides what they say from each other, and nothing from anybody else.
    """

    @query
    def is_pair(self) -> bool:
        """Whether two talk here who began it for themselves, and nobody ever came or left."""
        return self.state is not None and self.state.is_pair

    @query
    def get_standing(self) -> ChatChange:
        """What a list needs to have this chat on it, with nothing counted yet."""
        if self.state is None:
            raise ChatNotFound(chat_id=self.chat_id)
        standing = self._change("changed", self.state.created_by)
        standing.number, standing.strangers = 0, self.state.pending
        return standing

    @query
    def get_chat(
        self,
        viewer: str,
        staff: bool = False,
        before: str | None = None,
        limit: int = PAGE_DEFAULT,
        deleted: bool = False,
    ) -> ChatView | None:
        """The chat with its newest messages older than `before`; None where this viewer sees none.

        A viewer who joined later sees the messages from then on, and never those of people whom a
        block parts from them. With `deleted` the places of deleted messages are among them.
        """
        state = self._seen_by(viewer, staff)
        if state is None:
            return None
        hidden = self._hidden_from(viewer, staff)
        if state.is_pair and hidden:
            return None
        return self._view(state, viewer, hidden, self._cursor_before(before), limit, deleted)

    @query
    def get_company(self, viewer: str, since: AwareDatetime | None = None) -> list[str]:
        """Who else takes part, from `since` on or earlier, and has accepted; without those whom a
        block hides. Nobody where the viewer does not take part, or has not accepted."""
        state = self._seen_by(viewer)
        if state is None or state.is_pending(viewer):
            return []
        hidden = self._hidden_from(viewer) | set(state.pending) | {viewer}
        return [
            key
            for key in state.people
            if key not in hidden and (since is None or state.participants[key].joined_at <= since)
        ]

    @query
    def get_chat_if_match(
        self, query: str, viewer: str, staff: bool = False, limit: int = PAGE_DEFAULT
    ) -> ChatView | None:
        """The chat if it fits the query; words look in its newest 5,000 messages too."""
        chat = self.get_chat(viewer, staff, limit=limit)
        if chat is None:
            return None
        wanted = parse_query(query)
        contents = self._contents(viewer, staff) if wanted.words else []
        return chat if wanted.matches(_fields_of(chat, contents)) else None

    @command
    def create(
        self,
        created_by: str,
        participants: list[str],
        began_at: AwareDatetime | None = None,
    ) -> ChatView:
        """Begin with these people, the creator among them; a second call changes nothing.

        To those who have not chosen to know the creator it is a request. `began_at` is for imports.
        """
        if self.state is None:
            people = list(dict.fromkeys([created_by, *participants]))
            _require_size(len(people))
            strangers = _strangers_among(people, [], created_by)
            now = min(began_at or self.now(), self.now())
            self.state = ChatState(
                created_by=created_by,
                owner=created_by,
                is_pair=len(people) == PARTICIPANTS_MIN,
                participants={
                    key: Participant(joined_at=now, pending=key in strangers) for key in people
                },
                created_at=now,
                updated_at=now,
            )
            self._tell("changed", created_by, people[1:], strangers=strangers)
            if not self.state.is_pair:
                self._invite(created_by, [key for key in people[1:] if key not in strangers])
        return self._whole(self.state, created_by)

    @command
    def add_participants(
        self, by: str, participants: list[str], share_history: bool = False, staff: bool = False
    ) -> ChatView:
        """Take people in; those who take part already are left out, and nobody new is refused.

        They see what is written from now on, with `share_history` all that was. Whom a block parts
        from a member is not taken in. To who has not chosen to know `by` it is a request, unless
        staff asks. A second call finds nobody new.
        """
        state = self._changing(by, staff)
        new = [key for key in dict.fromkeys(participants) if key not in state.participants]
        if not new:
            raise NoNewParticipants()
        _require_size(len(state.participants) + len(new))
        strangers = _strangers_among(new, state.people, by)
        if staff:
            strangers = []
        now = self.now()
        since = None if share_history else now
        for key in new:
            pending = key in strangers
            state.participants[key] = Participant(joined_at=now, sees_from=since, pending=pending)
        state.former = [key for key in state.former if key not in new]
        state.is_pair = False
        state.owner = state.owner or new[0]
        self._changed("changed", by, strangers=strangers)
        self._invite(by, [key for key in new if key not in strangers])
        return self._whole(state, by)

    @command
    def accept(self, by: str) -> None:
        """Take part, as somebody to whom the chat was a request; repeating changes nothing."""
        state = self._taking_part(by)
        if state.is_pending(by):
            state.participants[by].pending = False
            self._changed("changed", by)

    @command
    def remove_participant(self, by: str, user_id: str, staff: bool = False) -> None:
        """Leave, or as its owner or staff have somebody leave; a second call finds nobody.

        Where the owner leaves, who has been here longest is the next.
        """
        state = self._changing(by, staff)
        if user_id not in state.participants:
            raise ParticipantNotFound(user_id=user_id)
        if by not in (user_id, state.owner) and not staff:
            raise NotTheOwner(chat_id=self.chat_id)
        del state.participants[user_id]
        state.former.append(user_id)
        state.is_pair = False
        if user_id == state.owner:
            state.owner = next(iter(state.people), None)
        user_chats.UserChats.of(user_id).trigger.forget(self.chat_id)
        self._changed("changed", by)

    @command
    def set_name(self, by: str, name: str | None, staff: bool = False) -> ChatView:
        """Be called this, or nothing; repeating changes nothing."""
        state = self._changing(by, staff)
        name = text.clean_name(name)
        if name != state.name:
            state.name = name
            self._changed("changed", by)
        return self._whole(state, by)

    def _invite(self, by: str, new: list[str]) -> None:
        """Have those who are new notified; who comes again is notified again."""
        assert self.state is not None
        if not new:
            return
        notice = Notice(
            kind="chat_invitation",
            subject=self.chat_id,
            actor=by,
            event=str(self.state.changes),
            chat_id=self.chat_id,
            text=self.state.name or "",
        )
        notifications.Notifications.of_many(new).trigger.add(notice)

    def _view(
        self,
        state: ChatState,
        viewer: str,
        hidden: set[str],
        cursor: str | None,
        limit: int,
        deleted: bool = False,
    ) -> ChatView:
        found, older = self._stretch(viewer, hidden, cursor, limit, deleted)
        return ChatView(
            chat_id=self.chat_id,
            created_by=state.created_by,
            owner=state.owner,
            name=state.name,
            participants=[key for key in state.people if key not in hidden],
            pending=[key for key in state.pending if key not in hidden],
            messages=[message_view(entry.key, entry.item, hidden) for entry in reversed(found)],
            older_messages=older is not None,
            next_before=older,
            created_at=state.created_at,
            updated_at=state.updated_at,
        )

    def _whole(self, state: ChatState, viewer: str) -> ChatView:
        return self._view(state, viewer, self._hidden_from(viewer), None, PAGE_DEFAULT)

    def _contents(self, viewer: str, staff: bool) -> list[str]:
        hidden = self._hidden_from(viewer, staff)
        found, _ = self._stretch(viewer, hidden, None, LOOKED_AT_MOST)
        return [entry.item.content for entry in found]


def _require_size(count: int) -> None:
    if count < PARTICIPANTS_MIN:
        raise TooFewParticipants(limit=PARTICIPANTS_MIN)
    if count > PARTICIPANTS_MAX:
        raise TooManyParticipants(limit=PARTICIPANTS_MAX, count=count)


def _strangers_among(new: list[str], members: list[str], by: str) -> list[str]:
    """Those of the new people who have not chosen to know who brings them here.

    Refuses people who do not exist, and whom a block parts from a member or from each other.
    """
    profiles = user.User.of_many(new).get_profile()
    there = {profile.user_id for profile in profiles if profile is not None}
    everybody = [*members, *new]
    strangers: list[str] = []
    for key in new:
        others = [other for other in everybody if other != key]
        met = user.User.of(key).meets(by, others) if key in there else "parted"
        if met == "parted":
            raise UserNotFound(user_id=key)
        if met == "stranger":
            strangers.append(key)
    return strangers


def _fields_of(chat: ChatView, contents: list[str]) -> SearchFields:
    """What a chat is found by."""
    return SearchFields(
        words=[chat.chat_id, chat.created_by, *contents],
        ids={
            "chat_id": chat.chat_id,
            "created_by": chat.created_by,
            "participants": chat.participants,
        },
    )
