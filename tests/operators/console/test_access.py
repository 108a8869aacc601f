"""Who sees the console, and who may do what there."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from agents_core import operators
from agents_core.lifecycle import Status
from config.environment import BASE_DIR
from operators.console.actions import ACTIONS
from operators.console.pages import address
from tests.agents_core.counter import Counter
from tests.operators.console.conftest import MakeStaff

PAGES = [
    address("overview"),
    address("agent_changelist"),
    address("letters"),
    address("rollouts"),
    address("operation_changelist"),
    *(
        address(f"agent_{page}", "counter:a")
        for page in ("change", "collections", "files", "mail", "oplog", "versions", "history")
    ),
    address("agent_document", "counter:a"),
]
ASKING = [address("agent_operate", "counter:a", name) for name in ACTIONS]


@pytest.mark.parametrize("page", [*PAGES, *ASKING])
def test_only_staff_who_may_see_agents_come_in(page: str, staff: MakeStaff, ann: Client) -> None:
    Counter.of("a").add()
    member = Client()
    member.force_login(get_user_model().objects.create_user("alice"))

    assert Client().get(page).status_code == 302
    assert member.get(page).status_code in (302, 403)
    assert staff("bob").get(page).status_code == 403
    assert ann.get(page).status_code == 200


def test_who_may_only_see_sees_no_way_to_operate(staff: MakeStaff, letter: str) -> None:
    Counter.of("a").add()
    viewer = staff("vic", "view")

    listed = viewer.get(address("agent_changelist")).content.decode()
    head = viewer.get(address("agent_change", "counter:a")).content.decode()
    mail = viewer.get(address("agent_mail", "counter:a")).content.decode()
    oplog = viewer.get(address("agent_oplog", "counter:a")).content.decode()

    assert 'name="agent"' not in listed
    assert "/do/" not in head + mail + oplog
    assert head.count("You may not do this.") == 5


@pytest.mark.parametrize("name", ACTIONS)
def test_who_may_only_see_is_refused_to_operate(name: str, staff: MakeStaff, letter: str) -> None:
    Counter.of("a").add()
    viewer, asking = staff("vic", "view"), address("agent_operate", "counter:a", name)

    assert viewer.get(asking, {"message": letter}).status_code == 403
    assert viewer.post(f"{asking}?message={letter}").status_code == 403
    assert operators.show("counter:a").status is Status.IDLE
    assert operators.operations().items == []


def test_to_delete_needs_a_permission_of_its_own(staff: MakeStaff, ann: Client) -> None:
    Counter.of("a").add()
    asking = address("agent_operate", "counter:a", "delete")
    changer = staff("carl", "view", "change")

    assert changer.post(asking).status_code == 403
    many = {"deed": "delete", "agent": "counter:a", "sure": "yes"}
    assert changer.post(address("many"), many).status_code == 403
    assert operators.show("counter:a").revision == 1

    assert ann.post(asking).status_code == 302
    assert operators.list_agents(type="counter").items == []


def test_a_superuser_may_everything() -> None:
    Counter.of("a").add()
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))

    assert client.post(address("agent_operate", "counter:a", "interrupt")).status_code == 302
    assert operators.show("counter:a").status is Status.INTERRUPTED


@pytest.mark.parametrize("path", [address("agent_operate", "counter:a", "interrupt"), ""])
def test_nothing_is_done_without_a_csrf_token(path: str, ann: Client) -> None:
    Counter.of("a").add()
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = ann.cookies
    form = {"deed": "interrupt", "agent": "counter:a", "sure": "yes"}
    path = path or address("many")

    assert browser.post(path, form).status_code == 403
    assert operators.show("counter:a").status is Status.IDLE

    browser.get(address("agent_operate", "counter:a", "interrupt"))
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    answer = browser.post(path, form | {"csrfmiddlewaretoken": token})
    assert answer.status_code in (200, 302)
    assert operators.show("counter:a").status is Status.INTERRUPTED


@pytest.mark.parametrize("name", ACTIONS)
def test_looking_at_the_page_that_asks_does_nothing(name: str, ann: Client, letter: str) -> None:
    Counter.of("a").add()

    answer = ann.get(address("agent_operate", "counter:a", name, message=letter))

    assert answer.status_code == 200
    assert operators.show("counter:a").revision == 1
    assert operators.operations().items == []


def test_the_admins_own_forms_change_no_agent(ann: Client) -> None:
    Counter.of("a").add()
    change = address("agent_change", "counter:a")

    ann.post(change, {"state": "{}", "_save": "Save"})

    assert operators.show("counter:a").revision == 1
    for path in ("/admin/agents_core/agent/add/", "/admin/agents_core/agent/counter_3Aa/delete/"):
        assert ann.get(path).status_code in (302, 404)
    assert ann.get("/admin/agents_core/operation/add/").status_code == 403


def test_the_admin_leads_to_it(ann: Client, staff: MakeStaff) -> None:
    assert address("agent_changelist") in ann.get("/admin/").content.decode()
    assert address("agent_changelist") not in staff("bob").get("/admin/").content.decode()


def test_the_pages_that_are_documented_are_there(ann: Client) -> None:
    documented = re.findall(
        r"`(/admin/agents_core/\S*)`", (BASE_DIR / "docs/operations.md").read_text()
    )
    assert len(documented) == 5
    for path in documented:
        assert ann.get(path).status_code == 200, path
