"""Bookmarks: a person's own, nobody else's but for staff."""

from ninja import Router

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.agents.bookmarks import Bookmark, Bookmarks
from socialnet.agents.schemas import PostPage
from socialnet.agents.views import BookmarksView
from socialnet.api.params import PostId, SearchText, UserId

router = Router(tags=["bookmarks"])


@router.get("/users/{user_id}/bookmarks", response=PostPage)
def get_bookmarks(
    request: CallerRequest, user_id: UserId, page: PageQuery, query: SearchText = "*"
) -> PostPage:
    """The posts this person has saved, the last saved first; those that are gone, or not for them
    any more, are left out."""
    view = BookmarksView.of(acting_for(request, user_id))
    return view.get_posts(query, page.limit, page.cursor)


@router.put("/users/{user_id}/bookmarks/{post_id}", response=Bookmark)
def save_post(request: CallerRequest, user_id: UserId, post_id: PostId) -> Bookmark:
    """Save a post that this person may read; saving it again keeps its place."""
    return Bookmarks.of(acting_for(request, user_id)).save(post_id)


@router.delete("/users/{user_id}/bookmarks/{post_id}", response={204: None})
def unsave_post(request: CallerRequest, user_id: UserId, post_id: PostId) -> None:
    """Save a post no longer; where it is not saved nothing changes."""
    Bookmarks.of(acting_for(request, user_id)).unsave(post_id)
