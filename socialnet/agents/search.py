"""Finding people."""

from __future__ import annotations

from agents_core import EphemeralAgent, query
from agents_core.search import parse_query, search_agents
from socialnet.agents.schemas import PAGE_DEFAULT, UserPage
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
        wanted = parse_query(query)
        if _hidden(viewer, [other for _, other in wanted.without("connectedusers")[1]]):
            return UserPage(items=[])
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
        users = User.of_many([key for key in user_ids if key not in hidden]).get_user()
        return UserPage(
            items=[user.seen_by(viewer, staff) for user in users if user is not None],
            next_cursor=next_cursor,
        )


def _hidden(viewer: str | None, user_ids: list[str]) -> set[str]:
    if viewer is None or not user_ids:
        return set()
    return set(User.of(viewer).hidden_among(user_ids))
