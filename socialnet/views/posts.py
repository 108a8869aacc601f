"""One post by its address: reading it, what is new there, reactions, changing it, deleting it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from socialnet.access import (
    get_brief_post_for,
    get_edits_for,
    get_likes_for,
    get_news_for,
    get_threads_for,
)
from socialnet.agents.errors import ContentNotValid, NotTheAuthor
from socialnet.agents.post import Post
from socialnet.agents.schemas import LikePage, LikeType, PostView
from socialnet.ids import is_uuid
from socialnet.views.choices import COMMENTING, chosen, offered
from socialnet.views.moments import moment_of
from socialnet.views.page import (
    PAGE_SIZE,
    PageRequest,
    back,
    cursor_of,
    done,
    once,
    page,
    post_id_of,
)
from socialnet.views.post_cards import WORDS, comment_cards, people_of, post_cards, tree_of

COMMENTS_AT_ONCE = 50
# The page was rendered while somebody else's change was on its way to the database.
OVERLAP = timedelta(seconds=5)


@require_GET
@page
def post(request: PageRequest, post_id: str) -> HttpResponse:
    """The whole post with its comments, from that of `?comment=` on; for htmx further comments."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    begin_at = request.GET.get("comment", "")
    cursor = cursor_of(request)
    threads = get_threads_for(
        request.caller,
        found.post_id,
        COMMENTS_AT_ONCE,
        cursor,
        begin_at if is_uuid(begin_at) else None,
    )
    context: dict[str, Any] = {
        "comments": tree_of(comment_cards(threads.items, found, request.caller)),
        "next_cursor": threads.next_cursor,
    }
    if request.htmx:
        return render(request, "socialnet/_comments.html", context)
    [card] = post_cards([found], request.caller)
    context |= {
        "post": card,
        "made": threads.made,
        "since": timezone.now() - OVERLAP,
        "further": cursor is not None or is_uuid(begin_at),
        "suggest": True,
    }
    return render(request, "socialnet/post.html", context)


@require_GET
@page
def post_news(request: PageRequest, post_id: str) -> HttpResponse:
    """What has become of the post and the comments that are `shown`, to be put into the page."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    shown = [one for one in request.GET.get("shown", "").split(",") if is_uuid(one)]
    after = request.GET.get("after", "")
    since = timezone.now() - OVERLAP
    news = get_news_for(
        request.caller,
        found.post_id,
        int(after) if after.isdecimal() and len(after) < 16 else 0,
        moment_of(request.GET.get("since", "")),
        shown[: 2 * COMMENTS_AT_ONCE],
    )
    [card] = post_cards([found], request.caller)
    context = {
        "post": card,
        "comments": comment_cards(news.comments, found, request.caller),
        "gone": news.gone,
        "made": news.made,
        "since": since,
    }
    return render(request, "socialnet/_post_news.html", context)


@require_GET
@page
def post_card(request: PageRequest, post_id: str) -> HttpResponse:
    """The post as it stands in lists; a part of a page."""
    [card] = post_cards([get_brief_post_for(request.caller, post_id_of(post_id))], request.caller)
    return render(request, "socialnet/_post.html", {"post": card})


@require_POST
@page
def react_post(request: PageRequest, post_id: str) -> HttpResponse:
    """React as `like_type` says, or not at all; the same again changes nothing."""
    viewer, post = request.caller.user_id, Post.of(post_id_of(post_id))
    kind = kind_of(request)
    with once(request):
        view = post.like(viewer, kind) if kind else post.unlike(viewer)
    if not request.htmx:
        return back(request, reverse("post", args=[view.post_id]))
    [card] = post_cards([view], request.caller)
    return render(request, "socialnet/_reactions.html", {"r": card.reactions})


@require_GET
@page
def post_reactions(request: PageRequest, post_id: str) -> HttpResponse:
    """Who reacted, the newest first; for htmx the next ones alone."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    likes = get_likes_for(request.caller, found.post_id, PAGE_SIZE, cursor_of(request))
    [card] = post_cards([found], request.caller)
    context = {"r": card.reactions, "post_id": found.post_id, "quote": found.content}
    return show_reactions(request, likes, context)


@require_http_methods(["GET", "POST"])
@page
def edit_post(request: PageRequest, post_id: str) -> HttpResponse:
    """Say it differently, or open it to other comments; only its author may."""
    found = own_post(request, post_id)
    context: dict[str, Any] = {
        "post": found,
        "content": found.content,
        "commentings": offered(COMMENTING, found.commenting),
        "limit": 5000,
    }
    if request.method == "POST":
        commenting = chosen(COMMENTING, request.POST.get("commenting", found.commenting))
        try:
            with once(request):
                Post.of(found.post_id).edit(
                    request.caller.user_id,
                    request.POST.get("content", ""),
                    commenting,
                )
        except ContentNotValid as refusal:
            context |= {"content": request.POST.get("content", ""), "error": refusal.message}
            return render(request, "socialnet/edit.html", context, status=refusal.status)
        return done(request, redirect("post", found.post_id), "Changes saved")
    return render(request, "socialnet/edit.html", context)


@require_GET
@page
def post_edits(request: PageRequest, post_id: str) -> HttpResponse:
    """What the post said before, the newest first."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    edits = get_edits_for(request.caller, found.post_id, PAGE_SIZE, cursor_of(request))
    context = {"now": found, "edits": edits.items, "next_cursor": edits.next_cursor}
    context["back"] = reverse("post", args=[found.post_id])
    return render(request, "socialnet/edits.html", context)


@require_http_methods(["GET", "POST"])
@page
def delete_post(request: PageRequest, post_id: str) -> HttpResponse:
    """Ask, then delete; only its author and staff may."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    if not request.caller.may_act_for(found.created_by):
        raise NotTheAuthor(post_id=found.post_id)
    if request.method == "GET":
        context = {
            "title": "Delete this post?",
            "text": "It leaves every timeline, for good, with all that was said about it.",
            "quote": found.content,
            "button": "Delete post",
            "back": reverse("post", args=[found.post_id]),
        }
        return render(request, "socialnet/confirm.html", context)
    caller, post = request.caller, Post.of(found.post_id)
    with once(request):
        post.delete(caller.user_id, caller.is_staff, undoable=bool(request.htmx))
    if request.htmx:
        return render(request, "socialnet/_post_gone.html", {"post_id": found.post_id})
    return done(request, redirect("timeline"), "Post deleted")


@require_POST
@page
def restore_post(request: PageRequest, post_id: str) -> HttpResponse:
    """Take a deletion back; for htmx the post, to stand where it stood."""
    post_id = post_id_of(post_id)
    with once(request):
        Post.of(post_id).restore(request.caller.user_id)
    at, own_page = request.htmx.current_url_abs_path or "", reverse("post", args=[post_id])
    if request.htmx and not at.startswith(own_page):
        [card] = post_cards([get_brief_post_for(request.caller, post_id)], request.caller)
        response = render(request, "socialnet/_post.html", {"post": card})
        return done(request, response, "The post is back")
    if request.htmx:
        return HttpResponseClientRefresh()
    return done(request, redirect("post", post_id), "The post is back")


def own_post(request: PageRequest, post_id: str) -> PostView:
    """A post of the viewer's; nobody changes what another has said."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    if found.created_by != request.caller.user_id:
        raise NotTheAuthor(post_id=found.post_id)
    return found


def kind_of(request: PageRequest) -> LikeType | None:
    """The reaction that was pressed; None: none any more."""
    pressed = request.POST.get("like_type", "")
    return next((kind for kind in WORDS if kind == pressed), None)


def show_reactions(request: PageRequest, likes: LikePage, context: dict[str, Any]) -> HttpResponse:
    """The page that says who reacted to something, and how."""
    people = people_of(like.user_id for like in likes.items)
    context |= {
        "likes": [(like, people[like.user_id]) for like in likes.items if like.user_id in people],
        "next_cursor": likes.next_cursor,
    }
    template = "socialnet/_reactions_rows.html" if request.htmx else "socialnet/reactions.html"
    return render(request, template, context)
