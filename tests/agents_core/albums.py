"""Agents that keep files, and what the storage keeps for them."""

from pathlib import Path

from pydantic import BaseModel

from agents_core import (
    AgentFile,
    DurableAgent,
    Parameter,
    Rejected,
    command,
    query,
)
from agents_core.testing import Side
from tests.agents_core.racing import (
    rows,
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


def stored(media: Path) -> list[str]:
    """What the storage holds, as text."""
    return sorted(path.read_text() for path in media.rglob("*") if path.is_file())


def blobs() -> int:
    return int(rows("SELECT count(*) FROM agents_core_blob")[0][0])
