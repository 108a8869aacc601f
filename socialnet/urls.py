"""The pages of the social network."""

from django.urls import path

from socialnet.views import people, posts, profiles, timeline

urlpatterns = [
    path("", timeline.timeline, name="timeline"),
    path("posts/", timeline.compose, name="compose"),
    path("posts/new/", timeline.timeline_new, name="timeline_new"),
    path("posts/<str:post_id>/", posts.post, name="post"),
    path("posts/<str:post_id>/delete/", posts.delete_post, name="delete_post"),
    path("people/", people.people, name="people"),
    path("people/suggestions/", people.suggestions, name="suggestions"),
    path("u/<str:user_id>/", profiles.profile, name="profile"),
    path("u/<str:user_id>/connections/", profiles.connections, name="connections"),
    path("u/<str:user_id>/connect/", people.connect, name="connect"),
    path("u/<str:user_id>/block/", people.block, name="block"),
    path("u/<str:user_id>/unblock/", people.unblock, name="unblock"),
    path("account/profile/", profiles.edit_profile, name="edit_profile"),
]
