"""An idempotency key, and the outcome that is kept for it."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from agents_core import clock, context, store
from agents_core.config import options
from agents_core.errors import AgentError, IdempotencyKeyReused
from agents_core.text import storable_json
from agents_core.wire import Connection

Outcome = dict[str, Any]
"""`{"result": JSON}` or `{"refusal": {"code", "facts"}}`."""


class Key(NamedTuple):
    """A caller's name for one thing done on one agent; the hash tells whether it is that again."""

    agent_id: str
    key: str
    args_hash: bytes

    @classmethod
    def given(cls, agent_id: str, what: str) -> Key | None:
        """The next key of the `calling` block this is in, if it has keys."""
        block = context.current_calling()
        key = block.next_key() if block else None
        return None if key is None else cls(agent_id, key, hash_of(what))

    def known(self, connection: Connection) -> Outcome | None:
        """The outcome kept for it; refuses a key that comes again for something else.

        The `calling` block is told that this is a repeated answer.
        """
        found = store.known_invocation(connection, self.agent_id, self.key)
        if found is None:
            return None
        if bytes(found[0]) != self.args_hash:
            raise IdempotencyKeyReused()
        block = context.current_calling()
        if block is not None:
            block.replayed = True
        return found[1]

    def row(self, outcome: Outcome) -> tuple[Any, ...]:
        """What a turn writes to keep it, for as long as promised."""
        expires = clock.micros() + options().idempotency_hours * clock.HOUR
        text = storable_json(outcome).decode()
        return (self.agent_id, self.key, self.args_hash, text, expires)


def hash_of(what: str) -> bytes:
    """Tells whether two texts are the same."""
    return hashlib.blake2b(what.encode(), digest_size=16).digest()


def result_of(outcome: Outcome) -> Any:
    """The result kept; raises the refusal kept."""
    if "refusal" in outcome:
        raise AgentError.from_json(outcome["refusal"])
    return outcome["result"]
