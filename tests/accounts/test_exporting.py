"""One's data as an archive: everything of one's own, made in the background, for oneself alone."""

import json
import zipfile
from contextlib import closing
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts import exporting, tasks
from accounts.models import DataExport
from accounts.models import User as Account
from agents_core.testing import step
from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_posts import UserPosts
from tests.shop.goods import place, sell


@pytest.fixture
def alice() -> Account:
    return Account.objects.create_user("alice", "alice@example.com")


@pytest.fixture
def hers(alice: Account) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def unpacked(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def test_everything_of_ones_own_is_in_it(alice: Account, hers: Client) -> None:
    Account.objects.create_user("bob", "bob@example.com")
    User.of("alice").connect("bob", "following")
    post_id = UserPosts.of("alice").create_post("My lemons").post_id
    UserPosts.of("bob").create_post("Secret pears")
    Bookmarks.of("alice").save(post_id)
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    sell("lamp", "9.90")
    order_id = place(lamp=2)
    step()
    hers.post("/account/data/export/")
    export = DataExport.objects.get()
    assert "Waiting" in hers.get("/account/data/").content.decode()

    tasks.make_export(str(export.pk))
    answer = hers.get(f"/account/data/export/{export.pk}/")

    found = unpacked(b"".join(answer.streaming_content))  # type: ignore[arg-type]
    assert found["alice/account.json"]["email"] == "alice@example.com"
    assert found["alice/profile.json"]["user_id"] == "alice"
    assert found["alice/connections.json"][0]["user_id"] == "bob"
    assert found[f"alice/posts/{post_id}.json"]["content"] == "My lemons"
    assert [one["post_id"] for one in found["alice/bookmarks.json"]] == [post_id]
    assert found[f"alice/chats/{chat_id}/00001.json"]["participants"] == ["alice", "bob"]
    assert found[f"alice/shop/orders/{order_id}.json"]["total"] == "19.80"
    text = json.dumps(found)
    assert "bob@example.com" not in text
    assert "Secret pears" not in text
    export.refresh_from_db()
    assert (export.status, export.done, export.files) == ("ready", export.total, len(found))
    assert "Download" in hers.get("/account/data/").content.decode()


def test_two_clicks_make_one(alice: Account, hers: Client) -> None:
    for _ in range(2):
        hers.post("/account/data/export/")
    assert DataExport.objects.count() == 1
    export = DataExport.objects.get()
    for _ in range(2):
        exporting.make(export.pk)
    export.refresh_from_db()
    assert export.status == "ready"


def test_nobody_else_gets_it(alice: Account, hers: Client) -> None:
    hers.post("/account/data/export/")
    export = DataExport.objects.get()
    exporting.make(export.pk)
    other = Client()
    assert other.get(f"/account/data/export/{export.pk}/").status_code == 302
    other.force_login(Account.objects.create_user("bob", is_staff=True))
    assert other.get(f"/account/data/export/{export.pk}/").status_code == 404
    with closing(hers.get(f"/account/data/export/{export.pk}/")) as answer:
        assert answer.status_code == 200


def test_one_whose_worker_died_is_made_by_the_next(alice: Account) -> None:
    export = exporting.ask_for(alice)
    long_ago = timezone.now() - timedelta(hours=1)
    DataExport.objects.update(status="running", started_at=long_ago, asked_at=long_ago, files=7)
    tasks.upkeep()
    export.refresh_from_db()
    assert export.status == "ready"


def test_one_that_breaks_says_so(
    alice: Account, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.personal.as_json", lambda content: 1 / 0)
    export = exporting.ask_for(alice)
    with pytest.raises(ZeroDivisionError):
        exporting.make(export.pk)
    assert "could not be made" in hers.get("/account/data/").content.decode()


def test_after_a_week_it_is_gone_with_its_file(alice: Account) -> None:
    export = exporting.ask_for(alice)
    exporting.make(export.pk)
    export.refresh_from_db()
    assert default_storage.exists(export.file)
    DataExport.objects.update(ended_at=timezone.now() - timedelta(days=8))
    tasks.upkeep()
    assert not DataExport.objects.exists()
    assert not default_storage.exists(export.file)
