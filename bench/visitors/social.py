"""A locustfile: the scenarios of the social network, each as likely as any other."""

from __future__ import annotations

from locust import task

from bench.visitors import plan
from bench.visitors.recording import VISIT
from bench.visitors.visitor import Visitor

BASE = "/social-net"
CONNECTIONS = plan.draw().connections()
SCENARIOS_EACH = 10
LIKES = ("like", "insightful", "love", "dislike")


class Member(Visitor):
    """Somebody anywhere in the world, for some scenarios; then somebody else."""

    town: int
    person: int
    user_id: str
    left = 0

    def be_somebody(self) -> None:
        self.left -= 1
        if self.left > 0:
            return
        self.left = SCENARIOS_EACH
        self.town = self.lot.randrange(VISIT["towns"])
        self.person = self.lot.randrange(plan.PEOPLE)
        self.user_id = plan.user_id(self.person, self.town)

    def neighbours(self) -> list[str]:
        """People this one knows, and others of the town if these are few."""
        known = list(CONNECTIONS[self.person])
        others = [person for person in range(plan.PEOPLE) if person not in (*known, self.person)]
        chosen = [*self.lot.sample(known, len(known)), *self.lot.sample(others, 3)][:3]
        return [plan.user_id(person, self.town) for person in chosen]

    @task
    def read_user(self) -> None:
        self.be_somebody()
        other = plan.user_id(self.lot.randrange(plan.PEOPLE), self.town)
        self.ask("read user", "GET", f"{BASE}/users/{other}", by=self.user_id, has="user_id")

    @task
    def search_users(self) -> None:
        self.be_somebody()
        person = self.lot.randrange(plan.PEOPLE)
        for name, query in (
            ("search users: a name", f'name:"{plan.full_name(person, self.town)}"'),
            ("search users: a family", plan.family_name(person, self.town)),
        ):
            path = f"{BASE}/users/search?query={query.replace(' ', '%20')}"
            self.ask(name, "GET", path, by=self.user_id, has="items")

    @task
    def read_posts(self) -> None:
        self.be_somebody()
        other = plan.user_id(self.lot.randrange(plan.PEOPLE), self.town)
        path = f"{BASE}/users/{other}/posts"
        found = self.ask("read posts: list", "GET", path, by=self.user_id)
        if found["items"]:
            path = f"{BASE}/posts/{self.lot.choice(found['items'])['post_id']}"
            self.ask("read posts: one post", "GET", path, by=self.user_id, has="post_id")

    @task
    def read_timeline(self) -> None:
        self.be_somebody()
        path = f"{BASE}/users/{self.user_id}/timeline/posts"
        self.ask("read timeline", "GET", path, by=self.user_id)

    @task
    def read_chats(self) -> None:
        self.be_somebody()
        path = f"{BASE}/users/{self.user_id}/chats"
        found = self.ask("read chats: list", "GET", path, by=self.user_id)
        if found["items"]:
            path = f"{BASE}/chats/{found['items'][0]['chat_id']}"
            self.ask("read chats: newest chat", "GET", path, by=self.user_id, has="chat_id")

    @task
    def write_post(self) -> None:
        self.be_somebody()
        body = {"content": plan.text(self.lot, 30)}
        path = f"{BASE}/users/{self.user_id}/posts"
        made = self.ask("create post", "POST", path, by=self.user_id, body=body, has="post_id")
        post = f"{BASE}/posts/{made['post_id']}"
        comment = None
        for other in self.neighbours():
            like = {"like_type": self.lot.choice(LIKES)}
            self.ask("like post", "PUT", f"{post}/likes/{other}", by=other, body=like)
            # the second and third answer to the first
            body = {"content": plan.text(self.lot, 12), "parent_comment_id": comment}
            path = f"{post}/comments"
            said = self.ask("comment", "POST", path, by=other, body=body, has="comment_id")
            comment = comment or said["comment_id"]
            path = f"{post}/comments/{comment}/likes/{self.user_id}"
            self.ask("like comment", "PUT", path, by=self.user_id, body=like)

    @task
    def write_chat(self) -> None:
        self.be_somebody()
        others = self.neighbours()
        path = f"{BASE}/users/{self.user_id}/chats"
        body = {"participants": others}
        made = self.ask("create chat", "POST", path, by=self.user_id, body=body, has="chat_id")
        chat = f"{BASE}/chats/{made['chat_id']}"
        for other in (self.user_id, *others):
            said = {"content": plan.text(self.lot, 12)}
            path = f"{chat}/messages"
            sent = self.ask("send message", "POST", path, by=other, body=said, has="message_id")
            reader = self.lot.choice(others)
            like = {"like_type": self.lot.choice(LIKES)}
            path = f"{chat}/messages/{sent['message_id']}/likes/{reader}"
            self.ask("like message", "PUT", path, by=reader, body=like)
