"""A person: who they are."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

from agents_core import command, query
from agents_core.files import AgentFile
from agents_core.search import SearchFields
from socialnet.agents import text
from socialnet.agents.errors import PictureNotValid, TimeNotValid
from socialnet.agents.schemas import ProfileView, UserView
from socialnet.agents.user_connections import ConnectedUser
from socialnet.agents.user_index import UserIndex
from socialnet.agents.user_state import UserState

AVATAR = "avatar.webp"
AVATAR_TYPE = "image/webp"


class User(ConnectedUser):
    """One person: profile, connections, requests, blocks. Parameters: the user id."""

    @query
    def get_user(self) -> UserView | None:
        """The whole person, private parts too: show it only through `seen_by`."""
        return None if self.state is None else self._view(self.state)

    @query
    def get_profile(self) -> ProfileView | None:
        """What stands beside a person's name; many are read with one statement."""
        if self.state is None:
            return None
        return ProfileView(
            user_id=self.user_id,
            name=self.state.name,
            avatar=self.state.avatar,
            created_at=self.state.created_at,
        )

    @query
    def get_avatar(self) -> AgentFile | None:
        """The person's picture, if they have one."""
        if self.state is None or self.state.avatar is None:
            return None
        return self.files.get(AVATAR)

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
    def edit_profile(self, name: str | None, bio: str | None, email: str | None) -> UserView:
        """All three at once, or none of them; the first write registers. Repeating changes
        nothing."""
        return self._change_profile(
            name=text.clean_name(name), bio=text.clean_bio(bio), email=text.clean_email(email)
        )

    @command
    def set_bio(self, bio: str | None) -> UserView:
        """Say this of oneself, or nothing; the first write registers. Repeating changes nothing."""
        return self._change_profile(bio=text.clean_bio(bio))

    @command
    def set_avatar(self, picture: AgentFile | None) -> UserView:
        """Show this picture, or none; the first write registers. The same again changes nothing.

        Make it by `pictures.make_avatar`, and upload it for this agent as `avatar.webp`.
        """
        known = self.state.avatar if self.state else None
        if picture is None:
            self.files.delete(AVATAR)
        elif picture.name != AVATAR or picture.content_type != AVATAR_TYPE:
            raise PictureNotValid(reason="it was not made for this")
        elif picture.sha256 != known:
            self.files.take(picture)
        return self._change_profile(avatar=picture.sha256 if picture else None)

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
