"""What changes agents' lives and mail: one by one, or all that a filter finds."""

from argparse import Namespace

from agents_core import bulk, operations, operators
from agents_core.shown import BulkView
from operators.command.asking import confirm, counted, needs
from operators.command.choosing import chosen_agents, chosen_letters
from operators.command.output import Output


class SomeRefused(Exception):
    """Some of many were refused; they have been told of."""


def interrupt(given: Namespace, out: Output) -> None:
    """Stop agents before their next command."""
    _tell(bulk.interrupt(chosen_agents(given, "Interrupt"), by=given.by), "interrupted", out)


def resume(given: Namespace, out: Output) -> None:
    """Let agents go on."""
    _tell(bulk.resume(chosen_agents(given, "Resume"), by=given.by), "resumed", out)


def delete(given: Namespace, out: Output) -> None:
    """Delete agents with all that belongs to them."""
    found = chosen_agents(given, "Delete, with everything that belongs to them,", destroys=True)
    _tell(bulk.delete(found, by=given.by), "deleted", out)


def revert(given: Namespace, out: Output) -> None:
    """Put an agent back to what it was; nothing is erased."""
    agent_id = operators.identify(given.agent).id
    revision = operations.revert(agent_id, to_revision=given.to, last=given.last, by=given.by)
    out.give({"revision": revision}, f"Reverted. It has the revision {revision} now.")


def cancel(given: Namespace, out: Output) -> None:
    """Cancel a message or schedule of an agent, or all that waits for agents."""
    if given.message:
        agent_id = operators.identify(given.agent).id
        cancelled = operations.cancel(agent_id, given.message, by=given.by)
        told = "Cancelled." if cancelled else "It has run, or was given up on or cancelled before."
        out.give({"cancelled": cancelled}, told)
        return
    given.agents = [given.agent] if given.agent else []
    found = chosen_agents(given, "Cancel all that waits for", destroys=True)
    waiting = (mail for one in found for mail in bulk.messages(one, ("message", "schedule")))
    _tell(bulk.cancel(waiting, by=given.by), "cancelled", out)


def retry(given: Namespace, out: Output) -> None:
    """Put dead letters back into their mailboxes."""
    if given.message:
        agent_id = operators.identify(given.agent).id
        operations.retry(agent_id, given.message, by=given.by, args=given.whole)
        _tell(BulkView(done=1), "waiting again", out)
        return
    needs(given, given.whole is None, "--args is for one message: name it")
    _tell(bulk.retry(chosen_letters(given, "Retry"), by=given.by), "waiting again", out)


def discard(given: Namespace, out: Output) -> None:
    """Throw dead letters away."""
    if given.message:
        agent_id = operators.identify(given.agent).id
        confirm(given, f"Throw the dead letter {given.message} away for good?")
        operations.discard(agent_id, given.message, by=given.by)
        _tell(BulkView(done=1), "discarded", out)
        return
    found = chosen_letters(given, "Throw away for good", destroys=True)
    _tell(bulk.discard(found, by=given.by), "discarded", out)


def _tell(result: BulkView, done: str, out: Output) -> None:
    told = [f"{result.done:,} {done}."] if result.done or not result.refused else []
    out.give(result, *told)
    for one in result.refusals:
        out.say(one.detail if one.agent_id in one.detail else f"{one.agent_id}: {one.detail}")
    if untold := result.refused - len(result.refusals):
        out.say(f"And {counted(untold, 'other')}.")
    if result.refused:
        raise SomeRefused
