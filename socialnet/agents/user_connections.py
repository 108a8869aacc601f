"""Whom a person knows: the half of `User` that deals with others."""

from __future__ import annotations

from accounts.hidden import hidden_of, hidden_people
from agents_core import Collection, DurableAgent, Parameter, command, query
from agents_core.collections import BoundCollection

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import notifications, timelines_updater, user_chats
from socialnet.agents.errors import ConsentNeeded, SelfConnection, UserBlocked, UserNotFound
from socialnet.agents.notices import Notice
from socialnet.agents.relations import (
    Relation,
    Wish,
    connecting,
    decide,
    disconnecting,
    merge,
)
from socialnet.agents.schemas import (
    CONNECTION_TYPES,
    NEWEST_CONNECTIONS,
    PAGE_DEFAULT,
    Acquaintance,
    AudienceType,
    ConnectionPage,
    ConnectionType,
    ConnectionView,
    UserView,
)
from socialnet.agents.user_state import (
    Connection,
    UserState,
    connection_view,
    mark,
    newest_keys,
    notable,
    seen_by_owner,
    shows,
)

# Where a relation that shows no connection stands among the connections: behind all that do.
_OUT_OF_SIGHT = 0
_AUTHORS_MAX = 5_000


class ConnectedUser(DurableAgent, abstract=True):
    """Connections, requests, blocks and mutes of one person.

    Both sides of a connection keep it. A command changes this side at once and sends the other the
    whole relation; `relations` says why both always end with the same. A mute is one's own affair.
    """

    user_id: Parameter[str]
    state: UserState | None

    # Every relation there is or was, those that show a connection or a request of mine first.
    connections = Collection(Connection)
    # The same by kind, to be listed by time without passing over the others.
    friends = Collection(bool)
    followers = Collection(bool)
    followings = Collection(bool)
    # Who asks to be my friend; whom I block; whom I do not want to hear of.
    requests = Collection(bool)
    blocks = Collection(bool)
    mutes = Collection(bool)
    # Who receives my posts and as what; the fan-out walks it in key order.
    readers = Collection(str)

    @query
    def is_registered(self) -> bool:
        """Whether there is such a user."""
        return self.state is not None

    @query
    def get_connections(
        self,
        type: ConnectionType | None = None,
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
    ) -> ConnectionPage:
        """Connections of one kind or all, newest first; without a kind also requests of mine."""
        if type is None:
            return self._visible_connections(limit, cursor)
        page = self._of_kind(type).page(limit=limit, cursor=cursor)
        known = self.connections.get_many([entry.key for entry in page.items])
        return ConnectionPage(
            items=[connection_view(entry.key, known[entry.key]) for entry in page.items],
            next_cursor=page.next_cursor,
        )

    @query
    def get_connection(self, other_id: str) -> ConnectionView | None:
        """What the other is to me; None: nothing."""
        connection = self.connections.get(other_id)
        if connection is None or not shows(connection.relation):
            return None
        return connection_view(other_id, connection)

    @query
    def connections_among(self, other_ids: list[str]) -> dict[str, ConnectionView]:
        """What those of the others are to me who are anything; with one statement."""
        known = self.connections.get_many(other_ids)
        return {
            key: connection_view(key, connection)
            for key, connection in known.items()
            if shows(connection.relation)
        }

    @query
    def asking_among(self, other_ids: list[str]) -> list[str]:
        """Those of the others who wait for my answer to a friend request."""
        return list(self.requests.get_many(other_ids))

    @query
    def audience(self, after: str = "", limit: int = 1000) -> list[tuple[str, AudienceType]]:
        """Who receives my posts, by user id, from the first one behind `after`."""
        return [
            (entry.key, "friend" if entry.item == "friend" else "follower")
            for entry in self.readers.walk(after=after, limit=limit)
        ]

    @query
    def authors(self) -> dict[str, AudienceType]:
        """Whose posts I receive, and as what; of those I know longest some thousands."""
        found: dict[str, AudienceType] = {}
        kinds: list[tuple[BoundCollection[bool], AudienceType]] = [
            (self.followings, "follower"),
            (self.friends, "friend"),
        ]
        for people, kind in kinds:
            found |= {entry.key: kind for entry in people.walk(limit=_AUTHORS_MAX)}
        return found

    @query
    def hides(self, other_id: str) -> bool:
        """Whether a block in either direction hides the two from each other, or the other is
        hidden from all."""
        if other_id in hidden_people():
            return True
        connection = self.connections.get(other_id)
        return connection is not None and connection.relation.is_blocked

    @query
    def hidden_among(self, other_ids: list[str]) -> list[str]:
        """Those of the others whom a block in either direction hides, or who are hidden from
        all."""
        known = self.connections.get_many(other_ids)
        blocked = [key for key, connection in known.items() if connection.relation.is_blocked]
        return [*blocked, *hidden_of(set(other_ids).difference(blocked))]

    @query
    def meets(self, by: str, people: list[str]) -> Acquaintance:
        """What it is to this person to be brought together with people, `by` one of them: parted
        from some of them by a block, by a stranger, or by somebody they follow or befriend."""
        known = self.connections.get_many(people)
        if hidden_of(people) or any(one.relation.is_blocked for one in known.values()):
            return "parted"
        bringer = known.get(by)
        chosen = by == self.user_id or (bringer is not None and bringer.relation.is_chosen)
        return "known" if chosen else "stranger"

    @query
    def unheard_among(self, other_ids: list[str]) -> list[str]:
        """Those of the others whose doings this person is spared: blocks, and whom they muted."""
        hidden = self.hidden_among(other_ids)
        if self.state is None or not self.state.muted:
            return hidden
        return sorted({*hidden, *self.mutes.get_many(other_ids)})

    @query
    def hears(self, other_id: str) -> bool:
        """Whether news of the other are welcome: nobody's own are, nor over a block or a mute."""
        if self.state is None or other_id == self.user_id:
            return False
        return not self.unheard_among([other_id])

    @command
    def connect(self, other_id: str, type: ConnectionType, staff: bool = False) -> UserView:
        """Connect, or ask to; staff connects at once in any way. Repeating changes nothing.

        Ordinary callers become friends when both have asked; nobody is made to follow. The other
        is notified, but not of what staff does: imports are no news.
        """
        connection = self._with(other_id)
        if type == "follower" and not staff:
            raise ConsentNeeded(user_id=other_id)
        if connection is not None and connection.relation.mine.block.on:
            raise UserBlocked(user_id=other_id)
        return self._decide(other_id, connection, connecting(type, at_once=staff), quiet=staff)

    @command
    def disconnect(self, other_id: str, type: ConnectionType) -> UserView:
        """End a connection on both sides; repeating changes nothing.

        For a follower: they no longer follow. For a friend: also withdraws or declines a request.
        """
        connection = self._with(other_id)
        return self._decide(other_id, connection, disconnecting(type))

    @command
    def block(self, other_id: str) -> UserView:
        """Cut both directions and hide the two from each other; repeating changes nothing."""
        connection = self._with(other_id)
        return self._decide(other_id, connection, [("mine", "block", True)])

    @command
    def unblock(self, other_id: str) -> UserView:
        """Lift my block; what it cut stays cut. Repeating changes nothing."""
        connection = self.connections.get(other_id)
        if connection is None or not connection.relation.mine.block.on:
            connection = self._with(other_id)
        return self._decide(other_id, connection, [("mine", "block", False)])

    @command
    def mute(self, other_id: str) -> UserView:
        """Be spared what the other does, who is not told; repeating changes nothing."""
        self._with(other_id)
        return self._set_mute(other_id, True)

    @command
    def unmute(self, other_id: str) -> UserView:
        """Hear of the other again; repeating changes nothing."""
        if self.mutes.get(other_id) is None:
            self._with(other_id)
        return self._set_mute(other_id, False)

    @command
    def leave_everybody(self, limit: int = 100) -> bool:
        """End connections and requests with so many people, on both sides; whether there were any.

        Blocks are no connections, and stay. To be called until it says no.
        """
        if self.state is None:
            return False
        page = self.connections.page(limit=limit)
        shown = [entry.key for entry in page.items if entry.sort != _OUT_OF_SIGHT]
        asking = [entry.key for entry in self.requests.page(limit=limit).items]
        for other_id in dict.fromkeys(shown + asking):
            ending = [wish for kind in CONNECTION_TYPES for wish in disconnecting(kind)]
            self._decide(other_id, self.connections.get(other_id), ending, quiet=True)
        return bool(shown or asking)

    @command
    def relation_changed(self, other_id: str, relation: Relation, quiet: bool = False) -> None:
        """Take over what the other side knows, and answer if this side knew more.

        Repeated or outdated news change nothing. `quiet` news notify nobody.
        """
        if self.state is None:
            return
        connection = self.connections.get(other_id)
        known = connection.relation if connection else Relation()
        merged = merge(known, relation)
        self._keep(other_id, connection, merged)
        self._notify(other_id, known, merged, quiet=quiet)
        if merged != relation:
            self._tell(other_id, merged)

    def _with(self, other_id: str) -> Connection | None:
        """The relation with somebody else who exists and does not block me, or the refusal."""
        if self.state is None:
            raise UserNotFound(user_id=self.user_id)
        if other_id == self.user_id:
            raise SelfConnection()
        connection = self.connections.get(other_id)
        if connection is None:
            if not type(self).of(other_id).is_registered():
                raise UserNotFound(user_id=other_id)
        elif connection.relation.theirs.block.on:
            raise UserNotFound(user_id=other_id)
        return connection

    def _decide(
        self,
        other_id: str,
        connection: Connection | None,
        wishes: list[Wish],
        *,
        quiet: bool = False,
    ) -> UserView:
        assert self.state is not None  # `_with` refuses those who are not registered
        known = connection.relation if connection else Relation()
        decided = decide(known, *wishes)
        if decided != known:
            self._keep(other_id, connection, decided)
            self._notify(other_id, known, decided, quiet=True)
            self._tell(other_id, decided, quiet=quiet)
        return self._view(self.state)

    def _tell(self, other_id: str, relation: Relation, *, quiet: bool = False) -> None:
        type(self).of(other_id).trigger.relation_changed(
            self.user_id, relation.seen_from_the_other_side(), quiet
        )

    def _notify(self, other_id: str, was: Relation, now: Relation, *, quiet: bool) -> None:
        """Tell me what became of us, unless that is no news, and take back what no longer is."""
        notices = notifications.Notifications.of(self.user_id).trigger
        if now.is_blocked:
            if not was.is_blocked:
                notices.forget_person(other_id)
            return
        for kind, subject, held, holds in notable(self.user_id, other_id, was, now):
            if holds and not held and not quiet:
                notices.add(Notice(kind=kind, subject=subject, actor=other_id))
            elif held and not holds:
                notices.withdraw(kind, subject, other_id)

    def _keep(self, other_id: str, before: Connection | None, relation: Relation) -> None:
        """Store a relation, and everything that is derived from it where that changed."""
        assert self.state is not None
        was = before.relation if before else Relation()
        if relation == was:
            return
        now, counts = self.now(), self.state.connection_counts
        self._put_connection(other_id, before, relation)
        for kind in CONNECTION_TYPES:
            is_now = kind in relation.connection_types
            gained = mark(self._of_kind(kind), other_id, kind in was.connection_types, is_now, now)
            setattr(counts, kind, getattr(counts, kind) + gained)
        asked = (was.is_asked, relation.is_asked)
        self.state.asking += mark(self.requests, other_id, *asked, now)
        blocked = (was.mine.block.on, relation.mine.block.on)
        self.state.blocked += mark(self.blocks, other_id, *blocked, now)
        self._keep_reader(other_id, was.audience_type, relation.audience_type)
        if was.is_blocked != relation.is_blocked:
            chats = user_chats.UserChats.of(self.user_id).trigger
            chats.set_parted(other_id, relation.is_blocked)
        if seen_by_owner(was) != seen_by_owner(relation):
            self.state.updated_at = now

    def _put_connection(self, other_id: str, before: Connection | None, relation: Relation) -> None:
        assert self.state is not None
        now = self.now()
        showed = before is not None and shows(before.relation)
        shown = shows(relation)
        created_at = before.created_at if before and showed else now
        connection = Connection(relation=relation, created_at=created_at, updated_at=now)
        self.connections.put(other_id, connection, sort=created_at if shown else _OUT_OF_SIGHT)
        self.state.shown += shown - showed

    def _keep_reader(
        self, other_id: str, was: AudienceType | None, kind: AudienceType | None
    ) -> None:
        if kind == was:
            return
        if kind is None:
            self.readers.remove(other_id)
        else:
            self.readers.put(other_id, kind, sort=self.now())
        updater = timelines_updater.TimelinesUpdater.of(self.user_id)
        updater.trigger.audience_changed(other_id, kind)

    def _set_mute(self, other_id: str, muted: bool) -> UserView:
        assert self.state is not None  # `_with` refuses those who are not registered
        was = self.mutes.get(other_id) is not None
        self.state.muted += mark(self.mutes, other_id, was, muted, self.now())
        if muted and not was:
            notifications.Notifications.of(self.user_id).trigger.forget_person(other_id)
        if muted != was:
            self.state.updated_at = self.now()
        return self._view(self.state)

    def _of_kind(self, kind: ConnectionType) -> BoundCollection[bool]:
        return {"friend": self.friends, "follower": self.followers, "following": self.followings}[
            kind
        ]

    def _visible_connections(self, limit: int, cursor: str | None) -> ConnectionPage:
        page = self.connections.page(limit=limit, cursor=cursor)
        shown = [entry for entry in page.items if entry.sort != _OUT_OF_SIGHT]
        return ConnectionPage(
            items=[connection_view(entry.key, entry.item) for entry in shown],
            next_cursor=page.next_cursor if len(shown) == len(page.items) else None,
        )

    def _view(self, state: UserState) -> UserView:
        connected = self._visible_connections(NEWEST_CONNECTIONS, None).items if state.shown else []
        return UserView(
            user_id=self.user_id,
            name=state.name,
            bio=state.bio,
            avatar=state.avatar,
            email=state.email,
            connection_counts=state.connection_counts,
            connected_users={connection.user_id: connection for connection in connected},
            requests=newest_keys(self.requests) if state.asking else [],
            blocks=newest_keys(self.blocks) if state.blocked else [],
            mutes=newest_keys(self.mutes) if state.muted else [],
            created_at=state.created_at,
            updated_at=state.updated_at,
        )
