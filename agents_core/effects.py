"""Running effects: what agents ask of the outside world, in a worker, after their commit.

A process claims one effect at a time for the length of a lease, renews the lease while it runs it,
and holds no lock and no transaction meanwhile. Hints, retries and the sweeper may name an effect
too often or not at all: only who claims it runs it, and only who still holds the claim ends it.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
import psycopg

from agents_core import clock, context, database, hints, registry, store, trace
from agents_core.config import options
from agents_core.context import EffectRun
from agents_core.errors import AgentError, AgentUnavailable, EffectFailed, EffectOutcomeUnknown
from agents_core.identity import split_id
from agents_core.methods import EffectOptions, MethodKind, MethodSpec, find_method
from agents_core.retry import EffectPolicy, back_off
from agents_core.store.effects import Claimed, Ending
from agents_core.text import storable, storable_json

logger = logging.getLogger(__name__)

MAX_ERROR = 2_000
"""Characters kept of an error."""
SWEEP_LIMIT = 1_000
STALE = timedelta(seconds=1)
"""What has been due for so long was hinted at before: the hint is lost, or its queue is long."""
DIED = "the process that ran it died"
OVERDUE = "its deadline passed"


def run_one() -> bool:
    """Run an effect that is due and that nobody runs; False: there is none, or the database is
    away. Safe to call too often and in many processes at once."""
    held = _claim()
    if held is None:
        return False
    known = {"agent_id": held.target, "method": held.method, "invocation_id": str(held.id)}
    with _leases.renewed(held), trace.about(**known):
        _finish(held, _run(held))
    return True


def sweep() -> int:
    """Have what is due run although its hint was lost or its process died; how many hints that
    took. There are never many more hints than effects: who follows one runs whichever is due."""
    due = store.count_free_effects(
        database.connection("search"), clock.now() - STALE, _types(), SWEEP_LIMIT
    )
    missing = max(0, due - hints.queue_length(hints.EFFECTS)) if due else 0
    hints.announce([([f"swept-{number}" for number in range(missing)], hints.EFFECTS, None)])
    return missing


def find(target: str, method: str) -> MethodSpec:
    """The effect of that name."""
    agent_class = registry.find(split_id(target)[0])
    return find_method(agent_class.methods, agent_class.agent_type, method, MethodKind.EFFECT)


def _types() -> list[str]:
    """Types with effects; those a newer version of the code has are for its own processes."""
    return [
        found.agent_type
        for found in registry.all_types()
        if any(spec.kind is MethodKind.EFFECT for spec in found.methods.values())
    ]


def _lease() -> timedelta:
    return timedelta(milliseconds=options().effect_lease_ms)


def _claim() -> Claimed | None:
    now = clock.now()
    try:
        database.connect_anew_if_stale()
        return store.claim_effect(
            database.connection(), uuid.uuid4(), now, now + _lease(), _types()
        )
    except psycopg.Error as error:
        database.reset()
        if not database.is_passing(error):
            raise
        logger.warning("no effect is run, the database is away: %s", error)
        return None


# one try


def _run(held: Claimed) -> Ending:
    """Try it, if it may still be tried."""
    how = EffectOptions(EffectPolicy(), idempotent=True)
    try:
        spec = find(held.target, held.method)
        how = spec.effect or how
        type_name, key = split_id(held.target)
        agent = registry.find(type_name)(held.target, key)
        arguments = spec.decode(held.args)
    except AgentError as gone:
        # of an older or newer version of the code, which may know it
        return _failed(held, how, gone)
    if (ending := _too_late(held, how)) is not None:
        return ending
    caller = None if held.agent_id == held.target else held.agent_id
    agent.__dict__["_frame"] = EffectRun(clock.micros(), caller, held.id.int, str(held.id))
    try:
        with context.calling(held.target):
            result = spec.function(agent, **arguments)
    except AgentUnavailable as fault:
        return _failed(held, how, fault)
    except AgentError as refusal:
        return _refused(held, refusal, f"{refusal.code}: {refusal}")
    except Exception as fault:
        return _failed(held, how, fault)
    try:
        encoded = spec.dump_result(result)
    except (TypeError, ValueError) as fault:
        return _given_up(held, _text_of(fault))  # it has happened: another try would be no better
    answer = {"effect": str(held.id), "attempts": held.attempts, "result": orjson.Fragment(encoded)}
    return Ending(answer=orjson.dumps(answer).decode())


def _too_late(held: Claimed, how: EffectOptions) -> Ending | None:
    """How it ends without a try; None: it may be tried."""
    if held.abandoned and not how.idempotent:
        unknown = EffectOutcomeUnknown(method=_name(held))
        return _refused(held, unknown, DIED, attempts=held.attempts - 1)
    if held.attempts > how.retry.attempts:
        return _given_up(held, DIED, attempts=held.attempts - 1)
    if _is_over(held, how, 0.0):
        error = f"{OVERDUE}; {held.last_error}" if held.last_error else OVERDUE
        return _given_up(held, error, attempts=held.attempts - 1)
    return None


def _is_over(held: Claimed, how: EffectOptions, seconds: float) -> bool:
    """Whether the deadline will have passed after so many seconds."""
    if how.retry.deadline is None:
        return False
    waited = (clock.now() - held.asked_at).total_seconds()
    return waited + seconds > how.retry.deadline


def _failed(held: Claimed, how: EffectOptions, fault: Exception) -> Ending:
    error = _text_of(fault)
    delay = None
    if isinstance(fault, how.retry.on):
        delay = how.retry.seconds_after(held.attempts, chance=random.random())
    if delay is None or _is_over(held, how, delay):
        logger.warning("%s failed for good: %s", _name(held), error, exc_info=fault)
        return _given_up(held, error)
    logger.info("%s will be tried again: %s", _name(held), error)
    return Ending(error=error, again=clock.now() + timedelta(seconds=delay))


def _given_up(held: Claimed, error: str, *, attempts: int | None = None) -> Ending:
    tried = held.attempts if attempts is None else attempts
    refusal = EffectFailed(method=_name(held), error=error, attempts=tried)
    return _refused(held, refusal, error, attempts=tried)


def _refused(
    held: Claimed, refusal: AgentError, error: str, *, attempts: int | None = None
) -> Ending:
    """The refusal is the answer; where nobody waits for one it stays, for operators to see."""
    if not held.asked:
        logger.error("%s failed, and nobody waits for it: %s", _name(held), error)
        return Ending(error=storable(error)[:MAX_ERROR])
    tried = held.attempts if attempts is None else attempts
    answer = {"effect": str(held.id), "attempts": tried, "refusal": refusal.to_json()}
    return Ending(answer=storable_json(answer).decode())


def _text_of(fault: Exception) -> str:
    return storable(f"{type(fault).__name__}: {fault}")[:MAX_ERROR]


def _name(held: Claimed) -> str:
    return f"{held.target}.{held.method}"


def _finish(held: Claimed, ending: Ending) -> None:
    """Write how it ended. What was done in the outside world is not lost with a connection: it is
    tried for as long as the lease would last."""
    message = clock.outsiders_message_id(held.target)
    patience = time.monotonic() + _lease().total_seconds()
    tries = 0
    while True:
        tries += 1
        try:
            database.connect_anew_if_stale()
            ours = store.finish_effect(database.connection(), held, ending, message, clock.now())
            break
        except psycopg.Error as error:
            database.reset()
            if not database.is_passing(error) or time.monotonic() > patience:
                raise
            logger.warning("%s: its end is written in a moment: %s", _name(held), error)
        back_off(tries)
    if not ours:
        logger.warning("%s was ended already, or taken over by another process", _name(held))
    elif ending.again is not None:
        hints.announce_later({str(held.id): (hints.EFFECTS, ending.again.timestamp())})
    elif ending.answer is not None and held.asked:
        _announce_mail(held.agent_id)


def _announce_mail(agent_id: str) -> None:
    try:
        agent_class: Any = registry.find(split_id(agent_id)[0])
    except AgentError:
        return  # of a version of the code whose processes will find it
    hints.announce([([agent_id], agent_class.lane, None)])


# leases


class Leases:
    """Renews the claims of what this process runs, from a thread started when first needed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: dict[uuid.UUID, Claimed] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def renewed(self, held: Claimed) -> Iterator[None]:
        """Keep the claim while inside."""
        with self._changed:
            self._held[held.claim] = held
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                del self._held[held.claim]

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._held)
            time.sleep(options().effect_renew_ms / 1000)  # a lease is renewed by the clock
            with self._changed:
                held = list(self._held.values())
            try:
                self._renew(held)
            except Exception as error:  # whatever it is, the next time may be better
                database.discard()
                logger.warning("%d effects have no longer lease: %s", len(held), error)

    def _renew(self, held: list[Claimed]) -> None:
        if not held:
            return
        kept = store.renew_effects(database.connection(), held, clock.now() + _lease())
        for lost in held:
            if lost.claim not in kept and lost.claim in self._held:
                logger.warning("%s has been taken over by another process", _name(lost))


_leases = Leases()


def _after_fork() -> None:
    global _leases
    _leases = Leases()


os.register_at_fork(after_in_child=_after_fork)
