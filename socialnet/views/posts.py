"""One post by its address, and deleting it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from socialnet.access import get_post_for
from socialnet.agents.errors import NotTheAuthor
from socialnet.agents.post import Post
from socialnet.views.cards import post_cards
from socialnet.views.page import PageRequest, done, once, page, post_id_of


@require_GET
@page
def post(request: PageRequest, post_id: str) -> HttpResponse:
    """The whole post."""
    found = get_post_for(request.caller, post_id_of(post_id))
    [card] = post_cards([found], request.caller.user_id)
    return render(request, "socialnet/post.html", {"post": card, "suggest": True})


@require_http_methods(["GET", "POST"])
@page
def delete_post(request: PageRequest, post_id: str) -> HttpResponse:
    """Ask, then delete; only its author and staff may."""
    found = get_post_for(request.caller, post_id_of(post_id))
    if not request.caller.may_act_for(found.created_by):
        raise NotTheAuthor(post_id=found.post_id)
    if request.method == "GET":
        context = {
            "title": "Delete this post?",
            "text": "It leaves every timeline, for good.",
            "quote": found.content,
            "button": "Delete post",
        }
        return render(request, "socialnet/confirm.html", context)
    with once(request):
        Post.of(found.post_id).delete(by=request.caller.user_id, staff=request.caller.is_staff)
    response = HttpResponse() if request.htmx else redirect("timeline")
    return done(request, response, "Post deleted")
