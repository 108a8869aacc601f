"""A person's profile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.text import EmailNotValid
from agents_core.files import upload
from agents_core.testing import freeze, step
from socialnet.agents.errors import NameNotValid, PictureNotValid, TimeNotValid, UserIdNotValid
from socialnet.agents.schemas import UserView
from socialnet.agents.user import AVATAR, AVATAR_TYPE, User
from socialnet.agents.user_index import UserIndex


def person(user_id: str) -> UserView:
    view = User.of(user_id).get_user()
    assert view is not None
    return view


def test_it_does_not_exist_before_its_first_command() -> None:
    assert User.of("nobody").get_user() is None
    assert not User.of("nobody").is_registered()


def test_it_begins_with_its_registration() -> None:
    view = User.of("dora").register("Dora", "dora@example.org")
    assert (view.user_id, view.name, view.email) == ("dora", "Dora", "dora@example.org")
    assert view.connection_counts.friend == 0
    assert person("dora") == view


def test_it_registers_once() -> None:
    first = User.of("dora").register("Dora")
    assert User.of("dora").register("Somebody else") == first


def test_it_enters_the_index() -> None:
    User.of("dora").register()
    step()
    assert "dora" in UserIndex.for_user("dora").list_users()


def test_it_can_have_joined_in_the_past() -> None:
    joined = datetime(2020, 1, 2, tzinfo=UTC)
    assert User.of("dora").register(joined_at=joined).created_at == joined


def test_it_cannot_have_joined_in_the_future() -> None:
    with pytest.raises(TimeNotValid):
        User.of("dora").register(joined_at=datetime(2999, 1, 1, tzinfo=UTC))
    assert User.of("dora").get_user() is None


def test_it_refuses_an_id_that_no_account_can_have() -> None:
    with pytest.raises(UserIdNotValid):
        User.of("Dora Maar").register()


def test_it_takes_a_name() -> None:
    assert User.of("alice").set_name("  Alice\u202e Liddell ").name == "Alice Liddell"
    assert person("alice").display_name == "Alice Liddell"


def test_it_goes_by_its_id_without_a_name() -> None:
    assert User.of("alice").set_name(None).display_name == "alice"


def test_it_refuses_a_name_that_is_too_long() -> None:
    with pytest.raises(NameNotValid):
        User.of("alice").set_name("x" * 81)
    assert person("alice").name == "Alice"


def test_it_does_not_change_when_the_name_is_set_again() -> None:
    before = User.of("alice").set_name("Alice L")
    assert User.of("alice").set_name("Alice L") == before


def test_it_takes_an_address() -> None:
    assert User.of("alice").set_email("Alice@Example.ORG").email == "Alice@example.org"
    assert User.of("alice").set_email(None).email is None


def test_it_refuses_what_is_no_address() -> None:
    User.of("alice").set_email("alice@example.org")
    with pytest.raises(EmailNotValid) as refusal:
        User.of("alice").set_email("nonsense")
    assert refusal.value.code == "email_not_valid"
    assert person("alice").email == "alice@example.org"


def test_it_registers_with_the_first_write() -> None:
    User.of("dora").set_name("Dora")
    step()
    assert person("dora").name == "Dora"
    assert "dora" in UserIndex.for_user("dora").list_users()


def test_it_knows_when_it_changed() -> None:
    with freeze("2999-03-01T12:00:00Z") as time:
        User.of("alice").set_name("One")
        time.tick(60)
        assert User.of("alice").set_name("Two").updated_at.minute == 1
        assert person("alice").created_at.year < 2999


def test_it_shows_private_parts_to_itself_and_staff_alone() -> None:
    view = User.of("alice").set_email("alice@example.org")
    assert view.seen_by("alice").email == "alice@example.org"
    assert view.seen_by("bob", staff=True).email == "alice@example.org"
    seen = view.seen_by("bob").model_dump(mode="json")
    assert not {"email", "requests", "blocks"} & seen.keys()
    assert seen["name"] == "Alice"


def test_it_gives_the_profiles_of_many_at_once() -> None:
    profiles = User.of_many(["bob", "nobody", "alice"]).get_profile()
    assert [profile and profile.display_name for profile in profiles] == ["Bob", None, "Alice"]


def test_a_picture_is_a_file_and_its_hash_stands_in_the_profile() -> None:
    dora = User.of("dora")
    picture = upload(dora, AVATAR, b"a picture", AVATAR_TYPE)
    assert dora.set_avatar(picture).avatar == picture.sha256
    assert dora.set_avatar(upload(dora, AVATAR, b"a picture", AVATAR_TYPE)) == person("dora")
    kept = dora.get_avatar()
    assert kept is not None
    assert kept.sha256 == picture.sha256
    assert dora.set_avatar(None).avatar is None
    assert dora.get_avatar() is None
    assert dora.set_avatar(None) == person("dora")


@pytest.mark.parametrize(
    ("name", "content_type"), [("other.webp", AVATAR_TYPE), (AVATAR, "image/svg+xml")]
)
def test_what_was_not_made_for_it_is_no_picture(name: str, content_type: str) -> None:
    dora = User.of("dora")
    dora.register()
    with pytest.raises(PictureNotValid):
        dora.set_avatar(upload(dora, name, b"<svg/>", content_type))
    assert person("dora").avatar is None


def test_a_profile_is_edited_whole_or_not_at_all() -> None:
    dora = User.of("dora")
    view = dora.edit_profile("Dora", "I knit.", "dora@example.org")
    assert (view.name, view.bio, view.email) == ("Dora", "I knit.", "dora@example.org")
    assert dora.edit_profile("Dora", "I knit.", "dora@example.org") == view
    with pytest.raises(EmailNotValid):
        dora.edit_profile("Not Dora", "I sew.", "nonsense")
    assert person("dora") == view
    assert dora.edit_profile("", " ", None).bio is None
