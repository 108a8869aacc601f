"""The social network over HTTP: one router per resource, joined here."""

from ninja import Router

from socialnet.api import (
    bookmarks,
    chats,
    comments,
    connections,
    messages,
    notifications,
    posts,
    timelines,
    users,
)

router = Router()
router.add_router("", users.router)
router.add_router("", connections.router)
router.add_router("", posts.router)
router.add_router("", comments.router)
router.add_router("", timelines.router)
router.add_router("", bookmarks.router)
router.add_router("", notifications.router)
router.add_router("", chats.router)
router.add_router("", messages.router)

__all__ = ["router"]
