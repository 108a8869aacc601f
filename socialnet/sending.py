"""People's pictures as answers that are pictures and nothing else, wherever they are opened."""

from django.http import HttpResponse

from agents_core.files import AgentFile, open_file

# Opened by itself it can do nothing: no script, no frame, no form.
POLICY = "default-src 'none'; sandbox"
# Where the address has the hash of what it answers with it never answers anything else; but only
# the one who asked may keep it, for not everybody may see it.
FOR_EVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


def picture_answer(picture: AgentFile, cache: str) -> HttpResponse:
    """The bytes of a picture that whoever asks may see."""
    with open_file(picture) as stored:
        answer = HttpResponse(stored.read(), content_type=picture.content_type)
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = cache
    answer["ETag"] = f'"{picture.sha256}"'
    return answer
