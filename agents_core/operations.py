"""What operators do to agents. Every door (REST, command, admin) goes through these functions.

Each takes the agent's lock, does what it does in one transaction and once, and records who did it.
Which of them is possible in which status is the table `lifecycle.ALLOWED`.
"""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from pydantic import JsonValue

from agents_core import (
    clock,
    database,
    effects,
    history,
    lifecycle,
    oplog,
    registry,
    retention,
    store,
    updates,
)
from agents_core.errors import (
    ArgumentsNotValid,
    NoSuchAgent,
    NoSuchInvocation,
    UpdateRefused,
)
from agents_core.lifecycle import Operation, Rule, Status
from agents_core.methods import MethodKind, find_method
from agents_core.operating import Operating, operate, under_lock
from agents_core.retention import Pruned
from agents_core.updates import Mode, NotUpdated, Outcome


def interrupt(agent_id: str, *, by: str) -> None:
    """Stop an agent before its next command: mail waits, commands are refused, queries answer.

    What it is doing now is done first. Again: nothing happens.
    """

    def act(operating: Operating) -> None:
        if operating.expect_allowed(Operation.INTERRUPT) is Rule.DONE:
            operating.note(oplog.INTERRUPT)
            operating.activation.status = Status.INTERRUPTED

    operate(agent_id, Operation.INTERRUPT, by, {}, act)


def resume(agent_id: str, *, by: str) -> None:
    """Let an interrupted agent go on with its mail, or try what faulted at once."""

    def act(operating: Operating) -> None:
        if operating.expect_allowed(Operation.RESUME) is Rule.DONE:
            operating.note(oplog.RESUME)
            store.try_at_once(operating.connection, agent_id)
            operating.activation.status = Status.IDLE
            operating.wakes = True

    operate(agent_id, Operation.RESUME, by, {}, act)


def cancel(agent_id: str, message_id: str, *, by: str) -> bool:
    """Take a waiting message out of the mailbox, or what is scheduled under that name.

    True: it waited, and will never run. False: it has run, or was given up on. A message nobody
    knows is refused; plumbing types do not record which messages they ran.
    """

    def act(operating: Operating) -> bool:
        if store.cancel_schedule(operating.connection, agent_id, message_id):
            operating.note(oplog.CANCEL, message=message_id)
            return True
        id_ = _message_id(agent_id, message_id)
        message = store.waiting_message(operating.connection, agent_id, id_)
        if message is None:
            if store.was_run(operating.connection, agent_id, id_):
                return False
            raise NoSuchInvocation(agent_id=agent_id, message_id=message_id)
        operating.turn.drafts.done.append((agent_id, id_.bytes))
        effect = oplog.answered(message.args)
        operating.note(oplog.CANCEL, message=str(id_), method=message.method, **effect)
        return True

    return operate(agent_id, Operation.CANCEL, by, {"message": message_id}, act, must_exist=False)


def retry(
    agent_id: str, message_id: str, *, by: str, args: dict[str, JsonValue] | None = None
) -> None:
    """Put a dead letter back into the mailbox, or have an effect that failed run anew, all its
    tries and its deadline too; with other arguments if given."""
    id_ = _message_id(agent_id, message_id)

    def act(operating: Operating) -> None:
        operating.expect_allowed(Operation.RETRY)
        letter = store.dead_letter(operating.connection, agent_id, id_)
        if letter is None:
            return _ask_again(operating, id_, args)
        edited = None
        if args is not None:
            agent_class = operating.activation.agent_class
            spec = find_method(
                agent_class.methods, agent_class.agent_type, letter.method, MethodKind.COMMAND
            )
            edited = spec.encode((), spec.decode(orjson.dumps(args)))
        store.redeliver(operating.connection, agent_id, id_, edited)
        edits = {} if edited is None else {"args": orjson.Fragment(edited)}
        operating.note(oplog.REDELIVER, message=str(id_), method=letter.method, **edits)
        operating.wakes = True

    details = {"message": str(id_)} | ({} if args is None else {"args": args})
    operate(agent_id, Operation.RETRY, by, details, act, must_exist=False)


def _ask_again(operating: Operating, id_: uuid.UUID, args: dict[str, JsonValue] | None) -> None:
    failed = _failed_effect(operating, id_)
    edited = None
    if args is not None:
        spec = effects.find(failed.target, failed.method)
        edited = spec.encode((), spec.decode(orjson.dumps(args)))
    store.retry_effect(operating.connection, failed.agent_id, id_, clock.now(), edited)
    edits = {} if edited is None else {"args": orjson.Fragment(edited)}
    operating.note(oplog.REDELIVER, effect=str(id_), method=failed.method, **edits)
    operating.effects.append(str(id_))


def _failed_effect(operating: Operating, id_: uuid.UUID) -> store.FailedEffect:
    agent_id = operating.activation.id
    failed = store.failed_effect(operating.connection, agent_id, id_)
    if failed is None:
        raise NoSuchInvocation(agent_id=agent_id, message_id=str(id_))
    return failed


def discard(agent_id: str, message_id: str, *, by: str) -> None:
    """Throw a dead letter away, or an effect that failed. What it said stays in the record of the
    operation."""
    id_ = _message_id(agent_id, message_id)
    details: dict[str, Any] = {"message": str(id_)}

    def act(operating: Operating) -> None:
        letter = store.dead_letter(operating.connection, agent_id, id_)
        if letter is None:
            failed = _failed_effect(operating, id_)
            details.update(to=failed.target, method=failed.method, args=failed.args)
            store.discard_effect(operating.connection, agent_id, id_)
            operating.note(oplog.DISCARD, effect=str(id_), method=failed.method)
            return
        details.update(method=letter.method, args=letter.args)
        store.discard(operating.connection, agent_id, id_)
        operating.note(oplog.DISCARD, message=str(id_), method=letter.method)

    operate(agent_id, Operation.DISCARD, by, details, act, must_exist=False)


def delete(agent_id: str, *, by: str) -> None:
    """Delete an agent: document, collections, oplog, mail, schedules, keys.

    Who waits for it is refused (`agent_deleted`). A later command begins it from scratch, with
    another incarnation; nothing that was sent to this one reaches it.
    """

    def act(operating: Operating) -> None:
        if not store.delete_agent(operating.connection, agent_id):
            raise NoSuchAgent(agent_id=agent_id)

    operate(agent_id, Operation.DELETE, by, {}, act, must_exist=False)


def revert(
    agent_id: str, *, to_revision: int | None = None, last: int | None = None, by: str
) -> int:
    """Put an agent's document, collections, files and version back to what they were, and give the
    revision it has now.

    To what it was after the entry `to_revision`, or before the `last` so many commands that were
    done and not reverted since. Nothing is erased: a revert can be reverted. What was sent stays
    sent; mail, schedules and the answers of effects still come, and calls with a known key get the
    answer of then. A failed agent works again, and tries anew what it failed at. Refused
    (`revert_refused`, with the reason) where the oplog does not tell, or has no such entry.
    """
    if (to_revision is None) == (last is None) or (last is not None and last < 1):
        reason = "give either to_revision or last, and that is at least 1"
        problem = {"type": "value_error", "loc": ["to_revision"], "msg": reason}
        raise ArgumentsNotValid(method="revert", errors=[problem])
    details: dict[str, Any] = {"to_revision": to_revision} if last is None else {"last": last}

    def act(operating: Operating) -> int:
        operating.expect_allowed(Operation.REVERT)
        activation, to = operating.activation, to_revision
        if to is None:
            assert last is not None
            to = history.before_last(operating.connection, activation, last)
        history.revert(operating.turn, activation, to, by)
        details["to_revision"] = to
        _forgive(operating)
        return activation.revision

    return operate(agent_id, Operation.REVERT, by, details, act)


def _forgive(operating: Operating) -> None:
    """End a failure: what faulted is tried anew."""
    activation = operating.activation
    if activation.status == Status.FAILED:
        store.forgive_faults(operating.connection, activation.id)
        activation.status = Status.IDLE
        operating.wakes = True


def update(agent_id: str, version: int, mode: Mode = "manual", *, by: str) -> Outcome:
    """Let an agent become another version of its type, newer or older.

    A manual update is queued behind the mail that waits; that of a failed agent goes before it. An
    automatic one is done at once. What a failed agent faulted at is tried anew after either. If it
    fails the agent goes on in the version it has: the oplog says why (`update-failed`). Refused at
    once (`update_refused`) where nothing would change, the same update waits already, or the code
    does not have the version.
    """

    def act(operating: Operating) -> Outcome:
        operating.expect_allowed(Operation.UPDATE)
        reason = _why_not_update(operating, version, mode)
        if reason:
            raise UpdateRefused(agent_id=agent_id, version=version, reason=reason)
        if mode == "manual":
            _ask_for_update(operating, version, by)
        else:
            updates.run_automatic(operating.turn, operating.activation, version, by)
        _forgive(operating)
        return Outcome("queued" if mode == "manual" else "updated")

    details: dict[str, Any] = {"version": version, "mode": mode}
    try:
        return operate(agent_id, Operation.UPDATE, by, details, act, load=_outcome)
    except NotUpdated as failure:
        failed = failure.outcome

    def note(operating: Operating) -> Outcome:
        facts = updates.automatic_facts(operating.activation, version, by)
        operating.note(oplog.UPDATE_FAILED, **facts, reason=failed.reason, diff=failed.diff)
        details["failed"] = failed.reason
        return failed

    return operate(agent_id, Operation.UPDATE, by, details, note, load=_outcome)


def _outcome(result: dict[str, Any]) -> Outcome:
    return Outcome(**result)


def _why_not_update(operating: Operating, version: int, mode: Mode) -> str | None:
    activation = operating.activation
    known = registry.versions_of(activation.agent_class.agent_type)
    if version not in known:
        return f"the code has the versions {known}"
    waiting = store.updates_waiting(operating.connection, activation.id, updates.METHOD)
    if version in waiting:
        return "the same update waits already"
    if version == activation.version and not (waiting and mode == "manual"):
        return "it has that version"
    return None


def _ask_for_update(operating: Operating, version: int, by: str) -> None:
    activation = operating.activation
    id_ = clock.outsiders_message_id(by)
    if activation.status == Status.FAILED:
        id_ = clock.ordered_uuid(0, id_.int & (1 << 62) - 1)  # before what it failed at
    facts = {"from": activation.version, "to": version, "mode": "manual", "message": str(id_)}
    operating.note(oplog.UPDATE_ASKED, **facts)
    args = orjson.dumps({"version": version, "by": by}).decode()
    operating.turn.drafts.sent.append((activation.id, id_, None, updates.METHOD, args))
    operating.wakes = True


def prune(agent_type: str, days: float, *, by: str) -> Pruned:
    """Delete what all agents of a type did more than so many days ago, whatever their type says:
    an operation on the type. What that leaves, `retention` says."""
    registry.find(agent_type)
    now = clock.now()
    noted = store.OperationRow(uuid.uuid4(), now, by, "prune", agent_type, {"days": days})
    store.add_operation(database.connection(), noted)
    return retention.prune(agent_type, days)


def rebuild(agent_id: str) -> bool:
    """Find an agent's status, version and revision anew from its oplog; True: they were wrong."""

    def act(operating: Operating) -> bool:
        if not operating.activation.exists:
            raise NoSuchAgent(agent_id=agent_id)
        life = lifecycle.fold(store.entries(operating.connection, agent_id))
        return store.rebuild(operating.connection, agent_id, life.version, life.status)

    return under_lock(agent_id, act, by="")


def rebuild_all() -> int:
    """`rebuild` every agent; how many had wrong columns."""
    wrong, after = 0, ""
    while page := store.agents_after(database.connection(), after, 1_000):
        wrong += sum(map(rebuild, page))
        after = page[-1]
    return wrong


def _message_id(agent_id: str, message_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(message_id)
    except ValueError:
        raise NoSuchInvocation(agent_id=agent_id, message_id=message_id) from None
