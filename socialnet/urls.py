"""The pages of the social network."""

from django.urls import path

from socialnet.views import avatars, edit_profile, notifications, people, posts, profiles, timeline

urlpatterns = [
    path("", timeline.timeline, name="timeline"),
    path("posts/", timeline.compose, name="compose"),
    path("posts/new/", timeline.timeline_new, name="timeline_new"),
    path("posts/<str:post_id>/", posts.post, name="post"),
    path("posts/<str:post_id>/delete/", posts.delete_post, name="delete_post"),
    path("people/", people.people, name="people"),
    path("people/suggestions/", people.suggestions, name="suggestions"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.mark_read, name="mark_read"),
    path("notifications/settings/", notifications.settings, name="notification_settings"),
    path("u/<str:user_id>/", profiles.profile, name="profile"),
    path("u/<str:user_id>/avatar/<str:digest>/", avatars.avatar, name="avatar"),
    path("u/<str:user_id>/mute/", people.mute, name="mute"),
    path("u/<str:user_id>/connections/", profiles.connections, name="connections"),
    path("u/<str:user_id>/connect/", people.connect, name="connect"),
    path("u/<str:user_id>/block/", people.block, name="block"),
    path("u/<str:user_id>/unblock/", people.unblock, name="unblock"),
    path("account/profile/", edit_profile.edit_profile, name="edit_profile"),
]
