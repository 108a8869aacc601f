"""Other versions of the code: for agents named, or for a type in a rollout."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from agents_core import AgentError, operations, rollouts
from agents_core.store import RolloutRow
from operators.command.asking import confirm, counted, needs
from operators.command.choosing import named_agents
from operators.command.doing import SomeRefused
from operators.command.output import Output, table

_NOT_DONE = ("refused", "failed")


def update(given: Namespace, out: Output) -> None:
    """Give agents another version: the named ones, or all of a type, a share of them first."""
    filtered = given.type is not None
    needs(given, filtered != bool(given.agents), "name agents, or choose them by --type")
    if filtered:
        _roll_out(given, out)
        return
    needs(given, given.status is given.version is None, "--status and --version go with --type")
    items = [_update(one, given) for one in named_agents(given)]
    told = [f"{one['agent_id']}: {one['what']}" for one in items if one["what"] not in _NOT_DONE]
    out.give({"items": items}, *told)
    for one in items:
        if one["what"] == "refused":
            out.say(one["reason"])
        elif one["what"] == "failed":
            out.say(f"{one['agent_id']} keeps its version: {one['reason']}")
    if any(one["what"] in _NOT_DONE for one in items):
        raise SomeRefused


def _update(agent_id: str, given: Namespace) -> dict[str, Any]:
    """What became of it; a refusal stops none of the others."""
    try:
        outcome = operations.update(agent_id, given.to, given.mode, by=given.by)
    except AgentError as refusal:
        return {"agent_id": agent_id, "what": "refused", "reason": refusal.message, "diff": None}
    return {"agent_id": agent_id, **asdict(outcome)}


def _roll_out(given: Namespace, out: Output) -> None:
    plan = rollouts.plan(
        given.type,
        given.to,
        given.mode,
        by=given.by,
        canary=given.canary,
        max_failures=given.max_failures,
        from_version=given.version,
        status=given.status,
    )
    if plan.total:
        confirm(given, f"Update {counted(plan.total, 'agent')} to version {plan.version}?")
    _follow(rollouts.begin(plan), out)


def rollout(given: Namespace, out: Output) -> None:
    """Follow a rollout to its end, pause it, or let it go on."""
    if given.pause:
        rollouts.pause(given.rollout, by=given.by)
        row = rollouts.progress(given.rollout)
        out.give(asdict(row), _told(row))
        return
    if given.resume:
        rollouts.resume(given.rollout, by=given.by)
    _follow(given.rollout, out)


def _follow(rollout_id: str, out: Output) -> None:
    """Take it further and tell how far it is, until it is done or paused."""
    row = rollouts.progress(rollout_id)
    out.say(f"Rollout {row.id}. Ctrl-C leaves it to the workers.")
    try:
        for row in rollouts.follow(rollout_id):
            if row.status == "running":
                out.say(_told(row))
    except KeyboardInterrupt:
        out.say("The workers take it further.")
        raise SystemExit(130) from None
    out.give(asdict(row), _told(row))
    if row.status == "paused":
        out.say(f"Once you know why: manage.py agents rollout {row.id} --resume")
    if row.status != "done" or row.failed:
        raise SomeRefused


def _told(row: RolloutRow) -> str:
    counts = f"{row.updated:,} of {row.total:,} updated, {row.failed:,} failed"
    waiting = f", {row.waiting:,} waiting their turn" if row.waiting else ""
    ending = f"; the last: {row.last_error}" if row.last_error else ""
    return f"{row.status}: {counts}{waiting}{ending}"


def list_rollouts(given: Namespace, out: Output) -> None:
    """Updates of many agents, the newest first."""
    found = rollouts.newest(given.limit)
    rows = [
        (
            row.id,
            row.type,
            row.version,
            row.by,
            f"{row.started_at:%F %T}",
            row.status,
            row.total,
            row.updated,
            row.failed,
            row.last_error,
        )
        for row in found
    ]
    headings = ["ROLLOUT", "TYPE", "TO", "BY", "STARTED (UTC)", "STATUS", "AGENTS", "UPDATED"]
    headings += ["FAILED", "LAST ERROR"]
    out.give({"items": [asdict(row) for row in found]}, table(headings, rows))
