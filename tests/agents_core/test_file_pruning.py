"""Nothing is left for ever of files that are no more."""

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, default_storage

from agents_core import (
    operations,
)
from agents_core.files import list_files, prune_blobs, upload
from agents_core.mailbox import prune
from agents_core.testing import Frozen
from tests.agents_core.albums import HOUR, Album, AlbumFull, Lumber, blobs, stored
from tests.agents_core.racing import (
    rows,
    together,
)

pytestmark = pytest.mark.usefixtures("media")


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
