"""Finding people."""

from __future__ import annotations

from agents_core import EphemeralAgent, query
from agents_core.search import parse_query, search_agents
from socialnet.agents.schemas import PAGE_DEFAULT, ProfilePage, UserPage
from socialnet.agents.user import User


class UserSearch(EphemeralAgent):
    """Finds people on the index, whatever their number. Takes no parameters."""

    @query
    def search(
        self,
        query: str,
        viewer: str | None,
        staff: bool = False,
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
    ) -> UserPage:
        """People whom the query finds, by user id, each as the viewer may see them.

        `email` and words in it find everybody for staff, and viewers only themselves. A page can
        be short of those whom a block hides from the viewer.
        """
        user_ids, next_cursor = _find(query, viewer, staff=staff, limit=limit, cursor=cursor)
        found = User.of_many(user_ids).get_user()
        users = [user.seen_by(viewer, staff) for user in found if user is not None]
        if not staff:
            known = set[str]().union(*(user.connected_users for user in users))
            hidden = _hidden(viewer, sorted(known - {viewer}))
            users = [user.without(hidden) for user in users] if hidden else users
        return UserPage(items=users, next_cursor=next_cursor)

    @query
    def search_profiles(
        self,
        query: str,
        viewer: str | None,
        staff: bool = False,
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
    ) -> ProfilePage:
        """The same people by what stands beside their names: as quick for those who know many."""
        user_ids, next_cursor = _find(query, viewer, staff=staff, limit=limit, cursor=cursor)
        profiles = User.of_many(user_ids).get_profile()
        return ProfilePage(
            items=[profile for profile in profiles if profile is not None],
            next_cursor=next_cursor,
        )


def _find(
    query: str, viewer: str | None, *, staff: bool, limit: int, cursor: str | None
) -> tuple[list[str], str | None]:
    """The ids of a page of people, and the next cursor."""
    wanted = parse_query(query)
    if _hidden(viewer, [other for _, other in wanted.without("connectedusers")[1]]):
        return [], None
    agent_ids, next_cursor = search_agents(
        User,
        wanted,
        limit=limit,
        cursor=cursor,
        private=True if staff else User.id_of(viewer) if viewer else False,
        text=["name"],
        ids=["user_id"],
        private_ids=["email"],
        mutual={"connected_users": ["friends", "followers", "followings"]},
    )
    user_ids = [agent_id.removeprefix(f"{User.agent_type}:") for agent_id in agent_ids]
    hidden = _hidden(viewer, user_ids)
    return [user_id for user_id in user_ids if user_id not in hidden], next_cursor


def _hidden(viewer: str | None, user_ids: list[str]) -> set[str]:
    if viewer is None or not user_ids:
        return set()
    return set(User.of(viewer).hidden_among(user_ids))
