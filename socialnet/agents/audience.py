"""Who may read a post and who may comment on it. Pure rules, alike for agents, lists and pages.

`types` is what the author is to the person in question, as that person holds it. The author may do
everything and is not asked here; nor is anybody about a post that is for all.
"""

from __future__ import annotations

from collections.abc import Collection

from socialnet.agents.schemas import Audience, AudienceType, Commenting, ConnectionType


def may_read(audience: Audience, types: Collection[ConnectionType]) -> bool:
    """Whether a post for these people is for somebody connected like this."""
    if audience == "public":
        return True
    return "friend" in types or (audience == "followers" and "following" in types)


def may_comment(commenting: Commenting, types: Collection[ConnectionType]) -> bool:
    """Whether somebody connected like this may comment, if they may read."""
    return commenting == "everyone" or (commenting == "connections" and bool(types))


def receives(audience: Audience, kind: AudienceType) -> bool:
    """Whether a post for these people travels to readers of this kind."""
    return audience != "friends" or kind == "friend"
