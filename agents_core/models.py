"""The runtime's tables. Only `agents_core.store` reads or writes them.

`agent_id` leads every key of what belongs to one agent and no foreign key crosses agents, so the
tables can be hash-distributed by it.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from agents_core.oplog import STATE_POINTS


def agent_id_field(*, primary_key: bool = False) -> models.TextField[str, str]:
    """Ids compare by bytes: quicker than by language, and the order every lock is taken in."""
    return models.TextField(db_collation="C", primary_key=primary_key)


class Agent(models.Model):
    """One durable agent: its identity, its document and how many entries its oplog has."""

    id = agent_id_field(primary_key=True)
    type = models.TextField(db_collation="C")
    version = models.IntegerField()
    incarnation = models.BigIntegerField(help_text="Differs when an agent is made anew.")
    state = models.JSONField(null=True)
    env = models.JSONField(null=True, help_text="What it was created with; never written again.")
    revision = models.BigIntegerField(help_text="The index of the newest oplog entry.")
    status = models.TextField(
        db_default="idle", help_text="One of `lifecycle.Status`, except running."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(help_text="Rises strictly with every turn.")

    class Meta:
        # None of their columns changes with a command, so its update stays heap-only (HOT).
        indexes = [
            # serves lists of one type, newest first, and of all types by merging those; new rows
            # go to the end of their type
            models.Index(fields=["type", "created_at", "id"], name="agent_type_created"),
            # serves the check that the code knows every stored version, and updates of many
            models.Index(fields=["type", "version", "id"], name="agent_type_version"),
            # serves lists of one status, and the sweeper, which leaves the stopped ones alone
            models.Index(
                fields=["status", "id"],
                condition=~models.Q(status="idle"),
                name="agent_not_idle",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Item(models.Model):
    """One item of a collection an agent owns."""

    pk = models.CompositePrimaryKey("agent_id", "name", "item_key")
    agent_id = agent_id_field()
    name = models.TextField(db_collation="C")
    item_key = models.TextField(db_collation="C")
    sort_key = models.BigIntegerField()
    item = models.JSONField()
    since = models.BigIntegerField(
        db_default=1,
        help_text="The owner's revision at the end of the turn that wrote it, if it keeps history.",
    )

    class Meta:
        # serves pages in order of the sort key
        indexes = [
            models.Index(fields=["agent_id", "name", "sort_key", "item_key"], name="item_sort")
        ]


class ItemPast(models.Model):
    """What an item was before: written by the statement that replaced or deleted it.

    Only of types with a full oplog. The items as of a revision that ended a turn are the rows, here
    and in `Item`, written by then (`since`) and not gone by then (`until`).
    """

    pk = models.CompositePrimaryKey("agent_id", "name", "item_key", "since")
    agent_id = agent_id_field()
    name = models.TextField(db_collation="C")
    item_key = models.TextField(db_collation="C")
    since = models.BigIntegerField()
    until = models.BigIntegerField()
    sort_key = models.BigIntegerField()
    item = models.JSONField()

    class Meta:
        # serves reverts, which look for what went since, and pruning
        indexes = [models.Index(fields=["agent_id", "until"], name="item_past_until")]


class Blob(models.Model):
    """What was written to the storage for a file of an agent: recorded before it is written, and
    struck off once it is deleted. No row of a file points here: who wrote it may not be through.
    """

    pk = models.CompositePrimaryKey("agent_id", "id")
    agent_id = agent_id_field()
    id = models.UUIDField()
    name = models.TextField(help_text="The file it was written for.")
    path = models.TextField(help_text="What the storage calls it.")
    created_at = models.DateTimeField()


class Message(models.Model):
    """A mailbox row: here from its sender's commit until its receiver's.

    Every row is work to be done; what must wait for a time is in `Schedule`, what is given up on
    in `DeadLetter`. `method` and `args` are null where a payload shared by many is named.
    """

    pk = models.CompositePrimaryKey("agent_id", "id")
    agent_id = agent_id_field()
    id = models.UUIDField()
    payload_id = models.UUIDField(null=True)
    sender = models.TextField(null=True)
    method = models.TextField(null=True)
    args = models.JSONField(null=True)
    attempts = models.SmallIntegerField(db_default=0)
    retry_at = models.DateTimeField(null=True)
    last_error = models.TextField(null=True)


class Payload(models.Model):
    """What one message to many agents says, stored once. Pruned when nobody waits for it."""

    id = models.UUIDField(primary_key=True)
    sender = models.TextField(null=True)
    method = models.TextField()
    args = models.JSONField()
    created_at = models.DateTimeField()


class Schedule(models.Model):
    """A message that is not due yet; one per agent and name."""

    pk = models.CompositePrimaryKey("agent_id", "name")
    agent_id = agent_id_field()
    name = models.TextField()
    due_at = models.DateTimeField()
    sender = models.TextField(null=True)
    method = models.TextField()
    args = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="schedule_due")]


class Effect(models.Model):
    """An effect that was asked for: here until its answer is a message, or nobody asked for one.

    `agent_id` is who asked, for an outsider the ephemeral agent itself. While a process runs it,
    `claim` and `lease_until` say so; a lease that is over means that the process died. With
    `failed_at` it has ended badly, with nobody to tell, and waits for an operator.
    """

    pk = models.CompositePrimaryKey("agent_id", "id")
    agent_id = agent_id_field()
    id = models.UUIDField()
    target = models.TextField()
    method = models.TextField()
    args = models.JSONField()
    then_method = models.TextField(null=True)
    then_args = models.JSONField(null=True)
    asked_at_revision = models.BigIntegerField(help_text="0: an outsider asked.")
    attempts = models.SmallIntegerField(db_default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    last_error = models.TextField(null=True)
    failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(failed_at__isnull=True),
                name="effect_due",
            )
        ]


class DeadLetter(models.Model):
    """A message that faulted on every try, kept for an operator."""

    pk = models.CompositePrimaryKey("agent_id", "id")
    agent_id = agent_id_field()
    id = models.UUIDField()
    sender = models.TextField(null=True)
    method = models.TextField()
    args = models.JSONField()
    attempts = models.SmallIntegerField()
    last_error = models.TextField()
    parked_at = models.DateTimeField()


class Attempt(models.Model):
    """A batch of mail some process is running: written before, deleted by the turn's commit.

    Who holds an agent's lock and finds the agent named here has found a process that died while
    running that agent's mail. `taken` is `{agent_id: id of the last message taken}`.
    """

    id = models.UUIDField(primary_key=True)
    taken = models.JSONField()
    started_at = models.DateTimeField()


class Oplog(models.Model):
    """What an agent did, entry by entry; `entry` is described in `agents_core.oplog`."""

    pk = models.CompositePrimaryKey("agent_id", "index")
    agent_id = agent_id_field()
    index = models.BigIntegerField()
    kind = models.TextField()
    recorded_at = models.DateTimeField()
    entry = models.JSONField()

    class Meta:
        indexes = [
            # finds where a replay starts
            models.Index(
                fields=["agent_id", "index"],
                condition=models.Q(kind__in=STATE_POINTS),
                name="oplog_state_point",
            )
        ]


class LargeEntry(models.Model):
    """An oplog entry too large for its row, which then tells its method and how large it is."""

    pk = models.CompositePrimaryKey("agent_id", "index")
    agent_id = agent_id_field()
    index = models.BigIntegerField()
    entry = models.JSONField()


class OplogDigest(models.Model):
    """What a chapter of an agent's oplog has, for searches; written by the first that needs it.

    Of another incarnation than the agent's it says nothing. An index would cost every turn.
    """

    pk = models.CompositePrimaryKey("agent_id", "chapter")
    agent_id = agent_id_field()
    chapter = models.BigIntegerField()
    incarnation = models.BigIntegerField()
    earliest = models.DateTimeField()
    latest = models.DateTimeField()
    kinds = ArrayField(models.TextField())
    methods = ArrayField(models.TextField(null=True))
    callers = models.TextField()
    messages = models.TextField()


class Invocation(models.Model):
    """The outcome of a call that carried an idempotency key."""

    pk = models.CompositePrimaryKey("agent_id", "key")
    agent_id = agent_id_field()
    key = models.TextField()
    args_hash = models.BinaryField()
    outcome = models.JSONField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="invocation_expires")]


class Operation(models.Model):
    """What an operator did, by whichever door; written with what it did."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    who = models.TextField()
    operation = models.TextField()
    agent_id = agent_id_field()
    details = models.JSONField()

    class Meta:
        indexes = [
            # serves an agent's page, and calls that waited while their agent was deleted
            models.Index(fields=["agent_id", "at"], name="operation_of_agent"),
            models.Index(fields=["at"], name="operation_at"),
        ]


class Rollout(models.Model):
    """An update of many agents: how far it is, and what it waits for."""

    id = models.UUIDField(primary_key=True)
    type = models.TextField(db_collation="C")
    version = models.IntegerField(help_text="What they are updated to.")
    mode = models.TextField()
    from_version = models.IntegerField(null=True)
    only_status = models.TextField(null=True)
    canary = models.FloatField(help_text="The share of agents that goes first.")
    max_failures = models.FloatField(help_text="The share of failures above which it pauses.")
    by = models.TextField()
    started_at = models.DateTimeField()
    status = models.TextField(help_text="running, paused or done")
    in_canary = models.BooleanField()
    after = agent_id_field()
    claimed_until = models.DateTimeField(null=True)
    total = models.IntegerField()
    updated = models.IntegerField(db_default=0)
    failed = models.IntegerField(db_default=0)
    waiting = models.IntegerField(db_default=0)
    last_error = models.TextField(null=True)

    class Meta:
        # serves the sweeper, which takes a running one further
        indexes = [
            models.Index(
                fields=["status"], condition=models.Q(status="running"), name="rollout_running"
            )
        ]


class Sample(models.Model):
    """Figures for the operators' overview, kept for a day: what one process counted in some
    seconds, or, without a process, what the sweeper saw waiting."""

    at = models.DateTimeField()
    process = models.TextField(null=True)
    invocations = models.IntegerField(db_default=0)
    refusals = models.IntegerField(db_default=0)
    faults = models.IntegerField(db_default=0)
    retries = models.IntegerField(db_default=0)
    buckets = ArrayField(
        models.IntegerField(), null=True, help_text="Turns by time, as `tally.SECONDS`."
    )
    seconds = models.FloatField(null=True, help_text="Of all its turns together.")
    slowest = models.FloatField(null=True)
    waiting = models.IntegerField(null=True)
    oldest = models.FloatField(null=True, help_text="Seconds the oldest message had waited.")

    class Meta:
        indexes = [models.Index(fields=["at"], name="sample_at")]


class SearchEntry(models.Model):
    """The searched fields of one agent's document, beside it, rewritten only when they change.

    An index on the document itself would cost every update of every agent its heap-only tuple.
    """

    agent_id = agent_id_field(primary_key=True)
    type = models.TextField(db_collation="C")
    words = models.TextField()
    private_words = models.TextField()
    fields = models.JSONField()
    headline = models.TextField(null=True, help_text="Of types that are ranked and suggested.")

    class Meta:
        indexes = [
            models.Index(fields=["type", "agent_id"], name="search_type"),
            GinIndex(fields=["headline"], opclasses=["gin_trgm_ops"], name="search_headline"),
            GinIndex(fields=["words"], opclasses=["gin_trgm_ops"], name="search_words"),
            GinIndex(fields=["private_words"], opclasses=["gin_trgm_ops"], name="search_private"),
            GinIndex(fields=["fields"], opclasses=["jsonb_path_ops"], name="search_fields"),
        ]


class SearchSort(models.Model):
    """A value that lists of one type are sorted by, or narrowed to a range of.

    Beside the search entry because each type has names of its own, and an index serves them all.
    """

    pk = models.CompositePrimaryKey("agent_id", "name")
    agent_id = agent_id_field()
    name = models.TextField(db_collation="C")
    type = models.TextField(db_collation="C")
    value = models.TextField(db_collation="C")

    class Meta:
        # serves the lists, in either direction
        indexes = [models.Index(fields=["type", "name", "value", "agent_id"], name="search_sort")]
