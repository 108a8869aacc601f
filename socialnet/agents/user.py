"""A person: profile and connections."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from agents_core import Collection, DurableAgent, Parameter, command, query
from agents_core.collections import BoundCollection
from agents_core.search import SearchFields
from socialnet.agents import notifications, text, timelines_updater
from socialnet.agents.errors import (
    ConsentNeeded,
    SelfConnection,
    TimeNotValid,
    UserBlocked,
    UserNotFound,
)
from socialnet.agents.notices import Notice, NoticeKind
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
    AudienceType,
    ConnectionCounts,
    ConnectionPage,
    ConnectionType,
    ConnectionView,
    ProfileView,
    UserView,
)
from socialnet.agents.user_index import UserIndex

# Where a relation that shows no connection stands among the connections: behind all that do.
_OUT_OF_SIGHT = 0
_AUTHORS_MAX = 5_000


class UserState(BaseModel):
    """The profile. Connections are rows; only their numbers are kept here.

    `shown`, `asking` and `blocked` say how many rows there are to show; nobody's are not read.
    """

    name: str | None = None
    email: str | None = None
    connection_counts: ConnectionCounts = ConnectionCounts()
    shown: int = 0
    asking: int = 0
    blocked: int = 0
    created_at: datetime
    updated_at: datetime


class Connection(BaseModel):
    """What the two are to each other, and since when."""

    relation: Relation
    created_at: datetime
    updated_at: datetime


class User(DurableAgent):
    """One person: profile, connections, requests, blocks. Parameters: the user id.

    Both sides of a connection keep it. A command changes this side at once and sends the other the
    whole relation; `relations` says why both always end with the same.
    """

    user_id: Parameter[str]
    state: UserState | None

    # Every relation there is or was, those that show a connection or a request of mine first.
    connections = Collection(Connection)
    # The same by kind, to be listed by time without passing over the others.
    friends = Collection(bool)
    followers = Collection(bool)
    followings = Collection(bool)
    # Who asks to be my friend; whom I block.
    requests = Collection(bool)
    blocks = Collection(bool)
    # Who receives my posts and as what; the fan-out walks it in key order.
    readers = Collection(str)

    @query
    def get_user(self) -> UserView | None:
        """The whole person, private parts too: show it only through `seen_by`."""
        return None if self.state is None else self._view(self.state)

    @query
    def get_profile(self) -> ProfileView | None:
        """The name alone; many are read with one statement."""
        if self.state is None:
            return None
        return ProfileView(
            user_id=self.user_id, name=self.state.name, created_at=self.state.created_at
        )

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
            items=[_view(entry.key, known[entry.key]) for entry in page.items],
            next_cursor=page.next_cursor,
        )

    @query
    def get_connection(self, other_id: str) -> ConnectionView | None:
        """What the other is to me; None: nothing."""
        connection = self.connections.get(other_id)
        return _view(other_id, connection) if connection and _shows(connection.relation) else None

    @query
    def connections_among(self, other_ids: list[str]) -> dict[str, ConnectionView]:
        """What those of the others are to me who are anything; with one statement."""
        known = self.connections.get_many(other_ids)
        return {
            key: _view(key, connection)
            for key, connection in known.items()
            if _shows(connection.relation)
        }

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
        """Whether a block in either direction hides the two from each other."""
        connection = self.connections.get(other_id)
        return connection is not None and connection.relation.is_blocked

    @query
    def hidden_among(self, other_ids: list[str]) -> list[str]:
        """Those of the others whom a block in either direction hides."""
        known = self.connections.get_many(other_ids)
        return [key for key, connection in known.items() if connection.relation.is_blocked]

    @query
    def hears(self, other_id: str) -> bool:
        """Whether news of the other are welcome: nobody's own are, nor any over a block."""
        return self.state is not None and other_id != self.user_id and not self.hides(other_id)

    @command
    def register(
        self,
        name: str | None = None,
        email: str | None = None,
        joined_at: AwareDatetime | None = None,
    ) -> UserView:
        """Begin to exist; a second call changes nothing. `joined_at` is for imports."""
        if self.state is None:
            self.state = self._begin(text.clean_name(name), text.clean_email(email), joined_at)
        return self._view(self.state)

    @command
    def set_name(self, name: str | None) -> UserView:
        """Be called this, or nothing; the first write registers. Repeating changes nothing."""
        return self._change_profile(name=text.clean_name(name))

    @command
    def set_email(self, email: str | None) -> UserView:
        """Be reached here, or nowhere; the first write registers. Repeating changes nothing."""
        return self._change_profile(email=text.clean_email(email))

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

    def search_fields(self) -> SearchFields | None:
        """People are found by id and name; by e-mail only by themselves and staff."""
        if self.state is None:
            return None
        name, email = self.state.name, self.state.email
        return SearchFields(
            words=[self.user_id, name],
            private_words=[email],
            text={"name": name},
            ids={"user_id": self.user_id, "email": email},
        )

    def _with(self, other_id: str) -> Connection | None:
        """The relation with somebody else who exists and does not block me, or the refusal."""
        if self.state is None:
            raise UserNotFound(user_id=self.user_id)
        if other_id == self.user_id:
            raise SelfConnection()
        connection = self.connections.get(other_id)
        if connection is None:
            if not User.of(other_id).is_registered():
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
        User.of(other_id).trigger.relation_changed(
            self.user_id, relation.seen_from_the_other_side(), quiet
        )

    def _notify(self, other_id: str, was: Relation, now: Relation, *, quiet: bool) -> None:
        """Tell me what became of us, unless that is no news, and take back what no longer is."""
        notices = notifications.Notifications.of(self.user_id).trigger
        if now.is_blocked:
            if not was.is_blocked:
                notices.forget_person(other_id)
            return
        for kind, subject, held, holds in _notable(self.user_id, other_id, was, now):
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
            gained = _mark(self._of_kind(kind), other_id, kind in was.connection_types, is_now, now)
            setattr(counts, kind, getattr(counts, kind) + gained)
        asked = (was.is_asked, relation.is_asked)
        self.state.asking += _mark(self.requests, other_id, *asked, now)
        blocked = (was.mine.block.on, relation.mine.block.on)
        self.state.blocked += _mark(self.blocks, other_id, *blocked, now)
        self._keep_reader(other_id, was.audience_type, relation.audience_type)
        if _seen_by_owner(was) != _seen_by_owner(relation):
            self.state.updated_at = now

    def _put_connection(self, other_id: str, before: Connection | None, relation: Relation) -> None:
        assert self.state is not None
        now = self.now()
        showed = before is not None and _shows(before.relation)
        shows = _shows(relation)
        created_at = before.created_at if before and showed else now
        connection = Connection(relation=relation, created_at=created_at, updated_at=now)
        self.connections.put(other_id, connection, sort=created_at if shows else _OUT_OF_SIGHT)
        self.state.shown += shows - showed

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

    def _begin(
        self, name: str | None, email: str | None, joined_at: datetime | None = None
    ) -> UserState:
        text.checked_user_id(self.user_id)
        now = self.now()
        if joined_at is not None and joined_at > now:
            raise TimeNotValid(time=joined_at.isoformat())
        UserIndex.for_user(self.user_id).trigger.register(self.user_id)
        return UserState(name=name, email=email, created_at=joined_at or now, updated_at=now)

    def _change_profile(self, **changes: str | None) -> UserView:
        profile = self.state or self._begin(None, None)
        if any(getattr(profile, field) != value for field, value in changes.items()):
            profile = profile.model_copy(update={**changes, "updated_at": self.now()})
        self.state = profile
        return self._view(profile)

    def _of_kind(self, kind: ConnectionType) -> BoundCollection[bool]:
        return {"friend": self.friends, "follower": self.followers, "following": self.followings}[
            kind
        ]

    def _visible_connections(self, limit: int, cursor: str | None) -> ConnectionPage:
        page = self.connections.page(limit=limit, cursor=cursor)
        shown = [entry for entry in page.items if entry.sort != _OUT_OF_SIGHT]
        return ConnectionPage(
            items=[_view(entry.key, entry.item) for entry in shown],
            next_cursor=page.next_cursor if len(shown) == len(page.items) else None,
        )

    def _view(self, state: UserState) -> UserView:
        connected = self._visible_connections(NEWEST_CONNECTIONS, None).items if state.shown else []
        return UserView(
            user_id=self.user_id,
            name=state.name,
            email=state.email,
            connection_counts=state.connection_counts,
            connected_users={connection.user_id: connection for connection in connected},
            requests=_newest_keys(self.requests) if state.asking else [],
            blocks=_newest_keys(self.blocks) if state.blocked else [],
            created_at=state.created_at,
            updated_at=state.updated_at,
        )


def _notable(
    me: str, other_id: str, was: Relation, now: Relation
) -> list[tuple[NoticeKind, str, bool, bool]]:
    """What the other can do that I am told of: kind, subject, whether it held and holds."""
    accepted = now.are_friends and (was.are_friends or was.is_requested)
    return [
        ("friend_request", other_id, was.is_asked, now.is_asked),
        ("friend_accepted", other_id, was.are_friends, accepted),
        ("follow", me, was.counts(was.theirs.follow), now.counts(now.theirs.follow)),
    ]


def _shows(relation: Relation) -> bool:
    """Whether its owner sees it: as a connection or as a request that waits."""
    return bool(relation.connection_types) or relation.is_requested


def _seen_by_owner(relation: Relation) -> tuple[list[ConnectionType], bool, bool, bool]:
    """What its owner can tell it by; not whether the other blocks, which nobody is told."""
    return (
        relation.connection_types,
        relation.is_requested,
        relation.is_asked,
        relation.mine.block.on,
    )


def _view(other_id: str, connection: Connection) -> ConnectionView:
    return ConnectionView(
        user_id=other_id,
        connection_types=connection.relation.connection_types,
        requested=connection.relation.is_requested,
        created_at=connection.created_at,
        updated_at=connection.updated_at,
    )


def _mark(
    collection: BoundCollection[bool], key: str, was: bool, now_is: bool, now: datetime
) -> int:
    """Add or remove a key where that changed; by how much the number of keys grew."""
    if was == now_is:
        return 0
    if now_is:
        collection.put(key, True, sort=now)
        return 1
    collection.remove(key)
    return -1


def _newest_keys(collection: BoundCollection[bool]) -> list[str]:
    return [entry.key for entry in collection.page(limit=NEWEST_CONNECTIONS).items]
