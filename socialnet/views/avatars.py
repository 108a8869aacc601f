"""People's pictures, to whom the people may be seen."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from socialnet.access import get_avatar_for
from socialnet.sending import FOR_EVER, picture_answer
from socialnet.views.page import PageRequest, page, user_id_of


@require_GET
@page
def avatar(request: PageRequest, user_id: str, digest: str) -> HttpResponse:
    """A person's picture; one they no longer have is gone."""
    picture = get_avatar_for(request.caller, user_id_of(user_id))
    if picture is None or picture.sha256 != digest:
        raise Http404
    return picture_answer(picture, FOR_EVER)
