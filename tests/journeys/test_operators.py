"""Operators at work: an agent is stopped, put right, updated, deleted; the site is watched."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from agents_core import operators
from operators.console.pages import address
from tests.journeys.agents import Teapot
from tests.journeys.conftest import PASSWORD, Open, Site
from tests.journeys.test_looks import LOOKS, look
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

BROWN = "teapot:brown"
BOTH = pytest.mark.parametrize(
    "options", [{}, {"java_script_enabled": False}], ids=["script", "no-script"]
)


@pytest.fixture
def root(site: Site) -> Account:
    return Account.objects.create_superuser("root", password=PASSWORD)


def press(page: Page, role: Any, name: str) -> None:
    """By keyboard."""
    page.get_by_role("main").get_by_role(role, name=name, exact=True).press("Enter")


def said(page: Page, text: str) -> None:
    expect(page.locator(".messagelist")).to_contain_text(text)


@BOTH
def test_from_an_interruption_to_the_end(
    visitor: Open, root: Account, options: dict[str, Any]
) -> None:
    for cups in (1, 2, 4):
        Teapot.of("brown").brew(cups)
    page = visitor(root, **options).visit(address("agent_changelist"))
    page.get_by_label("Search by id").fill("brown")
    page.get_by_label("Search by id").press("Enter")
    press(page, "link", BROWN)

    press(page, "link", "Interrupt…")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Interrupt {BROWN}?")
    press(page, "button", "Interrupt")
    said(page, "Interrupted. It stays so until it is resumed.")
    expect(page.locator(".agent-title .status")).to_have_text("interrupted")
    expect(page.get_by_role("button", name="Interrupt")).to_be_disabled()
    press(page, "link", "Resume…")
    press(page, "button", "Resume")
    expect(page.locator(".agent-title .status")).to_have_text("idle")

    press(page, "link", "Oplog")
    page.get_by_label("Search").fill("args.cups:2")
    press(page, "button", "Search")
    page.locator(".entries summary").press("Enter")
    press(page, "link", "Revert to entry 2")
    expect(page.get_by_label("To what it was after the entry")).to_have_value("2")
    press(page, "button", "Revert")
    said(page, "Reverted. That is entry 6")
    press(page, "link", "Document")
    expect(page.locator("pre.json")).to_contain_text('"cups": 3')

    press(page, "link", "Update…")
    page.get_by_label("Automatic").check()
    press(page, "button", "Update")
    said(page, "Updated to version 1.")
    expect(page.get_by_role("main")).to_contain_text("It has version 1.")

    press(page, "link", "Delete…")
    press(page, "button", "Delete")
    said(page, f"Deleted {BROWN}.")
    page.get_by_role("navigation", name="Agents").get_by_role("link", name="Operations").click()
    table = page.get_by_role("region", name="Operations")
    expect(table.get_by_role("row").nth(1)).to_contain_text("delete")
    expect(table.get_by_role("row").nth(5)).to_contain_text("interrupt")
    assert [one.who for one in operators.operations().items] == ["root"] * 5


def test_what_was_given_up_on_is_put_right(visitor: Open, root: Account) -> None:
    Teapot.of("white").brew(1)
    Teapot.of("white").trigger.spill("on the carpet")
    Teapot.of("white").trigger.spill("on the cat")
    wait_for(lambda: len(operators.dead_letters().items) == 2, "two dead letters")
    page = visitor(root).visit(address("overview"))
    page.get_by_role("link", name="Dead letters 2").click()

    page.get_by_role("row", name="on the carpet").get_by_role("link", name="Retry").click()
    page.get_by_label("Arguments").fill('{"where": ')
    press(page, "button", "Retry")
    expect(page.locator(".errorlist")).to_contain_text("This is not JSON")
    page.get_by_label("Arguments").fill('{"where": "in the sink"}')
    press(page, "button", "Retry")
    said(page, "It is tried again, with other arguments.")
    page.get_by_role("row", name="on the cat").get_by_role("link", name="Discard").click()
    press(page, "button", "Discard")
    said(page, "Discarded.")
    wait_for(lambda: Teapot.of("white").spilt() == ["in the sink"], "what was tried again")


def test_the_overview_is_live_and_keeps_the_focus(visitor: Open, root: Account) -> None:
    for name in ("a", "b", "c"):
        Teapot.of(name).brew(1)
    page = visitor(root).visit(address("overview"))
    tile = page.get_by_role("link", name="Interrupted 0")
    tile.focus()

    other = page.context.new_page()
    other.goto(page.url.replace("overview/", "?type=teapot"))
    other.get_by_label("Choose all on this page").check()
    expect(other.get_by_text("3 chosen")).to_be_visible()
    press(other, "button", "Go on")
    press(other, "button", "Interrupt")
    expect(other.get_by_role("status")).to_have_text("3 of 3 done.")
    other.close()

    expect(page.get_by_role("link", name="Interrupted 3")).to_be_focused()


@LOOKS
def test_the_console_is_for_everybody(visitor: Open, root: Account, width: int) -> None:
    Teapot.of("green").brew(3)
    Teapot.of("green").heat(2)
    Teapot.of("green").trigger.spill("on " + "x" * 200)
    wait_for(lambda: len(operators.dead_letters().items) == 1, "a dead letter")
    Teapot.of("green").pour("a guest")
    of_agent = ("change", "mail", "oplog", "collections")
    paths = [
        *(address(page) for page in ("overview", "agent_changelist", "letters", "rollout")),
        *(address(f"agent_{page}", "teapot:green", name="guests") for page in of_agent),
        address("agent_operate", "teapot:green", "update"),
    ]
    guest = visitor(root, viewport={"width": width, "height": 800})
    # What is narrow is the same, and more likely to stick out.
    for path in paths if width == 320 else paths[:4]:
        look(guest.visit(path), path)
