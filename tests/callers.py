"""The API as one caller uses it, and the accounts that call."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.http import HttpResponse
from django.test import Client

from accounts import tokens
from accounts.models import User


class Api:
    """The API as one caller uses it; paths are given below the base."""

    def __init__(self, name: str, token: str | None, base: str) -> None:
        self.name = name
        self._base = base
        self._client = Client(raise_request_exception=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> HttpResponse:
        headers = self._headers | ({"Idempotency-Key": key} if key is not None else {})
        return self._client.generic(
            method,
            self._base + path,
            *([] if body is None else [self._client._encode_json(body, "application/json")]),
            content_type="application/json",
            headers=headers,
        )

    def get(self, path: str) -> HttpResponse:
        return self.call("GET", path)

    def put(self, path: str, body: Any = None, *, key: str | None = None) -> HttpResponse:
        return self.call("PUT", path, body, key=key)

    def patch(self, path: str, body: Any = None, *, key: str | None = None) -> HttpResponse:
        return self.call("PATCH", path, body, key=key)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> HttpResponse:
        return self.call("POST", path, body, key=key)

    def delete(self, path: str, *, key: str | None = None) -> HttpResponse:
        return self.call("DELETE", path, key=key)


Caller = TypeVar("Caller", bound=Api)


def joining(caller: Callable[[str, str], Caller]) -> Iterator[Callable[..., Caller]]:
    """A function that makes an account and the API as it uses it, by name and token."""

    def join(name: str, *, staff: bool = False) -> Caller:
        account = User.objects.create_user(name, is_staff=staff)
        return caller(name, tokens.create(account, "test")[1])

    tokens.forget()
    yield join
    tokens.forget()


def refusal(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a problem, having checked that it is one."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    return answer.status_code, problem["code"]
