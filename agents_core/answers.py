"""Answers kept under an idempotency key where no turn keeps them: queries, ephemeral agents.

A durable agent's command commits its outcome with what it did. These have no commit of their own:
their answer is kept when it is there. Asked again after a crash in between, they run again, and the
commands they call answer from their own records.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents_core import context, database, store
from agents_core.engine import on_connection
from agents_core.errors import AgentError, IdempotencyKeyReused
from agents_core.keys import Key, Outcome, result_of

TRY_AGAIN = (429, 503)
"""Refusals of these statuses are no answer: the same request may well succeed later."""


def answer_once(agent_id: str, what: str, answer: Callable[[], Any]) -> Any:
    """What `answer` gives (a JSON value) or refuses; under a key, the first answer again.

    `what` tells whether a key comes again for the same. Of two at once with one key both may run,
    and both get the answer that was kept first.
    """
    key = Key.given(agent_id, what)
    if key is None:
        return answer()
    known = on_connection(lambda: key.known(database.connection()), agent_id)
    if known is not None:
        return result_of(known)
    try:
        found = answer()
    except AgentError as refusal:
        keep_refusal(key, refusal)
        raise
    finally:
        _say_new()
    return result_of(on_connection(lambda: _keep(key, {"result": found}), agent_id))


def _say_new() -> None:
    """What it called may have answered from its record; the answer itself is new."""
    block = context.current_calling()
    if block is not None:
        block.replayed = False


def keep_refusal(key: Key, refusal: AgentError) -> None:
    """Let the key answer with this refusal from now on, unless that says "try again"."""
    if not isinstance(refusal, IdempotencyKeyReused) and refusal.status not in TRY_AGAIN:
        on_connection(lambda: _keep(key, {"refusal": refusal.to_json()}), key.agent_id)


def _keep(key: Key, outcome: Outcome) -> Outcome:
    connection = database.connection()
    known = key.known(connection)
    if known is None:
        store.send(connection, store.Writes(outcomes=[key.row(outcome)]))
    return known or outcome
