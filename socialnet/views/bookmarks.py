"""What the viewer has saved, and saving it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.views import EVERYTHING, BookmarksView
from socialnet.views.page import PAGE_SIZE, PageRequest, back, cursor_of, once, page, post_id_of
from socialnet.views.post_cards import post_cards

QUERY_MAX = 200


@require_GET
@page
def bookmarks(request: PageRequest) -> HttpResponse:
    """The saved posts that fit `q`, the last saved first; for htmx the next posts alone."""
    asked, cursor = request.GET.get("q", "").strip()[:QUERY_MAX], cursor_of(request)
    found = BookmarksView.of(request.caller.user_id).get_posts(
        asked or EVERYTHING, PAGE_SIZE, cursor
    )
    context: dict[str, Any] = {
        "posts": post_cards(found.items, request.caller),
        "next_cursor": found.next_cursor,
    }
    if request.htmx:
        return render(request, "socialnet/_posts.html", context)
    context |= {"q": asked, "older": cursor is not None, "here": "bookmarks", "suggest": True}
    return render(request, "socialnet/bookmarks.html", context)


@require_POST
@page
def bookmark(request: PageRequest, post_id: str) -> HttpResponse:
    """Save the post, or with `saved=no` no longer; the same again changes nothing."""
    post_id, saved = post_id_of(post_id), request.POST.get("saved") != "no"
    mine = Bookmarks.of(request.caller.user_id)
    with once(request):
        if saved:
            mine.save(post_id)
        else:
            mine.unsave(post_id)
    if not request.htmx:
        return back(request, reverse("post", args=[post_id]))
    context = {"post": {"post_id": post_id, "saved": saved}}
    return render(request, "socialnet/_bookmark.html", context)
