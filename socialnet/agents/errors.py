"""What the social network refuses, and in which words."""

from __future__ import annotations

from accounts.errors import PictureNotValid as PictureNotValid
from agents_core import Conflict, Forbidden, NotFound, Rejected


class UserNotFound(NotFound):
    """There is no user {user_id}.

    Also the answer where there is one whom a block hides: nobody learns that they are blocked.
    """

    code = "user_not_found"


class PostNotFound(NotFound):
    """There is no post {post_id}, or it has been deleted."""

    code = "post_not_found"


class TooLateToUndo(Conflict):
    """That was deleted {seconds} seconds ago or more: it is gone for good."""

    code = "too_late_to_undo"


class UserIdNotValid(Rejected):
    """{user_id} cannot be a user id: use 1 to 64 of a-z, 0-9, _, . and -."""

    code = "user_id_not_valid"


class SelfConnection(Rejected):
    """Nobody can be connected to themselves."""

    code = "self_connection"


class ConsentNeeded(Forbidden):
    """Nobody can be made to follow: {user_id} has to choose to follow you."""

    code = "consent_needed"


class UserBlocked(Conflict):
    """You have blocked {user_id}: lift the block to connect."""

    code = "user_blocked"


class CommentNotFound(NotFound):
    """There is no comment {comment_id} here, or it has been deleted."""

    code = "comment_not_found"


class ParentCommentNotFound(NotFound):
    """There is no comment {parent_comment_id} here to reply to, or it has been deleted."""

    code = "parent_comment_not_found"


class NotTheAuthor(Forbidden):
    """Only its author may change or delete the post {post_id}."""

    code = "not_the_author"


class CommentNotYours(Forbidden):
    """Only its author may change the comment {comment_id}; the post's may delete it, too."""

    code = "comment_not_yours"


class CommentsClosed(Forbidden):
    """The author of the post {post_id} has not opened it to comments of yours."""

    code = "comments_closed"


class NameNotValid(Rejected):
    """A name has at most {limit} characters."""

    code = "name_not_valid"
    status = 422


class BioNotValid(Rejected):
    """What you say about yourself has at most {limit} characters."""

    code = "bio_not_valid"
    status = 422


class PictureNotFound(NotFound):
    """{user_id} has no picture."""

    code = "picture_not_found"


class ContentNotValid(Rejected):
    """A text has 1 to {limit} characters."""

    code = "content_not_valid"
    status = 422


class LaterMessages(Conflict):
    """Chat {chat_id} has later messages: what is brought in comes in the order of writing."""

    code = "later_messages"


class TimeNotValid(Rejected):
    """{time} lies in the future: only what has happened can be imported."""

    code = "time_not_valid"


class ChatNotFound(NotFound):
    """There is no chat {chat_id}.

    Also the answer to those who do not take part in it, and to the two whom a block parts.
    """

    code = "chat_not_found"


class MessageNotFound(NotFound):
    """There is no message {message_id} in this chat, or it has been deleted."""

    code = "message_not_found"


class ParticipantNotFound(NotFound):
    """{user_id} does not take part in this chat."""

    code = "participant_not_found"


class TooFewParticipants(Rejected):
    """A chat takes {limit} people or more: name somebody to talk with."""

    code = "too_few_participants"


class TooManyParticipants(Rejected):
    """A chat takes at most {limit} people, and these would be {count}."""

    code = "too_many_participants"


class NoNewParticipants(Rejected):
    """They all take part already."""

    code = "no_new_participants"


class NotTheOwner(Forbidden):
    """Only its owner may remove somebody from the chat {chat_id}."""

    code = "not_the_owner"


class NotYourMessage(Forbidden):
    """Only its author may change the message {message_id}."""

    code = "not_your_message"
