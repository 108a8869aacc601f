"""Answers kept under an idempotency key where no turn keeps them: queries, ephemeral agents.

A durable agent's command commits its outcome with what it did. These have no commit of their own:
their answer is kept when it is there. Asked again after a crash in between, they run again, and the
commands they call answer from their own records.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents_core import context, database, store
from agents_core.calls import Call
from agents_core.context import Target
from agents_core.engine import on_connection, outcome_row
from agents_core.errors import AgentError, IdempotencyKeyReused
from agents_core.text import storable_json

Outcome = dict[str, Any]


def answer_once(target: Target, answer: Callable[[], Any]) -> Any:
    """What `answer` gives (a JSON value) or refuses; under a key, the first answer again.

    Of two at once with one key both may run, and both get the answer that was kept first.
    """
    block = context.current_calling()
    key = block.next_key() if block else None
    if block is None or key is None:
        return answer()
    call = Call(target, block.caller.name, key)
    known = on_connection(lambda: _known(call), target.agent_id)
    outcome = known
    if outcome is None:
        found = _outcome_of(answer)
        outcome = on_connection(lambda: _keep(call, found), target.agent_id)
    block.replayed = known is not None
    if "refusal" in outcome:
        raise AgentError.from_json(outcome["refusal"])
    return outcome["result"]


def _outcome_of(answer: Callable[[], Any]) -> Outcome:
    try:
        return {"result": answer()}
    except AgentError as refusal:
        return {"refusal": refusal.to_json()}


def _known(call: Call) -> Outcome | None:
    known = store.known_invocation(database.connection(), call.target.agent_id, call.key or "")
    if known is None:
        return None
    if bytes(known[0]) != call.args_hash:
        raise IdempotencyKeyReused()
    return known[1]


def _keep(call: Call, outcome: Outcome) -> Outcome:
    known = _known(call)
    if known is not None:
        return known
    row = outcome_row(call, storable_json(outcome).decode())
    store.send(database.connection(), store.Writes(outcomes=[row]))
    return outcome
