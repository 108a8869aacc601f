"""Every operation: asked for, confirmed, refused, done, and recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from agents_core import clock, operators
from agents_core.lifecycle import Status
from agents_core.testing import step
from operators.console.pages import address
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2, jug_with_meter
from tests.agents_core.outside import PostOffice, world


@pytest.fixture(autouse=True)
def whole_world() -> Iterator[None]:
    world.reset()
    yield
    world.reset()


def do(
    client: Client, name: str, agent_id: str = "counter:a", message: str | None = None, **form: Any
) -> HttpResponse:
    """Ask, as the button does, and say yes."""
    asking = address("agent_operate", agent_id, name, message=message)
    page = client.get(asking)
    assert page.status_code == 200
    shown = page.context["form"]
    form = {name: shown[name].value() or "" for name in shown.fields} | form
    return client.post(asking, form | {"key": str(page.context["key"])})  # type: ignore[return-value]


def done(answer: HttpResponse, page: str, agent_id: str | None = "counter:a") -> bool:
    return (answer.status_code, answer.headers.get("Location")) == (302, address(page, agent_id))


def said(client: Client, agent_id: str = "counter:a") -> str:
    return client.get(address("agent_mail", agent_id)).content.decode()


def journal() -> list[tuple[str, str, str]]:
    return [(one.who, one.operation, one.agent_id) for one in operators.operations().items]


def test_it_interrupts_and_resumes(ann: Client) -> None:
    Counter.of("a").add()

    assert done(do(ann, "interrupt"), "agent_change")
    assert "Interrupted. It stays so" in said(ann)
    assert operators.show("counter:a").status is Status.INTERRUPTED

    assert done(do(ann, "resume"), "agent_change")
    assert operators.show("counter:a").status is Status.IDLE
    assert journal() == [("ann", "resume", "counter:a"), ("ann", "interrupt", "counter:a")]


def test_the_page_that_asks_says_what_is_at_stake(ann: Client) -> None:
    Counter.of("a").add()
    Counter.of("a").trigger.add()

    page = ann.get(address("agent_operate", "counter:a", "interrupt")).content.decode()

    assert "its mail waits and its commands are refused" in page
    assert "with 1 message waiting" in page
    assert ">Leave it</a>" in page


def test_what_is_not_allowed_now_says_why_and_is_refused(ann: Client) -> None:
    Counter.of("a").add()
    Counter.of("a").end()

    head = ann.get(address("agent_change", "counter:a")).content.decode()
    asked = ann.get(address("agent_operate", "counter:a", "interrupt"))
    answer = ann.post(address("agent_operate", "counter:a", "interrupt"))

    why = "Not while it is exited: delete it to begin anew."
    assert why in head
    assert why in asked.content.decode()
    assert "<form method" not in asked.content.decode().split("console-page")[1]
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert journal() == []


def test_it_cancels_what_waits_and_what_is_scheduled(ann: Client) -> None:
    Counter.of("a").add()
    id_ = str(Counter.of("a").trigger.add(100))
    Counter.of("a").schedule(at=clock.now() + timedelta(days=1), name="a b&c").add(100)

    assert done(do(ann, "cancel", message=id_), "agent_mail")
    assert done(do(ann, "cancel", message="a b&c"), "agent_mail")

    assert operators.messages("counter:a").items == []
    step()
    assert Counter.of("a").get() == 1


def test_what_has_run_meanwhile_cannot_be_cancelled(ann: Client) -> None:
    Counter.of("a").add()
    id_ = str(Counter.of("a").trigger.add())
    asking = address("agent_operate", "counter:a", "cancel", message=id_)
    assert "<form method" in ann.get(asking).content.decode().split("console-page")[1]
    step()

    assert "It is not there any more" in ann.get(asking).content.decode()
    ann.post(asking)
    assert "Too late: it has run, or was given up on." in said(ann)


def test_what_never_was_cannot_be_cancelled(ann: Client) -> None:
    Counter.of("a").add()
    answer = ann.post(address("agent_operate", "counter:a", "cancel", message="nothing"))
    assert answer.status_code == 404
    assert "It is not there any more" in answer.content.decode()


def test_it_retries_a_dead_letter_as_it_is(ann: Client, letter: str) -> None:
    assert done(do(ann, "retry", message=letter), "agent_mail")
    assert "It is tried again." in said(ann)
    (waiting,) = operators.messages("counter:a").items
    assert (waiting.kind, waiting.args) == ("message", {"message": "no luck"})
    assert operators.operations().items[0].details == {"message": letter}


def test_it_retries_a_dead_letter_with_other_arguments(ann: Client, letter: str) -> None:
    do(ann, "retry", message=letter, args='{"message": "more luck"}')
    assert "It is tried again, with other arguments." in said(ann)
    (waiting,) = operators.messages("counter:a").items
    assert waiting.args == {"message": "more luck"}


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ('{"message": ', "This is not JSON"),
        ("[1]", "Arguments are a JSON object"),
        ('{"message": 7}', "message: "),
        ("", "This field is required"),
    ],
)
def test_arguments_that_do_not_fit_are_told_and_kept(
    args: str, problem: str, ann: Client, letter: str
) -> None:
    answer = do(ann, "retry", message=letter, args=args)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert problem in page
    assert 'aria-invalid="true"' in page
    assert answer.context["form"]["args"].value() == args  # type: ignore[attr-defined]
    (still,) = operators.messages("counter:a").items
    assert still.kind == "dead_letter"


def test_it_discards_a_dead_letter_but_for_the_record(ann: Client, letter: str) -> None:
    assert done(do(ann, "discard", message=letter), "agent_mail")
    assert operators.messages("counter:a").items == []
    (operation,) = operators.operations().items
    assert (operation.who, operation.details["args"]) == ("ann", {"message": "no luck"})


@pytest.mark.parametrize("name", ["retry", "discard"])
def test_it_sorts_out_effects_that_failed(name: str, ann: Client) -> None:
    world.broken = [ValueError("no stamps")]
    id_ = str(PostOffice.of("a").trigger.send("x"))
    step()
    page = said(ann, "post-office:a")
    assert "ValueError: no stamps" in page
    assert address("agent_operate", "post-office:a", name, message=id_) in page

    assert done(do(ann, name, "post-office:a", id_), "agent_mail", "post-office:a")

    step()
    assert operators.messages("post-office:a").items == []
    assert [what for _, what in world.done] == ["x"] * (2 if name == "retry" else 1)


def test_it_reverts_to_an_entry(ann: Client) -> None:
    for _ in range(3):
        Counter.of("a").add()
    oplog = ann.get(address("agent_oplog", "counter:a")).content.decode()
    to_two = address("agent_operate", "counter:a", "revert", to=2)
    assert f'href="{to_two}"' in oplog
    assert ann.get(to_two).context["form"]["to_revision"].value() == "2"

    assert done(do(ann, "revert", to_revision="2"), "agent_oplog")

    assert Counter.of("a").get() == 2
    assert "Reverted. That is entry 4, and can be reverted too." in said(ann)
    assert journal() == [("ann", "revert", "counter:a")]


def test_it_undoes_the_last_commands(ann: Client) -> None:
    for _ in range(5):
        Counter.of("a").add()
    assert done(do(ann, "revert", last="2"), "agent_oplog")
    assert Counter.of("a").get() == 3


@pytest.mark.parametrize(
    ("form", "status", "problem"),
    [
        ({}, 422, "Give either an entry or a number of commands."),
        ({"to_revision": "1", "last": "1"}, 422, "Give either an entry or a number of commands."),
        ({"to_revision": "x"}, 422, "Enter a whole number."),
        ({"last": "0"}, 422, "greater than or equal to 1"),
        ({"to_revision": "99"}, 409, "its newest entry is 2"),
        ({"last": "7"}, 409, "1 commands can be"),
    ],
)
def test_what_cannot_be_reverted_says_why(
    form: dict[str, str], status: int, problem: str, ann: Client
) -> None:
    for _ in range(2):
        Counter.of("a").add()

    answer = do(ann, "revert", **form)

    assert answer.status_code == status
    assert problem in answer.content.decode()
    assert Counter.of("a").get() == 2


def test_one_that_keeps_no_full_oplog_is_not_offered_to_be_reverted(ann: Client) -> None:
    plumbing = Plumbing.of(1, "here")
    plumbing.note("x")
    page = ann.get(address("agent_operate", plumbing.id, "revert")).content.decode()
    assert "Its type keeps a brief oplog" in page
    assert "Revert to here" not in ann.get(address("agent_oplog", plumbing.id)).content.decode()


def test_it_updates(ann: Client, definitions: None) -> None:
    Jug.of("a").pour(3)
    jug2()

    assert done(do(ann, "update", "jug:a", version="2"), "agent_versions", "jug:a")
    assert "The update to version 2 waits in its mailbox" in said(ann, "jug:a")
    step()

    assert operators.show("jug:a").version == 2
    versions = ann.get(address("agent_versions", "jug:a")).content.decode()
    assert "It has version <strong>2</strong>" in versions
    assert 'class="kind kind-update"' in versions


def test_an_update_that_failed_says_why(ann: Client, definitions: None) -> None:
    def load_snapshot(self: Any, old: Any) -> None:
        raise RuntimeError("no idea what that was")

    Jug.of("a").pour(3)
    jug2(load_snapshot=load_snapshot)
    do(ann, "update", "jug:a", version="2")
    step()

    versions = ann.get(address("agent_versions", "jug:a")).content.decode()

    assert "It has version <strong>1</strong>" in versions
    assert "no idea what that was" in versions
    assert 'class="kind kind-update-failed"' in versions


def test_it_updates_by_running_again_what_was_done(ann: Client, definitions: None) -> None:
    Jug.of("a").pour(3)
    jug_with_meter()

    answer = do(ann, "update", "jug:a", version="2", mode="automatic")

    assert done(answer, "agent_versions", "jug:a")
    assert "Updated to version 2." in said(ann, "jug:a")
    assert operators.show("jug:a").version == 2


def test_what_differs_when_run_again_is_told_and_shown(ann: Client, definitions: None) -> None:
    Jug.of("a").pour(3)
    jug2()

    do(ann, "update", "jug:a", version="2", mode="automatic")

    versions = ann.get(address("agent_versions", "jug:a")).content.decode()
    assert '<li class="error">Not updated, it goes on in the version it has' in versions
    assert '<span class="gist">to 2 → ' in versions
    assert 'class="kind kind-update-failed"' in versions
    assert operators.show("jug:a").version == 1


def test_there_is_nothing_to_update_to(ann: Client) -> None:
    Counter.of("a").add()
    page = ann.get(address("agent_operate", "counter:a", "update")).content.decode()
    assert "The code has no other version of it." in page
    answer = ann.post(
        address("agent_operate", "counter:a", "update"), {"version": "2", "mode": "manual"}
    )
    assert answer.status_code == 422
    assert journal() == []


def test_it_deletes(ann: Client) -> None:
    Counter.of("a").add()

    assert done(do(ann, "delete"), "agent_changelist", None)

    assert operators.list_agents(type="counter").items == []
    assert "Deleted counter:a." in ann.get(address("agent_changelist")).content.decode()


def test_an_operation_happens_once_however_often_it_is_sent(ann: Client) -> None:
    for _ in range(3):
        Counter.of("a").add()
    asking = address("agent_operate", "counter:a", "revert")
    form = {"last": "1", "key": str(ann.get(asking).context["key"])}

    for _ in range(2):
        assert done(ann.post(asking, form), "agent_oplog")  # type: ignore[arg-type]

    assert Counter.of("a").get() == 2
    assert journal() == [("ann", "revert", "counter:a")]


def test_the_admins_recent_actions_tell_it_too(ann: Client) -> None:
    Counter.of("a").add()
    do(ann, "interrupt")
    (entry,) = LogEntry.objects.all()
    assert (entry.object_id, entry.user.get_username()) == ("counter:a", "ann")
    assert entry.get_admin_url() == address("agent_change", "counter:a")


def test_there_are_no_other_operations(ann: Client) -> None:
    Counter.of("a").add()
    for name in ("command", "query", "explode"):
        assert ann.get(address("agent_operate", "counter:a", name)).status_code == 404


def test_one_that_is_not_there_is_not_operated(ann: Client) -> None:
    for name in ("interrupt", "resume", "revert", "update", "delete"):
        page = ann.get(address("agent_operate", "counter:nobody", name)).content.decode()
        assert "There is no such agent." in page
    assert ann.post(address("agent_operate", "counter:nobody", "interrupt")).status_code == 404
