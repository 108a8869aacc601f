"""Timelines: a person's own, nobody else's but for staff."""

from datetime import UTC, datetime
from typing import Annotated

from ninja import Query, Router
from pydantic import AwareDatetime

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.agents.schemas import PostPage, PostRef
from socialnet.agents.views import UserTimelineUpdates, UserTimelineView
from socialnet.api.params import SearchText, UserId

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

router = Router(tags=["timelines"])


@router.get("/users/{user_id}/timeline/posts", response=PostPage)
def get_timeline(
    request: CallerRequest, user_id: UserId, page: PageQuery, query: SearchText = "*"
) -> PostPage:
    """What reaches this person, the most recently written about first."""
    view = UserTimelineView.of(acting_for(request, user_id))
    return view.get_posts(query, page.limit, page.cursor)


@router.get("/users/{user_id}/timeline/posts/updates", response=list[PostRef])
def get_timeline_updates(
    request: CallerRequest,
    user_id: UserId,
    since: AwareDatetime = BEGINNING,
    wait: Annotated[float, Query(ge=0, le=30)] = 0,
) -> list[PostRef]:
    """What arrived after `since`. At the `live` address, `wait` seconds for the first one."""
    return UserTimelineUpdates.of(acting_for(request, user_id)).get_updates(since)
