"""The API's interactive page, under the site's policy for scripts and as somebody signed in."""

import pytest
from playwright.sync_api import expect

from accounts.models import User as Account
from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser


def test_a_route_can_be_tried_out(visitor: Open, alice: Account) -> None:
    page = visitor(alice).visit("/api/v1/docs")
    route = page.locator(".opblock", has_text="/users/{user_id}/name")
    route.locator(".opblock-summary-control").click()
    route.get_by_role("button", name="Try it out").click()
    route.get_by_placeholder("user_id").fill("alice")
    route.locator("textarea").fill('{"name": "Alice of the docs"}')
    route.get_by_role("button", name="Execute").click()
    expect(route.locator(".live-responses-table")).to_contain_text("Alice of the docs")
