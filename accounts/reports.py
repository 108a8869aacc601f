"""Reports: what people may report, and what staff makes of it.

What can be reported is other parts' business: each registers its *subjects*, found by a path that
names them. A report keeps what the subject said, so that a decision has something to stand on when
its author has changed it meanwhile.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone

from accounts import suspension, text
from accounts.caller import Person, person_of
from accounts.models import Report, User
from agents_core import Caller, Conflict, NotFound, Rejected, calling

MAX_NOTE = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was reported, as it is: whose it is, what it says, since when, and where it stands."""

    author: str
    text: str
    created_at: datetime
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One kind of what may be reported.

    `find` takes who asks and the path, and refuses what is not there for them. `remove` takes the
    path and who decides; without one the thing itself cannot be taken away.
    """

    kind: str
    label: str
    find: Callable[[Person, str], Found]
    remove: Callable[[str, Person], None] | None = None


class NotReportable(NotFound):
    """There is nothing of that kind to report."""

    code = "not_reportable"


class OwnReport(Rejected):
    """This is your own: you can delete it yourself."""

    code = "own_report"


class NoteTooLong(Rejected):
    """A note has at most {limit} characters."""

    code = "note_too_long"


class NotAReason(Rejected):
    """Choose a reason: {reasons}."""

    code = "not_a_reason"


class ReportClosed(Conflict):
    """This report has been decided already: {outcome}."""

    code = "report_closed"


class CannotBeRemoved(Conflict):
    """A {kind} cannot be removed; the account can be suspended."""

    code = "cannot_be_removed"


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Let people report things of this kind."""
    _subjects[subject.kind] = subject


def subject_of(kind: str) -> Subject:
    """The kind of that name."""
    if kind not in _subjects:
        raise NotReportable(kind=kind[:16])
    return _subjects[kind]


def find(person: Person, kind: str, path: str) -> Found:
    """What somebody is about to report, if it is there for them and not their own."""
    found = subject_of(kind).find(person, path)
    if found.author == person.user_id:
        raise OwnReport
    return found


def report(user: User, kind: str, path: str, reason: str, note: str = "") -> Report:
    """Tell staff of it. While a report of theirs is open, a second one of the same is that one."""
    person = person_of(user)
    assert person is not None
    found = find(person, kind, path)
    if reason not in Report.Reason.values:
        raise NotAReason(reasons=", ".join(Report.Reason.values))
    note = text.clean(note)
    if len(note) > MAX_NOTE:
        raise NoteTooLong(limit=MAX_NOTE)
    made, _ = Report.objects.get_or_create(
        reporter=user,
        kind=kind,
        subject=path,
        outcome=Report.Outcome.OPEN,
        defaults={
            "accused": found.author,
            "snapshot": snapshot_of(found),
            "reason": reason,
            "note": note,
        },
    )
    return made


def snapshot_of(found: Found) -> Mapping[str, str]:
    """What is kept of a subject."""
    return {
        "text": found.text,
        "created_at": found.created_at.isoformat(),
        "address": found.address,
    }


def erase(user: User) -> None:
    """Keep nothing that an account said, in what was reported or in reports of its own."""
    for one in Report.objects.filter(accused=user.username):
        one.snapshot = {**one.snapshot, "text": "", "address": ""}
        one.save(update_fields=["snapshot"])
    Report.objects.filter(reporter=user).update(note="", reporter=None)


def close(report_id: int, by: User, outcome: str, why: str = "") -> Report:
    """Decide: keep it, remove it, or suspend its author. All open reports of it are decided alike.

    What is gone already counts as removed. Decided twice, the second is refused. The decision is
    recorded, and the agents' own journals know who removed something.
    """
    with transaction.atomic():
        found = Report.objects.select_for_update().get(pk=report_id)
        if found.outcome != Report.Outcome.OPEN:
            raise ReportClosed(outcome=found.get_outcome_display())
        if outcome == Report.Outcome.REMOVED:
            _remove(found, by)
        elif outcome == Report.Outcome.SUSPENDED:
            _suspend(found, by, why)
        alike = Report.objects.filter(
            kind=found.kind, subject=found.subject, outcome=Report.Outcome.OPEN
        )
        decided = list(alike)
        alike.update(outcome=outcome, closed_at=timezone.now(), closed_by=by)
        said = f"{Report.Outcome(outcome).label}. {why}".strip()
        LogEntry.objects.log_actions(by.pk, decided, CHANGE, change_message=said)
    found.refresh_from_db()
    return found


def _remove(found: Report, by: User) -> None:
    remove = subject_of(found.kind).remove
    person = person_of(by)
    if remove is None or person is None:
        raise CannotBeRemoved(kind=found.kind)
    with suppress(NotFound), calling(Caller(by.username)):  # its author may have been faster
        remove(found.subject, person)


def _suspend(found: Report, by: User, why: str) -> None:
    with suppress(suspension.AlreadySuspended):  # for something else
        suspension.suspend(found.accused, by, why or f"Report {found.pk}")
