"""What every API endpoint shares: the caller's request and the way lists are paged."""

from typing import Annotated

from ninja import Field, Query, Schema

from accounts.caller import CallerRequest, acting_for, require_staff

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


class Paging(Schema):
    """`limit` and `cursor` of a list; the cursor is the previous answer's `next_cursor`."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, max_length=1_000)


PageQuery = Annotated[Paging, Query()]

__all__ = ["CallerRequest", "PageQuery", "Paging", "acting_for", "require_staff"]
