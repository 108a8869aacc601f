"""Whether a register behaved as one: is there an order of its operations that explains all answers?

The search is Wing's and Gong's with Lowe's memory: operations are tried in any order in which none
is put before one that was answered before it began; a set of operations and the value after it need
be visited once only, however they were ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on a register, from its call to its answer (any clock all callers share).

    `read`: saw `value`. `write`: the value is `value` now. `cas`: it was `expected` and is `value`
    now; one that was refused is a `read` of what it found. `answered` is None where nobody knows
    whether it happened, and when: at any time after the call, or never.
    """

    kind: Literal["read", "write", "cas"]
    called: int
    answered: int | None
    value: str | None
    expected: str | None = None
    who: str = ""

    def after(self, value: str | None) -> tuple[bool, str | None]:
        """Whether it can happen to a register that holds `value`, and what it holds then."""
        if self.kind == "read":
            return value == self.value, value
        return self.kind == "write" or value == self.expected, self.value

    def __str__(self) -> str:
        what = f"{self.expected} -> {self.value}" if self.kind == "cas" else f"{self.value}"
        return f"{self.called}..{self.answered or ''} {self.who} {self.kind} {what}"


@dataclass(frozen=True)
class Violation:
    """No order explains the answers. The best one found ends where `blocked` can come nowhere."""

    order: list[Operation]
    blocked: Operation

    def __str__(self) -> str:
        last = "\n".join(f"  {operation}" for operation in self.order[-10:])
        return (
            f"the longest order that explains answers ends\n{last}\n"
            f"and has no place for\n  {self.blocked}"
        )


def find_violation(history: Sequence[Operation], initial: str | None = None) -> Violation | None:
    """None: there is an order of all answered operations, and of some whose outcome is unknown,
    that respects time and explains every answer. The search takes exponential time at worst; when
    every written value is another it is about linear."""
    return _Search(_that_matter(history)).run(initial)


def _that_matter(history: Sequence[Operation]) -> list[Operation]:
    """Leave out unknown outcomes nobody saw: an order with one of them explains as much without."""
    seen = {operation.value for operation in history if operation.kind == "read"}
    seen |= {operation.expected for operation in history if operation.kind == "cas"}
    return [
        operation
        for operation in history
        if operation.answered is not None or (operation.kind != "read" and operation.value in seen)
    ]


class _Search:
    """The events in order of time as a list whose elements can be taken out and put back."""

    def __init__(self, history: Sequence[Operation]) -> None:
        self.history = history
        # calls before answers of the same moment: then they may have overlapped
        events = [(operation.called, 0, number) for number, operation in enumerate(history)]
        events += [
            (operation.answered, 1, number)
            for number, operation in enumerate(history)
            if operation.answered is not None
        ]
        events.sort()
        self.numbers = [-1, *(number for _, _, number in events)]
        self.is_call = [False, *(kind == 0 for _, kind, _ in events)]
        size = len(self.numbers)
        self.next = [*range(1, size), 0]  # 0 is both ends
        self.before = [size - 1, *range(size - 1)]
        self.answer = dict[int, int]()
        for place in range(1, size):
            if not self.is_call[place]:
                self.answer[self.numbers[place]] = place

    def run(self, value: str | None) -> Violation | None:
        unanswered = len(self.answer)
        done, known = 0, set[tuple[int, str | None]]()
        taken: list[tuple[int, str | None]] = []
        best: tuple[list[Operation], Operation] | None = None
        place = self._first(value)
        while unanswered:
            if place and self.is_call[place]:
                number = self.numbers[place]
                can, then = self.history[number].after(value)
                state = (done | 1 << number, then)
                if not can or state in known:
                    place = self.next[place]
                    continue
                known.add(state)
                taken.append((place, value))
                done, value = state
                unanswered -= self._take_out(place)
                place = self._first(value)
                continue
            # at an answer whose call has no place yet: one taken before was taken wrongly
            if place and (best is None or len(taken) > len(best[0])):
                order = [self.history[self.numbers[call]] for call, _ in taken]
                best = order, self.history[self.numbers[place]]
            kind = "read"
            while kind == "read":  # it was at no wrong place, see _first
                if not taken:
                    assert best is not None
                    return Violation(*best)
                place, value = taken.pop()
                kind = self.history[self.numbers[place]].kind
                done &= ~(1 << self.numbers[place])
                unanswered += self._put_back(place)
            place = self.next[place]
        return None

    def _first(self, value: str | None) -> int:
        """Where to begin to look for the next operation: at a read that fits, if there is one. It
        changes nothing, so wherever else it could come, it can come now as well."""
        place = self.next[0]
        while place and self.is_call[place]:
            operation = self.history[self.numbers[place]]
            if operation.kind == "read" and operation.value == value:
                return place
            place = self.next[place]
        return self.next[0]

    def _take_out(self, call: int) -> int:
        """Take a call and its answer out; how many answers that were."""
        answer = self.answer.get(self.numbers[call])
        for place in (call, answer):
            if place is not None:
                self.next[self.before[place]] = self.next[place]
                self.before[self.next[place]] = self.before[place]
        return answer is not None

    def _put_back(self, call: int) -> int:
        """Undo the newest `_take_out`; how many answers came back."""
        answer = self.answer.get(self.numbers[call])
        for place in (answer, call):
            if place is not None:
                self.next[self.before[place]] = place
                self.before[self.next[place]] = place
        return answer is not None
