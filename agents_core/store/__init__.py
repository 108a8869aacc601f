"""All SQL of the runtime. Every function takes the connection it runs on; those that commit say so.

Statements over many agents take arrays, a column each.
"""

from agents_core.store.agents import (
    ALONE_LIMIT,
    AgentRow,
    Loaded,
    MessageRow,
    begin_and_load,
    known_invocation,
    load,
    mail_arrived,
    read,
    read_many,
    waiting,
)
from agents_core.store.items import count_items, get_items, page_items, walk_items
from agents_core.store.ledger import (
    AttemptRow,
    add_attempt,
    attempts,
    count_attempt,
    remove_attempts,
)
from agents_core.store.lifecycle import (
    agents_after,
    dead_letter,
    delete_agent,
    deleted_since,
    discard,
    entries,
    forgive_faults,
    operation_done,
    rebuild,
    redeliver,
    try_at_once,
    waiting_message,
    was_run,
)
from agents_core.store.oplog import OplogRow, OplogSearch, check_regex, limit_time
from agents_core.store.schedules import cancel_schedule, hold_schedule, move_due
from agents_core.store.search import Search
from agents_core.store.upkeep import agents_with_mail, forget_delays, prune, stored_versions
from agents_core.store.writes import Writes, commit, send

__all__ = [
    "ALONE_LIMIT",
    "AgentRow",
    "AttemptRow",
    "Loaded",
    "MessageRow",
    "OplogRow",
    "OplogSearch",
    "Search",
    "Writes",
    "add_attempt",
    "agents_after",
    "agents_with_mail",
    "attempts",
    "begin_and_load",
    "cancel_schedule",
    "check_regex",
    "commit",
    "count_attempt",
    "count_items",
    "dead_letter",
    "delete_agent",
    "deleted_since",
    "discard",
    "entries",
    "forget_delays",
    "forgive_faults",
    "get_items",
    "hold_schedule",
    "known_invocation",
    "limit_time",
    "load",
    "mail_arrived",
    "move_due",
    "operation_done",
    "page_items",
    "prune",
    "read",
    "read_many",
    "rebuild",
    "redeliver",
    "remove_attempts",
    "send",
    "stored_versions",
    "try_at_once",
    "waiting",
    "waiting_message",
    "walk_items",
    "was_run",
]
