"""Every commit the runtime makes: who makes it, how to get there, and what must come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.edges import acts
from tests.faults.edges.acts import SAUCERS, Act

AGENT = "SELECT revision, status, version FROM agents_core_agent WHERE id = %s"
OTHER = "SELECT revision FROM agents_core_agent WHERE id = %s || '-2'"
KEYS = "SELECT key FROM agents_core_invocation WHERE agent_id = %s"
MAIL = "SELECT id, attempts, retry_at FROM agents_core_message WHERE agent_id = %s"
OTHERS_MAIL = "SELECT agent_id, id FROM agents_core_message WHERE agent_id LIKE %s || '-_'"
DEAD = "SELECT id FROM agents_core_deadletter WHERE agent_id = %s"
LEDGER = "SELECT taken FROM agents_core_attempt WHERE jsonb_exists(taken, %s)"
SCHEDULES = "SELECT name, due_at FROM agents_core_schedule WHERE agent_id = %s"
ASKED = "SELECT id FROM agents_core_effect WHERE agent_id = %s"
CLAIM = "SELECT attempts, due_at, claim, lease_until FROM agents_core_effect WHERE agent_id = %s"
ENTRIES = "SELECT index FROM agents_core_oplog WHERE agent_id = %s"
BLOBS = "SELECT id FROM agents_core_blob WHERE agent_id = %s"
FILES = "SELECT item FROM agents_core_item WHERE agent_id = %s AND name = '~files'"
DONE = "SELECT id, operation FROM agents_core_operation WHERE agent_id = %s"
ROLLOUT = 'SELECT status, claimed_until, after, updated FROM agents_core_rollout WHERE "by" = %s'
TURN = (AGENT, MAIL)
CALL = (AGENT, KEYS)

CLIENT, WORKER, OUTSIDE = "client", "interactive", "effects"


@dataclass(frozen=True)
class Case:
    """A commit, and a process that is killed at it."""

    name: str
    """As the documentation has it."""
    process: str
    """Who is killed."""
    act: Act
    """What leads there."""
    traces: tuple[str, ...]
    """What the commit changes: each of them, or none."""
    edge: str = "commit"
    """The function of `store` that commits, or a step between two commits."""
    commits: bool = True
    before: Act | None = None
    """What is done before."""
    breaks_postgres: bool = False
    """Whether PostgreSQL is killed too, on the way there."""
    then: Act | None = None
    """What is done when all is well again."""
    oplog: str | None = None
    """The kinds of the agent's entries in the end, whichever side it was; None: that differs."""
    drops: Mapping[str, int] = field(default_factory=lambda: {"": 1})
    """What is in each agent in the end, by the ends of their names."""
    agent_type: str = "pail"
    version: int = 2
    """Which all of them have in the end."""


CALLS = [
    Case("a call", CLIENT, acts.fill, CALL, oplog="command"),
    Case(
        "a call that calls another",
        CLIENT,
        acts.pour,
        (*CALL, OTHER),
        before=acts.fill,
        oplog="command command",
        drops={"": 0, "-2": 1},
    ),
    Case("a call that schedules", CLIENT, acts.plan, (KEYS,), oplog="command command"),
    Case("a call that writes a file", CLIENT, acts.label, (*CALL, FILES), oplog="command"),
    Case("a file stored", CLIENT, acts.label, (BLOBS,), edge="add_blob", oplog="command"),
    Case("a message sent", CLIENT, acts.send_fill, (KEYS,), edge="send", oplog="command"),
    Case("a schedule", CLIENT, acts.schedule, (KEYS,), edge="send", oplog="command"),
    Case(
        "a schedule cancelled",
        CLIENT,
        acts.unschedule,
        (SCHEDULES,),
        edge="cancel_schedule",
        before=acts.schedule_late,
        oplog="command",
    ),
    Case("an effect asked for", CLIENT, acts.ask, CALL, oplog="command command"),
]
MESSAGES = [
    Case("mail claimed", WORKER, acts.send_fill, (LEDGER,), edge="add_attempt", oplog="command"),
    Case("a message", WORKER, acts.send_fill, (*TURN, LEDGER), oplog="command"),
    Case(
        "a message that calls another",
        WORKER,
        acts.send_pour,
        (*TURN, OTHER),
        before=acts.fill,
        oplog="command command",
        drops={"": 0, "-2": 1},
    ),
    Case(
        "a message that sends others",
        WORKER,
        acts.send_hand_on,
        (*TURN, OTHERS_MAIL),
        oplog="command",
        drops={"": -3, "-2": 1, "-3": 1, "-4": 1},
    ),
    Case("an agent's last message", WORKER, acts.send_end, TURN, oplog="command exit"),
    Case(
        "a message given up",
        WORKER,
        acts.sift,
        (MAIL, DEAD),
        then=acts.retry_found,
        agent_type="sieve",
        version=1,
    ),
    Case(
        "a worker's death counted",
        WORKER,
        acts.send_fall,
        (MAIL, LEDGER),
        edge="count_attempt",
        oplog="command",
    ),
    Case(
        "a worker's death with PostgreSQL forgiven",
        WORKER,
        acts.send_fall,
        (LEDGER,),
        edge="remove_attempts",
        breaks_postgres=True,
        oplog="command",
    ),
    Case(
        "a schedule that is due",
        WORKER,
        acts.schedule,
        (SCHEDULES, MAIL),
        edge="move_due",
        oplog="command",
    ),
]
EFFECTS = [
    *(
        Case(name, OUTSIDE, act, traces, edge=edge, oplog="command command")
        for name, edge, act, traces in (
            ("an effect claimed", "claim_effect", acts.ask, (CLAIM,)),
            ("a claim renewed", "renew_effects", acts.ask_wait, (CLAIM,)),
            ("an effect's fault", "finish_effect", acts.ask_drip, (CLAIM,)),
            ("an effect's result", "finish_effect", acts.ask, (ASKED,)),
        )
    ),
    Case("an effect's answer taken", WORKER, acts.ask, TURN, oplog="command command"),
]
OPERATIONS = [
    Case(
        "an agent interrupted",
        CLIENT,
        acts.interrupt,
        (*CALL, DONE),
        before=acts.fill,
        then=acts.resume_and_fill,
        oplog="command interrupt resume command",
        drops={"": 2},
    ),
    Case(
        "an agent resumed",
        CLIENT,
        acts.resume,
        (*CALL, DONE),
        before=acts.fill_and_interrupt,
        oplog="command interrupt resume command",
        drops={"": 2},
    ),
    Case(
        "a message cancelled",
        CLIENT,
        acts.cancel,
        (*TURN, DONE),
        before=acts.fill_and_interrupt,
        then=acts.resume,
        oplog="command interrupt cancel resume",
    ),
    Case(
        "an agent reverted",
        CLIENT,
        acts.revert,
        (*CALL, DONE, FILES),
        before=acts.fill_and_label,
        oplog="command command revert",
    ),
    Case(
        "a dead letter tried again",
        CLIENT,
        acts.retry,
        (DONE, DEAD),
        before=acts.sift_in_vain,
        agent_type="sieve",
        version=1,
    ),
    Case(
        "a dead letter discarded",
        CLIENT,
        acts.discard,
        (DONE, DEAD),
        before=acts.sift_in_vain,
        agent_type="sieve",
        drops={},
    ),
    Case(
        "an agent deleted",
        CLIENT,
        acts.delete,
        (*TURN, DONE, ASKED),
        before=acts.fill_and_wait_for_all,
        then=acts.fill,
        oplog="command",
    ),
]
UPDATED = "command update-asked update"
UPDATES = [
    Case(
        "an update asked for",
        CLIENT,
        acts.update,
        (AGENT, DONE),
        before=acts.fill,
        oplog=UPDATED,
        version=1,
    ),
    Case(
        "an update between save and load",
        WORKER,
        acts.update,
        TURN,
        edge="load",
        commits=False,
        before=acts.fill,
        oplog=UPDATED,
        version=1,
    ),
    Case("an update", WORKER, acts.update, TURN, before=acts.fill, oplog=UPDATED, version=1),
    Case(
        "an update by replay",
        CLIENT,
        acts.update_by_replay,
        (*CALL, DONE),
        before=acts.fill_twice,
        oplog="command command update",
        drops={"": 2},
        version=1,
    ),
    *(
        Case(
            name,
            process,
            act,
            (ROLLOUT,),
            edge=edge,
            before=before,
            drops={f"-{number}": 1 for number in range(SAUCERS)},
            agent_type="saucer",
            version=1,
        )
        for name, process, edge, before, act in (
            ("a rollout begun", CLIENT, "add_rollout", acts.fill_saucers, acts.start_rollout),
            ("a rollout resumed", CLIENT, "set_rollout_status", acts.start_paused, acts.go_on),
            ("a rollout claimed", WORKER, "claim_rollout", acts.fill_saucers, acts.start_rollout),
            ("a rollout advanced", WORKER, "move_rollout", acts.fill_saucers, acts.start_rollout),
        )
    ),
]
UPKEEP = [
    Case(
        "a history pruned",
        CLIENT,
        acts.prune,
        (ENTRIES,),
        edge="prune_histories",
        before=acts.fill_and_revert,
        oplog="command revert",
    ),
]
CASES = [*CALLS, *MESSAGES, *EFFECTS, *OPERATIONS, *UPDATES, *UPKEEP]
