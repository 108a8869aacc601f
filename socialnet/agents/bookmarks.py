"""What a person has saved to read again."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core import Collection, DurableAgent, Parameter, command, query
from agents_core.collections import encode_cursor
from socialnet.agents.post import Post
from socialnet.agents.schemas import PAGE_DEFAULT, Placed


class Bookmark(BaseModel):
    """A post that somebody has saved, and when."""

    post_id: str
    created_at: datetime


class BookmarkPage(BaseModel):
    """Saved posts by name only, the last saved first."""

    items: list[Bookmark]
    next_cursor: str | None = None


class Bookmarks(DurableAgent):
    """The posts a person has saved, by name; nobody else learns of it. Parameters: the user id.

    What has become of a post since is not looked after here: whoever shows saved posts leaves out
    what is gone or not for this person any more, as of any list.
    """

    user_id: Parameter[str]
    saved = Collection(Bookmark)

    @query
    def get_bookmarks(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> BookmarkPage:
        """The saved posts by name, the last saved first."""
        page = self.saved.page(limit=limit, cursor=cursor)
        return BookmarkPage(
            items=[entry.item for entry in page.items], next_cursor=page.next_cursor
        )

    @query
    def get_stretch(self, limit: int, cursor: str | None = None) -> list[Placed]:
        """The same, each with the cursor that goes on behind it; for views that leave some out."""
        page = self.saved.page(limit=limit, cursor=cursor)
        return [
            Placed(post_id=entry.key, cursor=encode_cursor(entry.sort, entry.key))
            for entry in page.items
        ]

    @query
    def among(self, post_ids: list[str]) -> list[str]:
        """Those of the posts that are saved."""
        return list(self.saved.get_many(post_ids))

    @command
    def save(self, post_id: str) -> Bookmark:
        """Keep a post that this person may read; saving it again keeps its place."""
        known = self.saved.get(post_id)
        if known is None:
            Post.of(post_id).check_readable(self.user_id)
            known = Bookmark(post_id=post_id, created_at=self.now())
            self.saved.put(post_id, known, sort=known.created_at)
        return known

    @command
    def unsave(self, post_id: str) -> None:
        """Keep a post no longer; one that is not saved is fine."""
        self.saved.remove(post_id)
