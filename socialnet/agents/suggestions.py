"""Whom somebody may know."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import BaseModel, Field

from agents_core import EphemeralAgent, Parameter, query
from socialnet.agents.user import User
from socialnet.agents.user_index import UserIndex

SUGGESTIONS_MAX = 20
# Bounded, whoever asks: the newest of one's friends and of those one follows are asked for the
# newest of theirs. That is some twenty statements, for somebody with a million connections too.
_ASKED = 6
_HEARD = 50
_STRANGERS = 8


class Suggestion(BaseModel):
    """Somebody to get to know, and with how many of one's own connections they are connected."""

    user_id: str
    in_common: int = 0


class Suggestions(EphemeralAgent):
    """People whom one person may know. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_suggestions(
        self, limit: Annotated[int, Field(ge=1, le=SUGGESTIONS_MAX)] = 4
    ) -> list[Suggestion]:
        """Friends of friends and those whom one's own follow, the most connected first; then a few
        of whoever is here. Nobody one is connected with, has asked, blocks, or has muted."""
        counted = self._in_common()
        strangers = {key for key in counted if key not in self._met(list(counted))}
        ranked = sorted(strangers, key=lambda key: (-counted[key], key))
        found = [Suggestion(user_id=key, in_common=counted[key]) for key in ranked[:limit]]
        if len(found) < limit:
            known = {one.user_id for one in found}
            found += [Suggestion(user_id=key) for key in self._anybody() if key not in known]
        return found[:limit]

    def _in_common(self) -> Counter[str]:
        me = User.of(self.user_id)
        asked = [
            *(one.user_id for one in me.get_connections("friend", _ASKED).items),
            *(one.user_id for one in me.get_connections("following", _ASKED).items),
        ]
        counted: Counter[str] = Counter()
        for other_id in dict.fromkeys(asked):
            heard = User.of(other_id).get_connections(limit=_HEARD).items
            counted.update(one.user_id for one in heard if one.connection_types)
        return counted

    def _met(self, user_ids: list[str]) -> set[str]:
        """Those of the people whom there is no need, or no wish, to be told of."""
        me = User.of(self.user_id)
        if not user_ids:
            return set()
        asking = me.asking_among(user_ids)
        return {self.user_id, *asking, *me.connections_among(user_ids), *me.unheard_among(user_ids)}

    def _anybody(self) -> list[str]:
        """A few of whoever is here, from anywhere in one shard after the other."""
        found: list[str] = []
        first = self.random.randrange(UserIndex.shards())
        for number in range(UserIndex.shards()):
            shard = UserIndex.of((first + number) % UserIndex.shards())
            after = self.random.choice("0abcdefghijklmnopqrst")
            users = shard.list_users(after, _STRANGERS) or shard.list_users("", _STRANGERS)
            met = self._met(users)
            found += [user_id for user_id in users if user_id not in met]
            if len(found) >= _STRANGERS:
                break
        return found
