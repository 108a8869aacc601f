"""Updates of all agents of a type."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents_core import operators, rollouts
from agents_core.testing import step
from operators.console.pages import address
from tests.agents_core.jugs import Jug, jug2
from tests.operators.console.conftest import MakeStaff

LIST, BEGIN = address("rollouts"), address("rollout")
FORM = {"type": "jug", "version": "2", "mode": "manual", "canary": "50", "max_failures": "5"}


@pytest.fixture
def jugs(definitions: None) -> None:
    """Three at version 1, and code of version 2."""
    for name in "abc":
        Jug.of(name).pour()
    jug2()


def planned(client: Client, **form: str) -> dict[str, Any]:
    """The form that asks whether they are meant, as it is sent."""
    key = client.get(BEGIN).context["form"]["key"].value()
    answer = client.post(BEGIN, FORM | {"key": key} | form)
    assert answer.status_code == 200
    plan = answer.context["plan"]
    return FORM | {"key": key} | form | {"sure": "yes", "total": plan.total}


def test_it_asks_whether_so_many_are_meant(ann: Client, jugs: None) -> None:
    form = planned(ann)

    assert form["total"] == 3
    page = ann.post(BEGIN, {name: value for name, value in form.items() if name != "sure"})
    assert "<strong>3 agents</strong> of type jug will be updated to version 2" in (
        page.content.decode()
    )
    assert rollouts.newest() == []


def test_it_begins_one_however_often_it_is_sent(ann: Client, jugs: None) -> None:
    form = planned(ann)

    for _ in range(2):
        answer = ann.post(BEGIN, form)
        assert (answer.status_code, answer.headers["Location"]) == (302, LIST)

    (row,) = rollouts.newest()
    assert (row.by, row.canary, row.max_failures, row.total) == ("ann", 0.5, 0.05, 3)
    page = ann.get(LIST).content.decode()
    assert "jug to version 2" in page
    assert "0 of 3" in page
    while rollouts.progress(str(row.id)).status == "running":
        rollouts.advance(str(row.id))
    step()
    assert operators.show("jug:a").version == 2
    assert "3 of 3" in ann.get(LIST).content.decode()


def test_it_is_paused_and_goes_on(ann: Client, jugs: None) -> None:
    ann.post(BEGIN, planned(ann))
    (row,) = rollouts.newest()
    pause, resume = (
        address("rollout_pause", None, str(row.id)),
        address("rollout_resume", None, str(row.id)),
    )

    ann.post(pause)
    assert rollouts.progress(str(row.id)).status == "paused"
    assert "Paused." in ann.get(LIST).content.decode()
    ann.post(pause)
    assert '<li class="error">' in ann.get(LIST).content.decode()
    ann.post(resume)
    assert rollouts.progress(str(row.id)).status == "running"
    steps = [one.details.get("step") for one in operators.operations("jug").items]
    assert steps == ["resume", "pause", "start"]


@pytest.mark.parametrize(
    ("form", "status", "problem"),
    [
        ({"version": "9"}, 409, "the code has the versions [1, 2]"),
        ({"version": ""}, 422, "This field is required."),
        ({"type": "spoon"}, 422, "Select a valid choice"),
        ({"canary": "101"}, 422, "less than or equal to 100"),
    ],
)
def test_what_cannot_be_begun_says_why(
    form: dict[str, str], status: int, problem: str, ann: Client, jugs: None
) -> None:
    key = ann.get(BEGIN).context["form"]["key"].value()
    answer = ann.post(BEGIN, FORM | {"key": key, "sure": "yes"} | form)
    assert answer.status_code == status
    assert problem in answer.content.decode()
    assert rollouts.newest() == []


def test_who_may_only_see_is_refused(ann: Client, staff: MakeStaff, jugs: None) -> None:
    form = planned(ann)
    viewer = staff("vic", "view")

    assert viewer.get(LIST).status_code == 200
    assert viewer.get(BEGIN).status_code == 403
    assert viewer.post(BEGIN, form).status_code == 403
    assert rollouts.newest() == []
    ann.post(BEGIN, form)
    (row,) = rollouts.newest()
    assert viewer.post(address("rollout_pause", None, str(row.id))).status_code == 403
    assert ann.get(address("rollout_pause", None, str(row.id))).status_code == 405
    assert rollouts.progress(str(row.id)).status == "running"
    assert "Pause" not in viewer.get(LIST).content.decode()
