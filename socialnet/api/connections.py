"""Connections, blocks and mutes."""

from ninja import Router

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.access import get_connections_for
from socialnet.agents.schemas import ConnectionPage, ConnectionType, UserView
from socialnet.agents.user import User
from socialnet.api.params import UserId

router = Router(tags=["connections"])


@router.get("/users/{user_id}/connections", response=ConnectionPage)
def get_connections(
    request: CallerRequest,
    user_id: UserId,
    page: PageQuery,
    type: ConnectionType | None = None,
) -> ConnectionPage:
    """Whom a person is connected to, newest first."""
    return get_connections_for(request.caller, user_id, type, page.limit, page.cursor)


@router.put("/users/{user_id}/connections/{other_id}/{connection_type}", response=UserView)
def connect(
    request: CallerRequest, user_id: UserId, other_id: UserId, connection_type: ConnectionType
) -> UserView:
    """Follow, or ask for (or accept) friendship; what is there already stays as it is."""
    user = User.of(acting_for(request, user_id))
    return user.connect(other_id, connection_type, staff=request.caller.is_staff)


@router.delete("/users/{user_id}/connections/{other_id}/{connection_type}", response=UserView)
def disconnect(
    request: CallerRequest, user_id: UserId, other_id: UserId, connection_type: ConnectionType
) -> UserView:
    """End a connection, remove a follower, withdraw or decline a request."""
    return User.of(acting_for(request, user_id)).disconnect(other_id, connection_type)


@router.put("/users/{user_id}/blocks/{other_id}", response=UserView)
def block(request: CallerRequest, user_id: UserId, other_id: UserId) -> UserView:
    """Part the two and hide each from the other; the other is not told."""
    return User.of(acting_for(request, user_id)).block(other_id)


@router.delete("/users/{user_id}/blocks/{other_id}", response=UserView)
def unblock(request: CallerRequest, user_id: UserId, other_id: UserId) -> UserView:
    """Lift a block; the connections it cut do not come back."""
    return User.of(acting_for(request, user_id)).unblock(other_id)


@router.put("/users/{user_id}/mutes/{other_id}", response=UserView)
def mute(request: CallerRequest, user_id: UserId, other_id: UserId) -> UserView:
    """Be spared what somebody does; the other is not told."""
    return User.of(acting_for(request, user_id)).mute(other_id)


@router.delete("/users/{user_id}/mutes/{other_id}", response=UserView)
def unmute(request: CallerRequest, user_id: UserId, other_id: UserId) -> UserView:
    """Hear of somebody again."""
    return User.of(acting_for(request, user_id)).unmute(other_id)
