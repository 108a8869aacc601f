"""Durable agents on PostgreSQL: identity, a document, a public API and a mailbox each.

What an author needs is here; `agents_core/README.md` says what is promised.
"""

from agents_core.agent import DurableAgent, EphemeralAgent, Parameter
from agents_core.collections import Collection, Entry, Page
from agents_core.context import Caller, calling
from agents_core.effect_answer import Answer
from agents_core.errors import (
    AgentError,
    AgentUnavailable,
    ArgumentsNotValid,
    Conflict,
    EffectFailed,
    EffectOutcomeUnknown,
    Forbidden,
    NotFound,
    Rejected,
)
from agents_core.files import AgentFile
from agents_core.methods import command, effect, query
from agents_core.retry import EffectPolicy, RetryPolicy
from agents_core.search import SearchFields

__all__ = [
    "AgentError",
    "AgentFile",
    "AgentUnavailable",
    "Answer",
    "ArgumentsNotValid",
    "Caller",
    "Collection",
    "Conflict",
    "DurableAgent",
    "EffectFailed",
    "EffectOutcomeUnknown",
    "EffectPolicy",
    "Entry",
    "EphemeralAgent",
    "Forbidden",
    "NotFound",
    "Page",
    "Parameter",
    "Rejected",
    "RetryPolicy",
    "SearchFields",
    "calling",
    "command",
    "effect",
    "query",
]
