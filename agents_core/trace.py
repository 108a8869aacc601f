"""Which request, agent and invocation something is about, for log records and hints.

Looked up when a record is made: running a method pays next to nothing for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from agents_core import context
from agents_core.errors import AgentError

MAX_REQUEST_ID = 64
FACTS = ("request_id", "agent_id", "method", "invocation_id")
"""What a record may carry. An invocation's id is its message's, its idempotency key, or one made
for the record."""

Agents = Collection[str]
"""Ids of agents that have mail. A mapping says which request mailed each, where that is known."""

_request: ContextVar[str | None] = ContextVar("request", default=None)
_mail: ContextVar[Mapping[str, str | None]] = ContextVar("mail", default=MappingProxyType({}))
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


def request_id() -> str | None:
    """The id of the request, or the socket, that is being served here."""
    return _request.get()


def request_of_mail(agent_id: str) -> str | None:
    """The id of the request that mailed this agent what is being run here, if its hint said so."""
    return _mail.get().get(agent_id)


def taken_or_new(given: str | None) -> str:
    """The id that a client gave its request, or a new one where that is no id."""
    if given and len(given) <= MAX_REQUEST_ID and given.isascii() and given.isprintable():
        return given
    return secrets.token_hex(8)


@contextmanager
def request(id_: str | None) -> Iterator[None]:
    """What is done inside is done for this request."""
    token = _request.set(id_)
    try:
        yield
    finally:
        _request.reset(token)


@contextmanager
def mail_of(agents: Mapping[str, str | None]) -> Iterator[None]:
    """The mail run inside was sent by these requests (agent id -> request id)."""
    token = _mail.set(agents)
    try:
        yield
    finally:
        _mail.reset(token)


@contextmanager
def about(**known: str) -> Iterator[None]:
    """Records made inside carry these of `FACTS`, if no running method knows better."""
    token = _about.set({**_about.get(), **known})
    try:
        yield
    finally:
        _about.reset(token)


def facts() -> dict[str, str | None]:
    """Those of `FACTS` that are known at this moment on this thread; some may be None."""
    running = context.inside()
    if running is None:
        return {"request_id": _request.get(), **_about.get()}
    return {"request_id": _request.get(), **running.facts()}


def facts_of(agent_id: str, method: str, invocation_id: str) -> dict[str, str | None]:
    """The `FACTS` of mail that is not, or no longer, running: the `extra` of its records."""
    known = {"request_id": request_of_mail(agent_id), "agent_id": agent_id}
    return {**known, "method": method, "invocation_id": invocation_id}


def mark(error: BaseException) -> None:
    """Note on a fault in which invocation it happened, for whoever logs it further out."""
    if isinstance(error, Exception) and not isinstance(error, AgentError):
        error.__dict__.setdefault("agora_facts", facts())


def marked(error: BaseException | None) -> Mapping[str, str | None]:
    """What `mark` noted on it."""
    noted: Mapping[str, str | None] = getattr(error, "agora_facts", {})
    return noted
