"""What should not be here is reported where it stands, and staff finds it."""

import pytest
from playwright.sync_api import expect

from accounts.models import User as Account
from socialnet.agents.user_posts import UserPosts
from tests.journeys.conftest import PASSWORD, Open

pytestmark = pytest.mark.browser


def test_a_post_and_a_person_are_reported_and_staff_sees_both(
    visitor: Open, alice: Account, bob: Account
) -> None:
    UserPosts.of("bob").create_post("Buy this")
    page = visitor(alice).visit("/u/bob/")
    page.get_by_label("More about this post").click()
    page.get_by_role("link", name="Report").click()
    expect(page.get_by_role("heading", name="Report this post")).to_be_visible()
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("alert")).to_be_visible()  # it wants a reason
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("#toasts")).to_contain_text("Thank you")

    page.get_by_label("More about Bob Lindqvist").click()
    page.get_by_role("link", name="Report").click()
    page.get_by_role("radio").last.check()
    page.get_by_label("What should we know?").fill("He never stops")
    page.get_by_role("button", name="Send report").click()
    expect(page.locator("#toasts")).to_contain_text("Thank you")

    root = Account.objects.create_superuser("root", password=PASSWORD)
    staff = visitor(root).visit("/admin/accounts/report/")
    expect(staff.locator("#result_list tbody tr")).to_have_count(2)
    staff.get_by_role("link", name="person").first.click()
    expect(staff.locator("#content")).to_contain_text("He never stops")
