"""The timeline, what is new on it, and writing a post."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from agents_core import NotFound
from socialnet.access import get_post_for
from socialnet.agents.errors import ContentNotValid
from socialnet.agents.schemas import PostView
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.views import UserTimelineUpdates, UserTimelineView
from socialnet.ids import is_uuid
from socialnet.views.cards import names_of, request_cards
from socialnet.views.choices import AUDIENCE, COMMENTING, chosen, offered
from socialnet.views.moments import moment_of
from socialnet.views.page import PAGE_SIZE, PageRequest, cursor_of, done, once, page
from socialnet.views.people import me_of
from socialnet.views.post_cards import post_cards

NEW_AT_ONCE = 50  # more than that at a time is a page to load, not news to slide in
# A post reaches its author's own timeline a moment after it is written. For so long it is shown
# there anyway to somebody who has just written it without script.
JUST_WRITTEN = timedelta(minutes=2)


@require_GET
@page
def timeline(request: PageRequest) -> HttpResponse:
    """What reaches the viewer, newest first; for htmx the next posts alone."""
    viewer = request.caller.user_id
    cursor = cursor_of(request)
    found = UserTimelineView.of(viewer).get_posts(limit=PAGE_SIZE, cursor=cursor)
    posts = found.items if cursor else [*just_written(request, found.items), *found.items]
    context: dict[str, Any] = {
        "posts": post_cards(posts, request.caller),
        "next_cursor": found.next_cursor,
    }
    if request.htmx:
        return render(request, "socialnet/_posts.html", context)
    me = me_of(request)
    context |= {
        "older": cursor is not None,
        "my_name": me.name,
        **composer_choices(request),
        "requests": request_cards(me, limit=3),
        "suggest": True,
        "people_url": reverse("people"),
    }
    return render(request, "socialnet/timeline.html", context)


@require_GET
@page
def timeline_new(request: PageRequest) -> HttpResponse:
    """The posts that arrived after `since`, as they stand on the page."""
    viewer = request.caller.user_id
    refs = UserTimelineUpdates.of(viewer).get_updates(moment_of(request.GET.get("since", "")))
    found = UserTimelineView.of(viewer).get_these([ref.post_id for ref in refs[-NEW_AT_ONCE:]])
    posts = sorted(found, key=lambda post: post.created_at, reverse=True)
    return render(request, "socialnet/_posts.html", {"posts": post_cards(posts, request.caller)})


@require_POST
@page
def compose(request: PageRequest) -> HttpResponse:
    """Write a post; sending the same form again writes no other."""
    viewer = request.caller.user_id
    content = request.POST.get("content", "")
    try:
        with once(request):
            post_id = (
                UserPosts.of(viewer)
                .create_post(
                    content,
                    chosen(AUDIENCE, request.POST.get("audience")),
                    chosen(COMMENTING, request.POST.get("commenting")),
                )
                .post_id
            )
    except ContentNotValid as refusal:
        return not_posted(request, content, refusal)
    if not request.htmx:
        return redirect(f"{reverse('timeline')}?posted={post_id}")
    [card] = post_cards([get_post_for(request.caller, post_id)], request.caller)
    context = {"post": card, "my_name": card.author_name, **composer_choices(request)}
    return done(request, render(request, "socialnet/_composed.html", context), "Posted")


def not_posted(request: PageRequest, content: str, refusal: ContentNotValid) -> HttpResponse:
    """The composer again, with what was typed and why it was not taken."""
    context = {
        "compose_text": content,
        "compose_error": refusal.message if content.strip() else "Write something first.",
        "my_name": names_of([request.caller.user_id]).get(request.caller.user_id),
        **composer_choices(request),
    }
    template = "socialnet/_composer.html" if request.htmx else "socialnet/compose.html"
    return render(request, template, context, status=refusal.status)


def composer_choices(request: PageRequest) -> dict[str, Any]:
    """What the composer shows: for whom a post may be and who may comment, as chosen last."""
    return {
        "my_picture": me_of(request).avatar,
        "audiences": offered(AUDIENCE, request.POST.get("audience")),
        "commentings": offered(COMMENTING, request.POST.get("commenting")),
    }


def just_written(request: PageRequest, shown: list[PostView]) -> list[PostView]:
    """The viewer's own post that is not on the timeline yet."""
    post_id = request.GET.get("posted", "")
    if not is_uuid(post_id) or any(post.post_id == post_id for post in shown):
        return []
    try:
        post = get_post_for(request.caller, post_id)
    except NotFound:
        return []
    is_new = timezone.now() - post.created_at < JUST_WRITTEN
    return [post] if post.created_by == request.caller.user_id and is_new else []
