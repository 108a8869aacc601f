"""The pages of the social network."""

from django.urls import path

from socialnet.views import (
    avatars,
    bookmarks,
    chat_requests,
    chats,
    comments,
    edit_profile,
    messages,
    notifications,
    people,
    posts,
    profiles,
    timeline,
)

urlpatterns = [
    path("", timeline.timeline, name="timeline"),
    path("posts/", timeline.compose, name="compose"),
    path("posts/new/", timeline.timeline_new, name="timeline_new"),
    path("posts/<str:post_id>/", posts.post, name="post"),
    path("posts/<str:post_id>/news/", posts.post_news, name="post_news"),
    path("posts/<str:post_id>/card/", posts.post_card, name="post_card"),
    path("posts/<str:post_id>/react/", posts.react_post, name="react_post"),
    path("posts/<str:post_id>/reactions/", posts.post_reactions, name="post_reactions"),
    path("posts/<str:post_id>/bookmark/", bookmarks.bookmark, name="bookmark"),
    path("posts/<str:post_id>/edit/", posts.edit_post, name="edit_post"),
    path("posts/<str:post_id>/edits/", posts.post_edits, name="post_edits"),
    path("posts/<str:post_id>/delete/", posts.delete_post, name="delete_post"),
    path("posts/<str:post_id>/restore/", posts.restore_post, name="restore_post"),
    path("posts/<str:post_id>/comments/", comments.comments, name="comments"),
    *(
        path(f"posts/<str:post_id>/comments/<str:comment_id>/{last}/", view, name=name)
        for last, view, name in [
            ("react", comments.react_comment, "react_comment"),
            ("reactions", comments.comment_reactions, "comment_reactions"),
            ("edit", comments.edit_comment, "edit_comment"),
            ("edits", comments.comment_edits, "comment_edits"),
            ("delete", comments.delete_comment, "delete_comment"),
        ]
    ),
    path("bookmarks/", bookmarks.bookmarks, name="bookmarks"),
    path("people/", people.people, name="people"),
    path("people/suggestions/", people.suggestions, name="suggestions"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.mark_read, name="mark_read"),
    path("notifications/settings/", notifications.settings, name="notification_settings"),
    path("chats/", chats.chats, name="chats"),
    path("chats/new/", chats.new_chat, name="new_chat"),
    path("chats/settings/", chats.settings, name="chat_settings"),
    path("chats/requests/", chat_requests.chat_requests, name="chat_requests"),
    path("chats/<str:chat_id>/", chats.chat, name="chat"),
    path("chats/<str:chat_id>/details/", chats.chat_details, name="chat_details"),
    path("chats/<str:chat_id>/name/", chats.name_chat, name="name_chat"),
    path("chats/<str:chat_id>/people/", chats.add_people, name="add_people"),
    path(
        "chats/<str:chat_id>/people/<str:user_id>/remove/",
        chats.remove_person,
        name="remove_person",
    ),
    path("chats/<str:chat_id>/leave/", chats.leave_chat, name="leave_chat"),
    path("chats/<str:chat_id>/accept/", chat_requests.accept_chat, name="accept_chat"),
    path("chats/<str:chat_id>/decline/", chat_requests.decline_chat, name="decline_chat"),
    path("chats/<str:chat_id>/seen/", chats.seen, name="seen"),
    path("chats/<str:chat_id>/mute/", chats.mute_chat, name="mute_chat"),
    path("chats/<str:chat_id>/read/", messages.read_chat, name="read_chat"),
    path("chats/<str:chat_id>/messages/", messages.messages, name="messages"),
    path("chats/<str:chat_id>/send/", messages.send_message, name="send_message"),
    *(
        path(f"chats/<str:chat_id>/messages/<str:message_id>/{last}/", view, name=name)
        for last, view, name in [
            ("edit", messages.edit_message, "edit_message"),
            ("delete", messages.delete_message, "delete_message"),
            ("restore", messages.restore_message, "restore_message"),
            ("unread", messages.unread_message, "unread_message"),
            ("react", messages.react_message, "react_message"),
            ("reactions", messages.who_reacted, "message_reactions"),
        ]
    ),
    path("u/<str:user_id>/message/", chats.message_person, name="message_person"),
    path("u/<str:user_id>/", profiles.profile, name="profile"),
    path("u/<str:user_id>/avatar/<str:digest>/", avatars.avatar, name="avatar"),
    path("u/<str:user_id>/mute/", people.mute, name="mute"),
    path("u/<str:user_id>/connections/", profiles.connections, name="connections"),
    path("u/<str:user_id>/connect/", people.connect, name="connect"),
    path("u/<str:user_id>/block/", people.block, name="block"),
    path("u/<str:user_id>/unblock/", people.unblock, name="unblock"),
    path("account/profile/", edit_profile.edit_profile, name="edit_profile"),
]
