"""The registry of all users, in shards."""

from __future__ import annotations

import hashlib

from django.conf import settings

from agents_core import Collection, DurableAgent, Parameter, command, query

DEFAULT_SHARDS = 8


class UserIndex(DurableAgent):
    """One shard of the registry: who exists. Parameters: the shard's number.

    A user's shard follows from the MD5 of the id, so that registrations spread evenly and nobody
    has to keep a map. Each member is a row: registering costs the same however many there are.
    """

    shard: Parameter[int]
    members = Collection(str)
    oplog = "brief"
    oplog_days = 30

    @classmethod
    def shards(cls) -> int:
        """How many there are. Changing it means registering everybody anew."""
        return int(getattr(settings, "USER_INDEX_SHARDS", DEFAULT_SHARDS))

    @classmethod
    def for_user(cls, user_id: str) -> UserIndex:
        """The shard that a user belongs to."""
        digest = hashlib.md5(user_id.encode(), usedforsecurity=False).hexdigest()
        return cls.of(int(digest, 16) % cls.shards())

    @command
    def register(self, user_id: str) -> None:
        """Take a user in; a second call changes nothing."""
        if self.members.get(user_id) is None:
            self.members.put(user_id, user_id, sort=self.now())

    @query
    def list_users(self, after: str = "", limit: int = 1000) -> list[str]:
        """The ids of this shard in order, from the first one behind `after`."""
        return [entry.key for entry in self.members.walk(after=after, limit=limit)]

    @query
    def count(self) -> int:
        """How many users this shard knows."""
        return self.members.count()
