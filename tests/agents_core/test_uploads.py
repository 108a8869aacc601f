"""What was uploaded for an agent: taken by a command, or gone within the hour."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connections

from agents_core.errors import (
    UploadGone,
)
from agents_core.files import list_files, open_file, prune_blobs, upload
from agents_core.testing import Frozen
from tests.agents_core.albums import HOUR, Album, AlbumFull, stored
from tests.agents_core.racing import (
    dead,
    started,
    wait_for_waiters,
)

pytestmark = pytest.mark.usefixtures("media")


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
