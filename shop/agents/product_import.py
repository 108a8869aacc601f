"""Bringing in many products at once."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import orjson
from pydantic import BaseModel

from agents_core import AgentFile, DurableAgent, Parameter, command, query
from shop import bulk
from shop.agents.errors import ImportNotFound
from shop.agents.product import Product

FILE = "products.csv"
ERRORS_KEPT = 500
TOGETHER = 25
"""Products of one part; each part is taken whole, in a turn of its own."""

ImportStatus = Literal["checking", "refused", "importing", "done"]


class ImportState(BaseModel):
    """How far it is. `errors` are the first of `error_count`; with any, nothing was changed."""

    status: ImportStatus = "checking"
    file_name: str
    lines: int = 0
    products: int = 0
    done: int = 0
    errors: list[bulk.LineError] = []
    error_count: int = 0
    started_at: datetime
    ended_at: datetime | None = None


class ProductImport(DurableAgent):
    """The import of one CSV file. Parameters: an id of its own.

    The whole file is checked before anything of it is used. Then it goes on part by part, through
    any crash, and what it brings is brought once.
    """

    import_id: Parameter[str]
    state: ImportState | None
    lane = "bulk"

    @query
    def get_progress(self) -> ImportState:
        """How far it is; refuses where nothing was begun."""
        if self.state is None:
            raise ImportNotFound(import_id=self.import_id)
        return self.state

    @command
    def begin(self, upload: AgentFile, file_name: str) -> None:
        """Import a file uploaded as `FILE`; a second call changes nothing."""
        if self.state is None:
            self.files.take(upload)
            self.state = ImportState(file_name=file_name[:200], started_at=self.now())
            self.of(self.import_id).trigger.check()

    @command
    def check(self) -> None:
        """Read the file: refuse it for all that is wrong with it, or begin to use it."""
        state = self.get_progress()
        if state.status != "checking":
            return
        try:
            parsed = bulk.read(self.files.read(FILE).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            wrong = bulk.LineError(line=1, message=f"This is not UTF-8 text: {error.reason}.")
            parsed = bulk.Parsed(products=[], errors=[wrong], lines=0)
        new = state.model_copy(update={"lines": parsed.lines, "products": len(parsed.products)})
        if parsed.errors:
            new.errors, new.error_count = parsed.errors[:ERRORS_KEPT], len(parsed.errors)
            new.status, new.ended_at = "refused", self.now()
            self.state = new
            return
        for start in range(0, len(parsed.products), TOGETHER):
            part = [one.model_dump() for one in parsed.products[start : start + TOGETHER]]
            self.files.write(_part(start), orjson.dumps(part, default=str), "application/json")
        new.status = "importing"
        self.state = new
        self.of(self.import_id).trigger.go_on()

    @command
    def go_on(self) -> None:
        """Bring in the next part; when all is in, a call changes nothing."""
        state = self.get_progress()
        if state.status != "importing":
            return
        name = _part(state.done)
        part = [bulk.BulkProduct.model_validate(one) for one in orjson.loads(self.files.read(name))]
        for one in part:
            Product.of(one.product_id).put_with_prices(one.details, one.prices)
        self.files.delete(name)
        new = state.model_copy(update={"done": state.done + len(part)})
        if new.done < new.products:
            self.of(self.import_id).trigger.go_on()
        else:
            new.status, new.ended_at = "done", self.now()
        self.state = new


def _part(start: int) -> str:
    return f"part-{start:09}.json"
