"""What operators are shown: the shapes that the API, the command and the admin have in common.

Times are in UTC. `state`, `args`, `result` and items are the JSON that is stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from agents_core.lifecycle import Status

MailKind = Literal["message", "schedule", "effect", "failed_effect", "dead_letter"]


class MethodView(BaseModel):
    """A method that can be called: JSON schemas of its arguments and its result."""

    name: str
    kind: str
    description: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class ParameterView(BaseModel):
    """A constructor parameter, in the order in which they are in the id."""

    name: str
    json_schema: dict[str, Any] = Field(serialization_alias="schema")


class TypeView(BaseModel):
    """An agent type that this process knows."""

    type: str
    kind: Literal["durable", "ephemeral"]
    description: str
    versions: list[int]
    parameters: list[ParameterView]
    methods: list[MethodView]
    collections: list[str]
    state: dict[str, Any] | None = Field(description="The JSON schema of a durable one's document.")


class TypePage(BaseModel):
    """All types, by name."""

    items: list[TypeView]
    next_cursor: str | None = None


class AgentView(BaseModel):
    """One agent. `pending` counts the messages that wait for it."""

    agent_id: str
    type: str
    parameters: dict[str, str | int]
    version: int
    status: Status
    revision: int
    pending: int
    created_at: datetime
    updated_at: datetime


class AgentPage(BaseModel):
    """Agents, the newest first."""

    items: list[AgentView]
    next_cursor: str | None


class AgentDetail(AgentView):
    """One agent with its document, and the environment that its methods read."""

    incarnation: str
    """Opaque: another after it was deleted and began anew."""
    environment: dict[str, str]
    state: Any


class MailView(BaseModel):
    """What waits for an agent, is scheduled for it, was asked for by it, or was given up on.

    `message_id` names it: a schedule by its name, all else by id. `at` is when it is tried next, is
    due, or was given up; a message without it runs as soon as it can. The `method` of an effect is
    `agent.method`.
    """

    agent_id: str
    kind: MailKind
    message_id: str
    method: str
    args: Any
    sender: str | None
    sent_at: datetime | None
    at: datetime | None
    attempts: int
    last_error: str | None


class MailPage(BaseModel):
    """An agent's messages in their order, then its schedules by name, then effects it asked for and
    those that failed with nobody to tell, then its dead letters."""

    items: list[MailView]
    next_cursor: str | None


class OperationView(BaseModel):
    """What an operator did: when, who, to which agent. `details` are its arguments.

    A rollout is an operation on a type: `agent_id` is its name.
    """

    id: UUID
    at: datetime
    who: str
    operation: str
    agent_id: str
    details: dict[str, Any]


class OperationPage(BaseModel):
    """Operations, the newest first."""

    items: list[OperationView]
    next_cursor: str | None


class CollectionView(BaseModel):
    """A collection of an agent. `items` is how many it holds, or `at_least` so many."""

    name: str
    items: int
    at_least: bool


class CollectionPage(BaseModel):
    """All collections of an agent, by name."""

    items: list[CollectionView]
    next_cursor: str | None = None


class ItemView(BaseModel):
    """One item of a collection, its key and its sort key."""

    key: str
    sort: int
    item: Any


class ItemPage(BaseModel):
    """Items by sort key, the newest first unless said."""

    items: list[ItemView]
    next_cursor: str | None


class RefusedView(BaseModel):
    """One of many that was refused, and why."""

    agent_id: str
    message_id: str | None
    code: str
    detail: str


class BulkView(BaseModel):
    """What became of an operation on many: how many were done, how many refused, some of these."""

    done: int = 0
    refused: int = 0
    refusals: list[RefusedView] = []
