"""Files of agents: as atomic as everything else, and nothing is left of them for ever."""

import hashlib
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connections
from pydantic import BaseModel, JsonValue
from pytest_django.fixtures import Settings

from agents_core import (
    AgentFile,
    Caller,
    DurableAgent,
    Parameter,
    Rejected,
    calling,
    command,
    operations,
    query,
)
from agents_core.context import Invocation
from agents_core.errors import (
    FileNotValid,
    FileTooLarge,
    NoSuchFile,
    OutcomeUnknown,
    UploadGone,
    WriteInQuery,
)
from agents_core.files import MAX_NAME_BYTES, list_files, open_file, prune_blobs, upload
from agents_core.mailbox import prune
from agents_core.testing import Frozen, Side, fault_at, freeze, step
from tests.agents_core.racing import (
    dead,
    mail,
    oplog,
    rows,
    started,
    together,
    wait_for_waiters,
)

SIDES: list[Side] = ["before", "after"]
HOUR = 3600.0


class Lumber(DurableAgent):
    """Keeps things, and no history of them."""

    oplog = "brief"

    @command
    def write(self, name: str, text: str) -> None:
        self.files.write(name, text.encode())

    @command
    def delete(self, name: str) -> None:
        self.files.delete(name)


class AlbumFull(Rejected):
    """The album is full."""

    code = "album_full"


class AlbumState(BaseModel):
    title: str = ""


class Album(DurableAgent):
    """Keeps pictures. Parameters: its name."""

    name: Parameter[str]
    state: AlbumState | None

    @query
    def read(self, name: str) -> str:
        return self.files.read(name).decode()

    @query
    def get(self, name: str) -> AgentFile | None:
        return self.files.get(name)

    @query
    def names(self, after: str = "", limit: int = 1000) -> list[str]:
        return [file.name for file in self.files.list(after=after, limit=limit)]

    @query
    def change(self, how: str) -> None:
        match how:
            case "write":
                self.files.write("a.txt", b"by a query")
            case "delete":
                self.files.delete("a.txt")
            case "take":
                file = self.files.get("a.txt")
                assert file is not None
                self.files.take(file)

    @command
    def write(
        self, name: str, text: str, content_type: str | None = None, then: str = ""
    ) -> list[str]:
        """Write a file; the names and texts of all there are then."""
        self.files.write(name, text.encode(), content_type)
        seen = [f"{file.name}: {self.files.read(file.name).decode()}" for file in self.files.list()]
        self._then(then)
        return seen

    @command
    def write_zeros(self, size: int) -> AgentFile:
        return self.files.write("zeros", bytes(size))

    @command
    def delete(self, name: str, then: str = "") -> list[str]:
        self.files.delete(name)
        self._then(then)
        return [file.name for file in self.files.list()]

    @command
    def take(self, file: AgentFile, then: str = "") -> AgentFile:
        taken = self.files.take(file)
        self._then(then)
        return taken

    @command
    def write_to(self, other: str, text: str, then: str = "") -> str:
        """Let another write and read it before anything is committed."""
        Album.of(other).write("a.txt", text)
        seen = Album.of(other).read("a.txt")
        self._then(then)
        return seen

    @command
    def meddle(self, other: str, how: str) -> None:
        """Ask another, in the middle of a turn, for a query that tries to write."""
        Album.of(other).write("a.txt", "first")
        Album.of(other).change(how)

    @command
    def rename(self, title: str) -> None:
        self.state = AlbumState(title=title)

    @command
    def fail(self) -> None:
        raise RuntimeError("broken")

    def _then(self, what: str) -> None:
        match what:
            case "refuse":
                raise AlbumFull
            case "fail":
                raise RuntimeError("after all that")
            case "fail once" if not failed:
                failed.append(what)
                raise RuntimeError("the first time")


failed: list[str] = []


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """The storage: an empty folder."""
    settings.MEDIA_ROOT = tmp_path
    failed.clear()
    return tmp_path


@pytest.fixture
def time() -> Iterator[Frozen]:
    with freeze("2026-03-01T12:00:00Z") as frozen:
        yield frozen


def stored(media: Path) -> list[str]:
    """What the storage holds, as text."""
    return sorted(path.read_text() for path in media.rglob("*") if path.is_file())


def blobs() -> int:
    return int(rows("SELECT count(*) FROM agents_core_blob")[0][0])


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


# uploads


def test_a_command_takes_what_was_uploaded_for_it(media: Path, time: Frozen) -> None:
    file = upload(Album.of("a"), "a.png", b"\x89PNG", "image/png")
    assert Album.of("a").names() == []
    time.tick(60)

    taken = Album.of("a").take(file)

    assert taken == file.model_copy(update={"written_at": time.now})
    assert Album.of("a").get("a.png") == taken
    with open_file(taken) as opened:
        assert opened.read() == b"\x89PNG"
    assert Album.of("a").take(file).blob == taken.blob  # taken twice is taken once
    assert Album.of("a").names() == ["a.png"]
    time.tick(HOUR)
    assert prune_blobs() == 0


@pytest.mark.parametrize("then", ["refuse", "fail"])
def test_a_dropped_command_took_nothing(then: str, time: Frozen) -> None:
    file = upload(Album.of("a"), "a.txt", b"one")

    with pytest.raises((AlbumFull, RuntimeError)):
        Album.of("a").take(file, then)

    assert Album.of("a").names() == []
    time.tick(HOUR + 1)
    assert prune_blobs() == 1


def test_nobody_takes_what_was_uploaded_for_another() -> None:
    Album.of("a").write("mine.txt", "one")
    [mine] = list_files("album:a")
    file = upload(Album.of("a"), "a.txt", b"one")

    for album, other in [
        ("b", mine),
        ("b", file),
        ("a", file.model_copy(update={"name": "b.txt"})),
        ("a", file.model_copy(update={"blob": uuid.uuid4()})),
    ]:
        with pytest.raises(UploadGone) as refused:
            Album.of(album).take(other)
        assert refused.value.status == 409

    assert Album.of("b").names() == []
    assert Album.of("a").names() == ["mine.txt"]


def test_an_upload_is_gone_when_nobody_took_it_within_the_hour(time: Frozen) -> None:
    file = upload(Album.of("a"), "a.txt", b"one")
    Album.of("a").trigger.take(file)
    time.tick(HOUR + 1)
    assert prune_blobs() == 1

    with pytest.raises(UploadGone):
        Album.of("a").take(file)

    assert Album.of("a").names() == []
    assert dead("album:a") == []  # refused as well


def test_what_is_being_taken_is_not_pruned(media: Path, time: Frozen) -> None:
    file = upload(Album.of("a"), "a.txt", b"one")
    time.tick(HOUR + 1)
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory")
    parameters.pop("context")

    with psycopg.connect(**parameters) as taking:
        taking.execute("SELECT 1 FROM agents_core_blob FOR KEY SHARE")
        assert prune_blobs() == 0

    assert Album.of("a").take(file).name == "a.txt"
    assert prune_blobs() == 0
    assert stored(media) == ["one"]


def test_what_is_being_pruned_is_not_taken(time: Frozen, monkeypatch: pytest.MonkeyPatch) -> None:
    file = upload(Album.of("a"), "a.txt", b"one")
    Album.of("a").write("b.txt", "two")
    time.tick(HOUR + 1)

    with slow_deletion(monkeypatch) as (deleting, go_on):
        pruning = started(prune_blobs)
        assert deleting.wait(30)
        taking = started(lambda: Album.of("a").take(file))
        wait_for_waiters()
        go_on.set()
        assert pruning.result(30) == 1
        with pytest.raises(UploadGone):
            taking.result(30)

    assert Album.of("a").names() == ["b.txt"]


@contextmanager
def slow_deletion(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A storage that stands still in the middle of a deletion until told."""
    deleting, go_on = threading.Event(), threading.Event()
    delete = FileSystemStorage.delete

    def slowly(storage: FileSystemStorage, name: str) -> None:
        deleting.set()
        assert go_on.wait(30)
        delete(storage, name)

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "delete", slowly)
        yield deleting, go_on
        go_on.set()


# pruning


def test_what_a_file_holds_stays_and_the_rest_goes(media: Path, time: Frozen) -> None:
    for name in ["a", "b"]:
        Album.of(name).write("kept.txt", f"kept {name}")
        with pytest.raises(AlbumFull):
            Album.of(name).write("refused.txt", f"refused {name}", then="refuse")
        upload(Album.of(name), "kept.txt", f"never taken {name}".encode())
    time.tick(HOUR + 1)
    Album.of("a").write("young.txt", "young")
    upload(Album.of("a"), "young.txt", b"young, not taken yet")

    assert prune() == 4

    assert stored(media) == ["kept a", "kept b", "young", "young, not taken yet"]
    assert blobs() == 4
    assert prune_blobs() == 0


def test_it_looks_at_a_few_at_a_time(media: Path, time: Frozen) -> None:
    for number in range(7):
        Album.of(f"{number % 3}").write("a.txt" if number < 3 else f"{number}", str(number))
        upload(Album.of(f"{number % 3}"), "a.txt", b"orphan")
    time.tick(HOUR + 1)

    assert prune_blobs(limit=2) == 7
    assert stored(media) == list("0123456")


def test_two_may_prune_at_once(media: Path, time: Frozen) -> None:
    for number in range(20):
        upload(Album.of("a"), f"{number}", b"orphan")
    time.tick(HOUR + 1)

    assert sum(together(*[lambda: prune_blobs(limit=3)] * 3)) == 20
    assert (stored(media), blobs()) == ([], 0)


def test_what_cannot_be_deleted_now_is_deleted_later(
    media: Path, time: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(Album.of("a"), "a.txt", b"one")
    upload(Album.of("a"), "b.txt", b"two")
    time.tick(HOUR + 1)
    delete = FileSystemStorage.delete
    away = [True]

    def sometimes(storage: FileSystemStorage, name: str) -> None:
        if away:
            away.clear()
            raise OSError("the storage is away")
        delete(storage, name)

    monkeypatch.setattr(FileSystemStorage, "delete", sometimes)

    assert prune_blobs() == 1
    assert (len(stored(media)), blobs()) == (1, 1)
    assert prune_blobs() == 1
    assert (stored(media), blobs()) == ([], 0)


def test_a_pruner_that_is_killed_in_the_middle_is_followed_by_another(
    media: Path, time: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ["a.txt", "b.txt"]:
        upload(Album.of("a"), name, name.encode())
    time.tick(HOUR + 1)
    delete = FileSystemStorage.delete

    def once(storage: FileSystemStorage, name: str) -> None:
        delete(storage, name)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "delete", once)
        with pytest.raises(KeyboardInterrupt):
            prune_blobs()

    assert (len(stored(media)), blobs()) == (1, 2)
    assert prune_blobs() == 2
    assert (stored(media), blobs()) == ([], 0)


def test_what_a_file_was_goes_with_what_it_can_be_reverted_to(media: Path, time: Frozen) -> None:
    Album.of("a").write("a.txt", "one")
    Album.of("a").write("a.txt", "two")
    Album.of("a").write("b.txt", "three")
    Album.of("a").delete("b.txt")
    time.tick(HOUR + 1)

    assert prune_blobs() == 0
    assert stored(media) == ["one", "three", "two"]

    rows("DELETE FROM agents_core_itempast")  # its history was dropped
    assert prune_blobs() == 2
    assert stored(media) == ["two"]
    assert Album.of("a").read("a.txt") == "two"


def test_what_a_file_of_a_plumbing_type_was_goes_soon(media: Path, time: Frozen) -> None:
    Lumber.of().write("a.txt", "one")
    Lumber.of().write("a.txt", "two")
    Lumber.of().write("b.txt", "three")
    Lumber.of().delete("b.txt")

    assert prune_blobs() == 0
    time.tick(HOUR + 1)
    assert prune_blobs() == 2
    assert stored(media) == ["two"]


def test_the_files_of_an_agent_that_is_gone_go_too(media: Path, time: Frozen) -> None:
    Album.of("a").write("a.txt", "one")
    Album.of("b").write("a.txt", "two")
    operations.delete("album:a", by="olivia")
    time.tick(HOUR + 1)

    assert Album.of("a").names() == []

    assert prune_blobs() == 1
    assert stored(media) == ["two"]


def test_the_storage_is_the_one_that_django_is_told_of() -> None:
    Album.of("a").write("a.txt", "one")
    [file] = list_files("album:a")

    with default_storage.open(f"agent-files/{file.blob.hex[-2:]}/{file.blob}") as opened:
        assert opened.read() == b"one"
