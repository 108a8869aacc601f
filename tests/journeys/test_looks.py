"""Every page: for all eyes and hands (WCAG 2.2 AA), at every width, both themes, in policy."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from agents_core.testing import step
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
OUTSIDE = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
INSIDE = (
    *("/", "/people/?q=b", "/people/?q=nobody-at-all", "/u/alice/", "/u/bob/", "/u/nobody/"),
    *("/u/alice/connections/?type=following", "/account/", "/account/profile/"),
    *("/notifications/", "/notifications/settings/", "/account/data/"),
    *("/account/report/person/bob/", "/bookmarks/", "/bookmarks/?q=nothing"),
)
OF_THE_LIBRARY = (
    *("/accounts/password/change/", "/accounts/sessions/", "/accounts/email/"),
    *("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"),
    "/accounts/reauthenticate/",
)
WITH_A_SECOND_STEP = (
    *("/accounts/2fa/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/webauthn/"),
    *("/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"),
    "/accounts/2fa/reauthenticate/",
)
LOOKS = pytest.mark.parametrize("width", [320, 1280])


def look(page: Page, path: str) -> None:
    """One page in both themes: nothing axe finds, nothing that sticks out."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path} {scheme}\n{found.generate_report()}"
    inside = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inside, f"{path} is wider than its window"


@LOOKS
def test_pages_outside_are_for_everybody(visitor: Open, width: int) -> None:
    guest = visitor(viewport={"width": width, "height": 800})
    for path in OUTSIDE:
        look(guest.visit(path), path)


@LOOKS
def test_pages_inside_are_for_everybody(
    visitor: Open, alice: Account, bob: Account, width: int
) -> None:
    post_id = UserPosts.of("alice").create_post("Something with https://example.org/ in it").post_id
    User.of("alice").connect("bob", "following")
    User.of("bob").connect("alice", "friend")
    step()
    guest = visitor(alice, viewport={"width": width, "height": 800})
    paths = [*INSIDE, f"/posts/{post_id}/", f"/posts/{post_id}/delete/"]
    # What the library draws out of our elements needs looking at in one width only.
    for path in paths if width > 320 else [*paths, *OF_THE_LIBRARY]:
        look(guest.visit(path), path)
    if width == 320:
        TOTP.activate(alice, "ABCDEFGHIJKLMNOP")
        RecoveryCodes.activate(alice)
        for path in WITH_A_SECOND_STEP:
            look(guest.visit(path), path)
    page = guest.visit("/")
    for place in "hpncsu":  # also at the thumb
        expect(page.locator(f".nav [data-go={place}]")).to_be_visible()
    page.keyboard.press("?")
    look(page, "the list of shortcuts")


def test_the_theme_is_kept_with_the_account(visitor: Open, alice: Account) -> None:
    guest = visitor(alice, color_scheme="light")
    page = guest.visit("/account/")
    with page.expect_response("**/account/theme/"):
        page.get_by_label("Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page = visitor(alice, color_scheme="light").visit("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 21, 18)"


def test_a_token_is_shown_once_and_can_be_revoked(visitor: Open, alice: Account) -> None:
    guest = visitor(alice)
    page = guest.visit("/account/")
    page.get_by_label("Name of a new token").fill("backup script")
    page.get_by_role("button", name="Make token").click()
    token = page.locator("#new-token").inner_text()
    answer = page.request.get(
        f"{guest.site.url}/api/v1/social-net/users/me", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.json()["user_id"] == "alice"
    page = guest.visit("/account/")
    expect(page.locator("#new-token")).to_have_count(0)
    page.get_by_role("button", name="Revoke backup script").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No tokens yet.")).to_be_visible()
