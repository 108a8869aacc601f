"""What an effect answered, as the asking agent's command gets it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel

from agents_core.errors import AgentError

T = TypeVar("T")


class Answer(BaseModel, Generic[T]):
    """The answer of the effect with that id: its `result`, or the `refusal` it ended with.

    A refusal is `{"code", "facts"}`: one the effect raised, or `effect_failed` after its last try,
    or `effect_outcome_unknown`. `attempts` counts the tries.
    """

    effect: str
    attempts: int
    result: T | None = None
    refusal: dict[str, Any] | None = None

    def get(self) -> T:
        """The result; raises the refusal."""
        if self.refusal is not None:
            raise AgentError.from_json(self.refusal)
        return cast("T", self.result)


def is_answer(hint: object) -> bool:
    """Whether a parameter of that type takes an answer."""
    return isinstance(hint, type) and issubclass(hint, Answer)
