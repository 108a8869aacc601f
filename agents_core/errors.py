"""Every refusal the runtime knows, and the base classes an application derives its own from.

A *refusal* is an answer: it has a stable code and facts, it is recorded, it crosses from agent to
agent and comes back as the same class, and it is never retried. Anything else that is raised is a
*fault*: nothing of that command remains, and a message that faulted is tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self


class DefinitionError(Exception):
    """An agent type is written wrongly; raised at start-up, names the class and the way out."""


class WriteInQuery(Exception):
    """A query tried to change something. Queries read the last committed document."""


class OutcomeUnknown(Exception):
    """The connection was lost while committing: the command may or may not have happened."""


class AgentError(Exception):
    """A refusal: `code`, `facts` and a sentence made of the class docstring and the facts.

    The docstring's first paragraph is the message; `{name}` in it is filled in from the facts.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    _by_code: ClassVar[dict[str, type[AgentError]]] = {}

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        super().__init__(self.message)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            known = AgentError._by_code.setdefault(cls.code, cls)
            if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
                raise DefinitionError(
                    f"{cls.__module__}.{cls.__qualname__} and {known.__module__}."
                    f"{known.__qualname__} have the same code {cls.code!r}: choose another for one."
                )

    @property
    def message(self) -> str:
        """The sentence for people."""
        text = " ".join((self.__doc__ or self.code).split("\n\n")[0].split())
        try:
            return text.format_map(self.facts)
        except (KeyError, IndexError):
            return text

    def to_json(self) -> dict[str, Any]:
        """What is recorded and what crosses to the caller."""
        return {"code": self.code, "facts": self.facts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AgentError:
        """The same refusal again; a code that no class has any more becomes a `Rejected`."""
        known = cls._by_code.get(data["code"])
        if known is not None:
            return known(**data["facts"])
        return Rejected.with_code(data["code"], data["facts"])

    @classmethod
    def with_code(cls, code: str, facts: Mapping[str, Any]) -> Self:
        """A refusal of this class that carries a code of its own."""
        refusal = cls(**facts)
        refusal.__dict__["code"] = code
        return refusal


class Rejected(AgentError):
    """The request breaks a rule."""

    code = "rejected"


class Forbidden(AgentError):
    """The caller may not do this."""

    code = "forbidden"
    status = 403


class NotFound(AgentError):
    """There is no such thing, or the caller may not see it."""

    code = "not_found"
    status = 404


class Conflict(AgentError):
    """The present state forbids it."""

    code = "conflict"
    status = 409


class ArgumentsNotValid(AgentError):
    """The arguments of {method} are not valid."""

    code = "arguments_not_valid"
    status = 422


class IdempotencyKeyReused(AgentError):
    """This idempotency key was used before, with other arguments: use a new key."""

    code = "idempotency_key_reused"
    status = 422


class UnknownAgentType(NotFound):
    """There is no agent type {agent_type}."""

    code = "unknown_agent_type"


class UnknownMethod(NotFound):
    """{agent_type} has no method {method}."""

    code = "unknown_method"


class AgentIdNotValid(AgentError):
    """{agent_id} is not the id of an agent: {reason}."""

    code = "agent_id_not_valid"


class CallCycle(Conflict):
    """This call would return to an agent that is waiting for it: {chain}. Use a trigger."""

    code = "call_cycle"


class CallTooDeep(Conflict):
    """More than {limit} agents wait for each other: {chain}. Use a trigger."""

    code = "call_too_deep"


class MailboxFull(AgentError):
    """{agent_id} has {limit} messages waiting and takes no more for now: try again later."""

    code = "mailbox_full"
    status = 429


class DocumentTooLarge(AgentError):
    """The document of {agent_id} would have {size} bytes, more than {limit}: use a collection."""

    code = "document_too_large"
    status = 413


class FileTooLarge(AgentError):
    """{name} would have {size} bytes: a file of an agent may have {limit}."""

    code = "file_too_large"
    status = 413


class FileNotValid(AgentError):
    """A file cannot be called {name}: {reason}."""

    code = "file_not_valid"
    status = 422


class NoSuchFile(NotFound):
    """{agent_id} has no file {name}."""

    code = "file_not_found"


class UploadGone(Conflict):
    """Nothing is uploaded for the file {name} of {agent_id}, or too long ago: upload it again."""

    code = "upload_gone"


class AgentExists(Conflict):
    """{agent_id} exists with another environment, which cannot be changed: use another key."""

    code = "agent_exists"


class AgentInterrupted(AgentError):
    """{agent_id} is interrupted: its mail waits and its commands are refused until it is resumed.

    Queries answer as ever.
    """

    code = "agent_interrupted"
    status = 503


class AgentFailed(Conflict):
    """{agent_id} has failed: an operator must revert, update or delete it."""

    code = "agent_failed"


class AgentExited(Conflict):
    """{agent_id} has ended: it can be read, and deleted to begin anew."""

    code = "agent_exited"


class AgentDeleted(Conflict):
    """{agent_id} was deleted while this call waited for it: call again to begin it anew."""

    code = "agent_deleted"


class NoSuchAgent(NotFound):
    """There is no agent {agent_id}: it would exist from its first command on."""

    code = "agent_not_found"


class NoSuchInvocation(NotFound):
    """{agent_id} neither has nor had an invocation {message_id}."""

    code = "invocation_not_found"


class OperationNotAllowed(Conflict):
    """{operation} is not possible, {agent_id} is {status}: {way_out}."""

    code = "operation_not_allowed"


class UpdateRefused(Conflict):
    """{agent_id} cannot be updated to version {version}: {reason}."""

    code = "update_refused"


class RevertRefused(Conflict):
    """{agent_id} cannot be reverted: {reason}."""

    code = "revert_refused"


class NoSuchRollout(NotFound):
    """There is no rollout {rollout_id}."""

    code = "rollout_not_found"


class RolloutNotAllowed(Conflict):
    """The rollout {rollout_id} is {status}: it cannot {what}."""

    code = "rollout_not_allowed"


class AgentVersionUnknown(AgentError):
    """Version {version} of {agent_type} is not in the code: deploy it again, or update its agents.

    They keep their state and mail until then.
    """

    code = "agent_version_unknown"
    status = 503


class EffectFailed(AgentError):
    """{method} failed after {attempts} attempts: {error}."""

    code = "effect_failed"
    status = 502


class EffectOutcomeUnknown(AgentError):
    """Nobody knows whether {method} has happened: what ran it ended in the middle of it."""

    code = "effect_outcome_unknown"
    status = 502


class AgentUnavailable(AgentError):
    """{agent_id} cannot answer just now: {reason}. Try again in a moment."""

    code = "agent_unavailable"
    status = 503
