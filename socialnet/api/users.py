"""People: search, suggestions, profiles."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router, Schema

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.access import get_avatar_for, get_user_for
from socialnet.agents.errors import PictureNotFound
from socialnet.agents.schemas import UserPage, UserView
from socialnet.agents.search import UserSearch
from socialnet.agents.suggestions import SUGGESTIONS_MAX, Suggestion, Suggestions
from socialnet.agents.user import AVATAR_TYPE, User
from socialnet.api.params import SearchText, UserId
from socialnet.sending import ASK_AGAIN, picture_answer

router = Router(tags=["users"])


class NameIn(Schema):
    """A display name, or null for none."""

    name: str | None


class BioIn(Schema):
    """What somebody says about themselves, or null."""

    bio: str | None


class EmailIn(Schema):
    """An e-mail address, or null for none."""

    email: str | None


@router.get("/users/search", response=UserPage)
def search_users(request: CallerRequest, query: SearchText, page: PageQuery) -> UserPage:
    """People who match, by user id."""
    caller = request.caller
    return UserSearch.of().search(query, caller.user_id, caller.is_staff, page.limit, page.cursor)


@router.get("/users/me", response=UserView)
def get_me(request: CallerRequest) -> UserView:
    """The caller."""
    return get_user_for(request.caller, request.caller.user_id)


@router.get("/users/{user_id}", response=UserView)
def get_user(request: CallerRequest, user_id: UserId) -> UserView:
    """A person; their e-mail address is for themselves and staff."""
    return get_user_for(request.caller, user_id)


@router.get("/users/{user_id}/suggestions", response=list[Suggestion])
def get_suggestions(
    request: CallerRequest,
    user_id: UserId,
    limit: Annotated[int, Query(ge=1, le=SUGGESTIONS_MAX)] = 4,
) -> list[Suggestion]:
    """People whom this person may know, the most connected first."""
    return Suggestions.of(acting_for(request, user_id)).get_suggestions(limit)


@router.get(
    "/users/{user_id}/avatar",
    response=bytes,
    openapi_extra={
        "responses": {
            200: {"content": {AVATAR_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def get_avatar(request: CallerRequest, user_id: UserId) -> HttpResponse:
    """A person's picture; `avatar` of the User is its SHA-256."""
    picture = get_avatar_for(request.caller, user_id)
    if picture is None:
        raise PictureNotFound(user_id=user_id)
    return picture_answer(picture, ASK_AGAIN)


@router.put("/users/{user_id}/name", response=UserView)
def set_name(request: CallerRequest, user_id: UserId, body: NameIn) -> UserView:
    """Set or remove the display name."""
    return User.of(acting_for(request, user_id)).set_name(body.name)


@router.put("/users/{user_id}/bio", response=UserView)
def set_bio(request: CallerRequest, user_id: UserId, body: BioIn) -> UserView:
    """Set or remove what the person says about themselves."""
    return User.of(acting_for(request, user_id)).set_bio(body.bio)


@router.put("/users/{user_id}/email", response=UserView)
def set_email(request: CallerRequest, user_id: UserId, body: EmailIn) -> UserView:
    """Set or remove the e-mail address."""
    return User.of(acting_for(request, user_id)).set_email(body.email)
