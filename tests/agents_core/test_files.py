"""Files of agents: as atomic as everything else."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from pydantic import JsonValue
from pytest_django.fixtures import Settings

from agents_core import (
    Caller,
    calling,
    operations,
)
from agents_core.context import Invocation
from agents_core.errors import (
    FileNotValid,
    FileTooLarge,
    NoSuchFile,
    OutcomeUnknown,
    WriteInQuery,
)
from agents_core.files import MAX_NAME_BYTES, list_files, open_file, prune_blobs, upload
from agents_core.testing import Frozen, Side, fault_at, step
from tests.agents_core.albums import HOUR, SIDES, Album, AlbumFull, blobs, failed, stored
from tests.agents_core.racing import (
    dead,
    mail,
    oplog,
)

pytestmark = pytest.mark.usefixtures("media")


def test_it_writes_and_reads_files(media: Path) -> None:
    assert Album.of("a").write("b.txt", "two", "text/plain") == ["b.txt: two"]
    assert Album.of("a").write("a.txt", "one") == ["a.txt: one", "b.txt: two"]

    assert Album.of("a").read("b.txt") == "two"
    assert Album.of("a").names() == ["a.txt", "b.txt"]
    assert Album.of("a").names(after="a.txt") == ["b.txt"]
    assert Album.of("a").names(limit=1) == ["a.txt"]
    assert Album.of("b").names() == []
    assert stored(media) == ["one", "two"]


def test_it_tells_about_a_file(time: Frozen) -> None:
    Album.of("a").write("a.txt", "one", "text/plain; charset=utf-8")
    Album.of("a").write("b.bin", "two")

    file = Album.of("a").get("a.txt")

    assert file is not None
    assert (file.name, file.size, file.content_type) == ("a.txt", 3, "text/plain; charset=utf-8")
    assert file.sha256 == hashlib.sha256(b"one").hexdigest()
    assert file.written_at == time.now
    assert [file.content_type for file in list_files("album:a")][1] == "application/octet-stream"
    assert Album.of("a").get("c.txt") is None


def test_whoever_has_the_file_opens_it() -> None:
    Album.of("a").write("a.txt", "one")
    [file] = list_files("album:a")
    Album.of("a").write("a.txt", "two")

    with open_file(file) as opened:
        assert opened.read() == b"one"  # what it stands for never changes


def test_writing_again_replaces() -> None:
    Album.of("a").write("a.txt", "one")

    assert Album.of("a").write("a.txt", "two") == ["a.txt: two"]
    assert Album.of("a").read("a.txt") == "two"


def test_reading_what_is_not_there_is_refused() -> None:
    Album.of("a").write("a.txt", "one")

    with pytest.raises(NoSuchFile) as refused:
        Album.of("a").read("b.txt")

    assert refused.value.facts == {"agent_id": "album:a", "name": "b.txt"}
    assert refused.value.status == 404


def test_deleting_is_done_once_or_twice() -> None:
    Album.of("a").write("a.txt", "one")
    Album.of("a").write("b.txt", "two")

    for _ in range(2):
        assert Album.of("a").delete("a.txt") == ["b.txt"]
    assert Album.of("a").names() == ["b.txt"]


@pytest.mark.parametrize("how", ["write", "delete", "take"])
def test_a_query_cannot_change_files(how: str, media: Path) -> None:
    Album.of("a").write("a.txt", "one")

    with pytest.raises(WriteInQuery):
        Album.of("a").change(how)
    with pytest.raises(WriteInQuery):
        Album.of("b").meddle("a", how)

    assert Album.of("a").read("a.txt") == "one"
    assert "by a query" not in stored(media)


@pytest.mark.parametrize(("then", "raised"), [("refuse", AlbumFull), ("fail", RuntimeError)])
def test_what_a_dropped_command_did_is_never_seen(then: str, raised: type[Exception]) -> None:
    Album.of("a").write("a.txt", "one")
    Album.of("a").write("b.txt", "two")

    with pytest.raises(raised):
        Album.of("a").write("a.txt", "three", then=then)
    with pytest.raises(raised):
        Album.of("a").write("c.txt", "four", then=then)
    with pytest.raises(raised):
        Album.of("a").delete("b.txt", then)
    with pytest.raises(raised):
        Album.of("b").write_to("a", "five", then)

    assert Album.of("a").names() == ["a.txt", "b.txt"]
    assert Album.of("a").read("a.txt") == "one"


def test_a_command_within_another_is_part_of_it() -> None:
    assert Album.of("b").write_to("a", "one") == "one"
    assert Album.of("a").read("a.txt") == "one"


def test_a_fault_in_a_batch_drops_its_own_files_alone() -> None:
    for name in ["a.txt", "b.txt"]:
        Album.of("a").trigger.write(name, name)
        Album.of("a").trigger.write(f"not-{name}", name, then="fail")
    Album.of("a").trigger.delete("a.txt")
    step()

    assert Album.of("a").names() == ["b.txt"]
    assert len(dead("album:a")) == 2


def test_a_message_that_is_tried_again_leaves_one_file(media: Path, time: Frozen) -> None:
    Album.of("a").trigger.write("a.txt", "one", then="fail once")
    step()

    assert failed
    assert Album.of("a").read("a.txt") == "one"
    assert stored(media) == ["one", "one"]

    time.tick(HOUR + 1)

    assert prune_blobs() == 1
    assert stored(media) == ["one"]
    assert Album.of("a").read("a.txt") == "one"


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("edge", ["turn", "blob"])
def test_a_message_whose_commit_is_lost_leaves_one_file(
    edge: Any, side: Side, media: Path, time: Frozen
) -> None:
    Album.of("a").trigger.write("a.txt", "one")
    with fault_at(edge, side) as faults:
        step()
    step()

    assert faults == [f"{side} {edge}"]
    assert Album.of("a").read("a.txt") == "one"
    assert mail("album:a") == dead("album:a") == []

    time.tick(HOUR + 1)
    prune_blobs()

    assert (stored(media), blobs()) == (["one"], 1)
    assert Album.of("a").read("a.txt") == "one"


def test_nothing_is_seen_of_a_command_that_ends_before_its_commit(
    media: Path, time: Frozen
) -> None:
    with pytest.raises(OutcomeUnknown), fault_at("turn", "before"):
        Album.of("a").write("a.txt", "one")

    assert Album.of("a").names() == []
    assert stored(media) == ["one"]  # stored, and named by nothing

    time.tick(HOUR - 1)
    assert prune_blobs() == 0

    time.tick(2)
    assert prune_blobs() == 1
    assert (stored(media), blobs()) == ([], 0)


@pytest.mark.parametrize("side", SIDES)
def test_a_command_with_a_key_whose_commit_is_lost_writes_once(side: Side) -> None:
    with calling(Caller("alice"), key="k"), fault_at("turn", side):
        assert Album.of("a").write("a.txt", "one") == ["a.txt: one"]
    Album.of("a").write("a.txt", "two")

    with calling(Caller("alice"), key="k"):
        assert Album.of("a").write("a.txt", "one") == ["a.txt: one"]
    assert Album.of("a").read("a.txt") == "two"


def test_a_storage_that_fails_is_a_fault(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Album.of("a").write("a.txt", "one")
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", full_disk)
        with pytest.raises(OSError, match="disk is full"):
            Album.of("a").write("a.txt", "two")

    assert Album.of("a").read("a.txt") == "one"
    assert Album.of("a").write("a.txt", "three") == ["a.txt: three"]


def full_disk(storage: object, name: str, content: object) -> str:
    raise OSError("the disk is full")


def test_a_file_has_a_limit_of_its_own(settings: Settings) -> None:
    settings.AGENTS = {**settings.AGENTS, "FILE_LIMIT": 1000}
    assert Album.of("a").write_zeros(0).size == 0
    assert Album.of("a").write_zeros(1000).size == 1000

    with pytest.raises(FileTooLarge) as refused:
        Album.of("a").write_zeros(1001)

    assert refused.value.facts == {"name": "zeros", "size": 1001, "limit": 1000}
    assert (refused.value.code, refused.value.status) == ("file_too_large", 413)
    assert Album.of("a").get("zeros").size == 1000  # type: ignore[union-attr]


def test_ten_megabytes_fit_unless_said_otherwise() -> None:
    assert Album.of("a").write_zeros(10 * 1024 * 1024).size == 10 * 1024 * 1024

    with pytest.raises(FileTooLarge):
        Album.of("a").write_zeros(10 * 1024 * 1024 + 1)


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "picture.png",
        ".hidden",
        "...",
        "a..b",
        "with space.txt",
        "naïve – 漢字.txt",
        "👩\u200d🚀.png",
        "می\u200cخواهم.txt",
        "%2e%2e%2f",
        "~files",
        "-rf",
        "a'b\"c;d",
        "n" * MAX_NAME_BYTES,
    ],
)
def test_it_takes_any_name(name: str, media: Path) -> None:
    Album.of("a").write(name, "one")

    assert Album.of("a").names() == [name]
    assert Album.of("a").read(name) == "one"
    [path] = [path for path in media.rglob("*") if path.is_file()]
    assert uuid.UUID(path.name)  # no name reaches the storage


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no name"),
        (".", "no name"),
        ("..", "no name"),
        ("a/b", "slash"),
        ("/etc/passwd", "slash"),
        ("../a", "slash"),
        ("a\\b", "slash"),
        ("a\nb", "cannot be seen"),
        ("a\rb", "cannot be seen"),
        ("a\tb", "cannot be seen"),
        ("a\x7fb", "cannot be seen"),
        ("a\u2028b", "cannot be seen"),
        ("gpj\u202e.exe", "cannot be seen"),
        ("\ufeffa", "cannot be seen"),
        (" a", "space"),
        ("a ", "space"),
        ("n" * (MAX_NAME_BYTES + 1), "bytes"),
        ("ü" * 128, "bytes"),
    ],
)
def test_it_refuses_what_is_no_name(name: str, reason: str, media: Path) -> None:
    with pytest.raises(FileNotValid, match=reason) as refused:
        Album.of("a").write(name, "one")
    with pytest.raises(FileNotValid):
        upload(Album.of("a"), name, b"one")

    assert (refused.value.code, refused.value.status) == ("file_not_valid", 422)
    assert refused.value.facts["name"] == name[:255]
    assert (stored(media), blobs()) == ([], 0)


@pytest.mark.parametrize(
    "content_type", ["image/png", "text/html; charset=utf-8", "image/svg+xml", "a/b;c=d; e=f"]
)
def test_it_takes_content_types(content_type: str) -> None:
    Album.of("a").write("a", "one", content_type)

    assert Album.of("a").get("a").content_type == content_type  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "content_type", ["png", "image/", "/png", "text/plain\r\nX-Evil: 1", "a/b;c", "ä/b", "x" * 99]
)
def test_it_refuses_what_is_no_content_type(content_type: str, media: Path) -> None:
    with pytest.raises(FileNotValid, match="content type"):
        Album.of("a").write("a", "one", content_type)

    assert stored(media) == []


def test_the_id_of_what_it_stores_follows_from_the_recorded_seed() -> None:
    Album.of("a").write("a.txt", "one")

    [(_, entry)] = oplog("album:a")
    again = Invocation(entry["time"], None, entry["seed"])
    [file] = list_files("album:a")
    assert str(file.blob) == again.new_id()


@pytest.mark.parametrize("fails", [False, True])
def test_an_update_may_move_into_a_file_what_the_document_had(
    fails: bool, definitions: None, caplog: pytest.LogCaptureFixture
) -> None:
    Album.of("a").rename("Summer")

    class Album2(Album):
        agent_type = "album"
        version = 2

        def load_snapshot(self, snapshot: JsonValue) -> None:
            assert isinstance(snapshot, dict)
            self.files.write("title.txt", str(snapshot["title"]).encode())
            assert not fails

    operations.update("album:a", 2, "manual", by="olivia")
    step()

    assert oplog("album:a")[-1][0] == ("update-failed" if fails else "update")
    assert Album2.of("a").names() == ([] if fails else ["title.txt"])
    assert fails or Album2.of("a").read("title.txt") == "Summer"
