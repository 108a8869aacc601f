"""People's pictures, to whom the people may be seen."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from agents_core.files import open_file
from socialnet.access import get_avatar_for
from socialnet.views.page import PageRequest, page, user_id_of

# The address has the hash of what it answers with, so it never answers anything else; but only
# this browser may keep it, for not everybody may see it.
FOR_EVER = "private, max-age=31536000, immutable"
# Opened by itself it is a picture and can do nothing: no script, no frame, no form.
POLICY = "default-src 'none'; sandbox"


@require_GET
@page
def avatar(request: PageRequest, user_id: str, digest: str) -> HttpResponse:
    """A person's picture; one they no longer have is gone."""
    picture = get_avatar_for(request.caller, user_id_of(user_id))
    if picture is None or picture.sha256 != digest:
        raise Http404
    with open_file(picture) as stored:
        answer = HttpResponse(stored.read(), content_type=picture.content_type)
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = FOR_EVER
    answer["ETag"] = f'"{digest}"'
    return answer
