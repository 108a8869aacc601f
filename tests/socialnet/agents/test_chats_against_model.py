"""Four people do whatever they like in a chat; a plain model says what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from agents_core import AgentError
from agents_core.testing import step
from socialnet.agents.chat import Chat
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats

NAMES = ("alice", "bob", "charlie", "dora")
PEOPLE = st.sampled_from(NAMES)
NUMBERS = st.integers(0, 9)
KINDS = st.sampled_from(["like", "love", None])


class Refused(Exception):
    """The model's way to say no."""


@dataclass
class Said:
    """A message."""

    author: str
    text: str
    likes: dict[str, str] = field(default_factory=dict)
    deleted: bool = False


@dataclass
class Reader:
    """One who takes part: from which message on they see, up to which they have read."""

    sees_from: int = 0
    read: int = -1
    unread: int = 0
    muted: bool = False
    asker: str | None = None


@dataclass
class Model:
    """The chat in plain lists. Messages are known by their place."""

    people: dict[str, Reader]
    owner: str | None
    pair: bool
    said: list[Said] = field(default_factory=list)
    blocks: set[tuple[str, str]] = field(default_factory=set)
    friends: set[frozenset[str]] = field(default_factory=set)

    def welcome(self, by: str, who: str) -> Reader:
        """Somebody new; a request to them, where they do not know who brings them."""
        return Reader(asker=None if frozenset((by, who)) in self.friends else by)

    def total(self, name: str) -> int:
        """How many messages the badge counts."""
        reader = self.people[name]
        if reader.muted or reader.asker or (self.pair and self.parted(*self.people)):
            return 0
        return reader.unread

    def parted(self, one: str, other: str) -> bool:
        return (one, other) in self.blocks or (other, one) in self.blocks

    def sees(self, viewer: str, number: int) -> bool:
        if number < self.people[viewer].sees_from:
            return False
        return not self.parted(viewer, self.said[number].author)

    def enter(self, by: str) -> Reader:
        if by not in self.people or (self.pair and self.parted(*self.people)):
            raise Refused("chat_not_found")
        return self.people[by]

    def message(self, by: str, number: int) -> Said:
        self.enter(by)
        if number >= len(self.said) or self.said[number].deleted or not self.sees(by, number):
            raise Refused("message_not_found")
        return self.said[number]

    def own(self, by: str, number: int) -> Said:
        message = self.message(by, number)
        if message.author != by:
            raise Refused("not_your_message")
        return message

    def send(self, by: str, text: str) -> None:
        self.enter(by)
        self.said.append(Said(by, text))
        for name, reader in self.people.items():
            if name == by:
                reader.unread, reader.read, reader.asker = 0, len(self.said) - 1, None
            elif not self.parted(name, by):
                reader.unread += 1

    def edit(self, by: str, number: int, text: str) -> None:
        self.own(by, number).text = text

    def remove(self, by: str, number: int) -> None:
        self.own(by, number).deleted = True
        for name, reader in self.people.items():
            if reader.unread and not self.parted(name, by):
                reader.unread = self.count(name, reader.read)

    def like(self, by: str, number: int, kind: str | None) -> None:
        likes = self.message(by, number).likes
        likes.pop(by, None)
        if kind:
            likes[by] = kind

    def add(self, by: str, who: str, share: bool) -> None:
        self.enter(by)
        if who in self.people:
            raise Refused("no_new_participants")
        if any(self.parted(who, member) for member in self.people):
            raise Refused("user_not_found")
        here = len(self.said)
        self.people[who] = self.welcome(by, who)
        self.people[who].sees_from, self.people[who].read = 0 if share else here, here - 1
        self.owner = self.owner or who
        self.pair = False

    def leave(self, by: str, who: str) -> None:
        self.enter(by)
        if who not in self.people:
            raise Refused("participant_not_found")
        if by not in (who, self.owner):
            raise Refused("not_the_owner")
        del self.people[who]
        self.pair = False
        if who == self.owner:
            self.owner = next(iter(self.people), None)

    def read(self, by: str, number: int | None, back: bool) -> None:
        if by not in self.people:
            raise Refused("chat_not_found")
        reader = self.people[by]
        upto = len(self.said) - 1 if number is None else number
        if number is not None and number < reader.read and not back:
            return
        reader.read, reader.unread = upto, self.count(by, upto)

    def accept(self, by: str) -> None:
        if by not in self.people:
            raise Refused("chat_not_found")
        self.people[by].asker = None

    def count(self, reader: str, after: int) -> int:
        return sum(
            number > after
            and one.author != reader
            and not one.deleted
            and self.sees(reader, number)
            for number, one in enumerate(self.said)
        )

    def shown(self, viewer: str) -> list[tuple[str, str, dict[str, str]]] | None:
        """What the viewer sees of the chat, if they see it at all."""
        try:
            self.enter(viewer)
        except Refused:
            return None
        return [
            (
                one.author,
                one.text,
                {key: kind for key, kind in one.likes.items() if not self.parted(viewer, key)},
            )
            for number, one in enumerate(self.said)
            if not one.deleted and self.sees(viewer, number)
        ]


class Chats(RuleBasedStateMachine):
    number = 0

    @initialize(pair=st.booleans())
    def begin(self, pair: bool) -> None:
        Chats.number += 1
        self.names = {name: f"{name}{Chats.number}" for name in NAMES}
        self.ids: list[str] = []
        for user_id in self.names.values():
            User.of(user_id).register()
        friends = [("alice", "bob"), ("bob", "charlie")]
        for one, other in friends:
            User.of(self.names[one]).connect(self.names[other], "friend", staff=True)
        step()
        first = ["alice", "bob"] if pair else ["alice", "bob", "charlie"]
        begun = self.list_of("alice").create_chat([self.names[name] for name in first])
        self.chat_id = begun.chat_id
        self.chat = Chat.of(self.chat_id)
        self.model = Model({"alice": Reader()}, "alice", pair)
        self.model.friends = {frozenset(each) for each in friends}
        self.model.people |= {name: self.model.welcome("alice", name) for name in first[1:]}
        step()

    def list_of(self, name: str) -> Any:
        return UserChats.of(self.names[name])

    def id_of(self, number: int) -> str:
        return self.ids[number] if number < len(self.ids) else self.chat_id

    def both(self, real: Callable[[], Any], plain: Callable[[], None]) -> Any:
        """Do it here and there: both, or neither and for the same reason."""
        answer, refusals = None, []
        try:
            answer = real()
        except AgentError as error:
            refusals.append(error.code)
        try:
            plain()
        except Refused as error:
            refusals.append(str(error))
        assert len(set(refusals)) == len(refusals) / 2, refusals
        step()
        return answer

    @rule(by=PEOPLE, text=st.sampled_from(["hello", "yes", "no"]))
    def send(self, by: str, text: str) -> None:
        sent = self.both(
            lambda: self.chat.send(self.names[by], text), lambda: self.model.send(by, text)
        )
        if sent is not None:
            self.ids.append(sent.message_id)

    @rule(by=PEOPLE, number=NUMBERS, text=st.sampled_from(["better", "worse"]))
    def edit(self, by: str, number: int, text: str) -> None:
        self.both(
            lambda: self.chat.edit(self.id_of(number), self.names[by], text),
            lambda: self.model.edit(by, number, text),
        )

    @rule(by=PEOPLE, number=NUMBERS)
    def remove(self, by: str, number: int) -> None:
        self.both(
            lambda: self.chat.remove(self.id_of(number), self.names[by]),
            lambda: self.model.remove(by, number),
        )

    @rule(by=PEOPLE, number=NUMBERS, kind=KINDS)
    def like(self, by: str, number: int, kind: Any) -> None:
        self.both(
            lambda: self.chat.like(self.id_of(number), self.names[by], kind),
            lambda: self.model.like(by, number, kind),
        )

    @rule(by=PEOPLE, who=PEOPLE, share=st.booleans())
    def add(self, by: str, who: str, share: bool) -> None:
        self.both(
            lambda: self.chat.add_participants(self.names[by], [self.names[who]], share),
            lambda: self.model.add(by, who, share),
        )

    @rule(by=PEOPLE, who=PEOPLE)
    def leave(self, by: str, who: str) -> None:
        self.both(
            lambda: self.chat.remove_participant(self.names[by], self.names[who]),
            lambda: self.model.leave(by, who),
        )

    @rule(by=PEOPLE, number=st.none() | NUMBERS, back=st.booleans())
    def read(self, by: str, number: int | None, back: bool) -> None:
        if number is not None and number >= len(self.ids):
            number = None
        message_id = None if number is None else self.ids[number]
        self.both(
            lambda: self.list_of(by).mark_read(self.chat_id, message_id, back),
            lambda: self.model.read(by, number, back),
        )

    @rule(by=PEOPLE, muted=st.booleans())
    def mute(self, by: str, muted: bool) -> None:
        def plain() -> None:
            if by not in self.model.people:
                raise Refused("chat_not_found")
            self.model.people[by].muted = muted

        self.both(lambda: self.list_of(by).mute(self.chat_id, muted), plain)

    @rule(by=PEOPLE)
    def accept(self, by: str) -> None:
        self.both(
            lambda: self.list_of(by).accept(self.chat_id),
            lambda: self.model.accept(by),
        )

    @rule(one=PEOPLE, other=PEOPLE, parted=st.booleans())
    def block(self, one: str, other: str, parted: bool) -> None:
        pair = (one, other)
        if one == other or (pair in self.model.blocks) == parted or pair[::-1] in self.model.blocks:
            return
        user = User.of(self.names[one])
        if parted:
            user.block(self.names[other])
            self.model.blocks.add(pair)
            self.model.friends.discard(frozenset(pair))
        else:
            user.unblock(self.names[other])
            self.model.blocks.discard(pair)
        step()

    @invariant()
    def everybody_sees_what_is_theirs(self) -> None:
        plain = {user_id: name for name, user_id in self.names.items()}
        for name in NAMES:
            chat = self.chat.get_chat(self.names[name])
            seen = chat and [
                (
                    plain[one.created_by],
                    one.content,
                    {plain[key]: kind for key, kind in one.likes.items()},
                )
                for one in chat.messages
            ]
            assert seen == self.model.shown(name), name
            if chat is not None:
                there = {plain[key] for key in chat.participants}
                people = self.model.people
                assert there == {key for key in people if not self.model.parted(name, key)}
                assert (plain[chat.owner] if chat.owner else None) == self.model.owner

    @invariant()
    def everybody_knows_what_they_have_not_read(self) -> None:
        for name in NAMES:
            ref = self.list_of(name).get_ref(self.chat_id)
            reader = self.model.people.get(name)
            assert (ref is None) == (reader is None), name
            if ref is not None and reader is not None:
                read = self.ids[reader.read] if reader.read >= 0 else None
                assert (ref.unread, ref.read_message_id) == (reader.unread, read), name
                assert self.list_of(name).get_unread() == self.model.total(name), name
                asker = self.names[reader.asker] if reader.asker else None
                assert ref.requested_by == asker, name


@pytest.mark.slow
def test_a_chat_is_like_a_plain_one_whatever_is_done_to_it() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Chats,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
