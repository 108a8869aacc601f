"""Posts and comments as templates show them: what agents know, joined in a few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from accounts.caller import Person
from socialnet.access import open_to
from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.schemas import (
    Audience,
    CommentView,
    LikeCounts,
    LikeType,
    PostView,
    ProfileView,
)
from socialnet.views.cards import profiles_of

WORDS: dict[LikeType, str] = {
    "like": "Like",
    "insightful": "Insightful",
    "love": "Love",
    "dislike": "Dislike",
}
# Replies to replies are indented so deep; those below stand beside what they reply to, and say so.
DEEPEST = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of reaction: its word, how many there are, whether it is the viewer's."""

    name: LikeType
    word: str
    count: int
    mine: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReactionsCard:
    """What people think of a post, comment or message; `key` tells its controls from others' on
    the page, `url` is where the form goes, `who_url` lists who it was."""

    key: str
    url: str
    who_url: str
    kinds: list[Kind]
    total: int

    @property
    def mine(self) -> Kind | None:
        """The viewer's own."""
        return next((kind for kind in self.kinds if kind.mine), None)

    @property
    def main(self) -> Kind:
        """What the one button shows: the viewer's own, or what it would be."""
        return self.mine or self.kinds[0]

    @property
    def there(self) -> list[Kind]:
        """The kinds there are."""
        return [kind for kind in self.kinds if kind.count]


@dataclass(kw_only=True, slots=True)
class CommentCard:
    """A comment, with the names of its author and of whom it replies to out of sight.

    `depth` is how far it is indented, `replies` are those of the same page.
    """

    comment_id: str
    post_id: str
    parent_comment_id: str | None
    content: str
    mentions: list[str]
    created_by: str
    author_name: str | None
    author_picture: str | None
    created_at: datetime
    edited_at: datetime | None
    is_gone: bool
    mine: bool
    may_delete: bool
    may_reply: bool
    reactions: ReactionsCard
    depth: int = 0
    replies_to: str | None = None
    replies: list[CommentCard] = field(default_factory=list)

    @property
    def below(self) -> int:
        """How many replies there are, and replies to these."""
        return len(self.replies) + sum(reply.below for reply in self.replies)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostCard:
    """A post, with the name of its author; `mine` says that it is the viewer's, `may_delete` that
    the viewer may delete it, `saved` that they have a bookmark there."""

    post_id: str
    content: str
    mentions: list[str]
    created_by: str
    author_name: str | None
    author_picture: str | None
    created_at: datetime
    edited_at: datetime | None
    audience: Audience
    commenting: str
    mine: bool
    may_delete: bool
    may_comment: bool
    saved: bool
    comment_count: int
    comments: list[CommentCard]
    reactions: ReactionsCard


def post_cards(posts: Sequence[PostView], viewer: Person) -> list[PostCard]:
    """The posts with all names; a few statements, however many posts."""
    speakers = {one.created_by for post in posts for one in post.comments}
    people = people_of(speakers | {post.created_by for post in posts})
    open_posts = open_to(viewer, posts)
    saved = Bookmarks.of(viewer.user_id).among([post.post_id for post in posts]) if posts else []
    return [
        PostCard(
            post_id=post.post_id,
            content=post.content,
            mentions=post.mentions,
            created_by=post.created_by,
            author_name=author.name if (author := people.get(post.created_by)) else None,
            author_picture=author.avatar if author else None,
            created_at=post.created_at,
            edited_at=post.edited_at,
            audience=post.audience,
            commenting=post.commenting,
            mine=post.created_by == viewer.user_id,
            may_delete=viewer.may_act_for(post.created_by),
            may_comment=post.post_id in open_posts,
            saved=post.post_id in saved,
            comment_count=post.comment_count,
            comments=[
                comment_card(one, post, viewer, people, may_reply=post.post_id in open_posts)
                for one in post.comments
                if one.deleted_at is None
            ],
            reactions=reactions_card(
                post.like_counts, post.my_like, post.post_id, "post", post.post_id
            ),
        )
        for post in posts
    ]


def comment_cards(
    comments: Sequence[CommentView], post: PostView, viewer: Person
) -> list[CommentCard]:
    """The comments with all names, each by itself."""
    people = people_of({one.created_by for one in comments})
    may_reply = post.post_id in open_to(viewer, [post])
    return [comment_card(one, post, viewer, people, may_reply=may_reply) for one in comments]


def comment_card(
    comment: CommentView,
    post: PostView,
    viewer: Person,
    people: dict[str, ProfileView],
    *,
    may_reply: bool,
) -> CommentCard:
    """One comment on that post."""
    is_gone, author = comment.deleted_at is not None, people.get(comment.created_by)
    owns_post = viewer.may_act_for(post.created_by)
    return CommentCard(
        comment_id=comment.comment_id,
        post_id=post.post_id,
        parent_comment_id=comment.parent_comment_id,
        content=comment.content,
        mentions=comment.mentions,
        created_by=comment.created_by,
        author_name=author.name if author else None,
        author_picture=author.avatar if author else None,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        is_gone=is_gone,
        mine=comment.created_by == viewer.user_id and not is_gone,
        may_delete=owns_post or (viewer.may_act_for(comment.created_by) and not is_gone),
        may_reply=may_reply and not is_gone,
        reactions=reactions_card(
            comment.like_counts,
            comment.my_like,
            comment.comment_id,
            "comment",
            post.post_id,
            comment.comment_id,
        ),
    )


def people_of(user_ids: Iterable[str]) -> dict[str, ProfileView]:
    """Those of these people who exist, by user id."""
    return {one.user_id: one for one in profiles_of(user_ids)}


def reactions_card(
    counts: LikeCounts, mine: LikeType | None, key: str, of: str, *ids: str
) -> ReactionsCard:
    """The reactions to a thing whose routes are `react_<of>` and `<of>_reactions`."""
    numbers: dict[str, int] = counts.model_dump()
    kinds = [
        Kind(name=name, word=word, count=numbers[name], mine=name == mine)
        for name, word in WORDS.items()
    ]
    return ReactionsCard(
        key=key,
        url=reverse(f"react_{of}", args=ids),
        who_url=reverse(f"{of}_reactions", args=ids),
        kinds=kinds,
        total=sum(kind.count for kind in kinds),
    )


def tree_of(cards: Sequence[CommentCard]) -> list[CommentCard]:
    """Comments below what they reply to, as far as that is among them; each after its parent.

    A reply that would stand too deep, or whose parent is not here, says to whom it replies.
    """
    known: dict[str, CommentCard] = {}
    places: dict[str, CommentCard] = {}  # by comment: under which other it stands
    roots: list[CommentCard] = []
    for card in cards:
        known[card.comment_id] = card
        parent = known.get(card.parent_comment_id or "")
        place = parent
        if parent is not None and parent.depth >= DEEPEST:
            place = places[parent.comment_id]
        if place is None:
            roots.append(card)
        else:
            card.depth = place.depth + 1
            places[card.comment_id] = place
            place.replies.append(card)
        if parent is not None and place is not parent:
            card.replies_to = parent.author_name or parent.created_by
    return roots
