"""The checker itself, on histories known to be good or bad, and against trying every order."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from tests.faults.chaos.linearizability import Operation, find_violation


def read(called: int, answered: int | None, value: str | None) -> Operation:
    return Operation("read", called, answered, value)


def write(called: int, answered: int | None, value: str) -> Operation:
    return Operation("write", called, answered, value)


def swap(called: int, answered: int | None, expected: str | None, value: str) -> Operation:
    return Operation("cas", called, answered, value, expected)


GOOD = {
    "nothing": [],
    "a new register is empty": [read(0, 1, None)],
    "one after the other": [write(0, 1, "a"), read(2, 3, "a"), write(4, 5, "b"), read(6, 7, "b")],
    "reads beside a write see either": [write(0, 9, "a"), read(1, 2, None), read(3, 4, "a")],
    "writes at once, in either order": [write(0, 9, "a"), write(0, 9, "b"), read(10, 11, "a")],
    "a swap of what is there": [write(0, 1, "a"), swap(2, 3, "a", "b"), read(4, 5, "b")],
    "swaps in a chain, called backwards": [
        swap(0, 9, "b", "c"),
        swap(1, 9, "a", "b"),
        swap(2, 9, None, "a"),
        read(10, 11, "c"),
    ],
    "an unknown write happened": [write(0, None, "a"), read(5, 6, "a")],
    "an unknown write never happened": [write(0, None, "a"), read(5, 6, None)],
    "an unknown write happened late": [
        write(0, None, "a"),
        write(1, 2, "b"),
        read(3, 4, "b"),
        read(5, 6, "a"),
    ],
    "an unknown swap happened": [swap(0, None, None, "a"), read(5, 6, "a")],
    "touching moments overlap": [write(0, 5, "a"), read(5, 6, None), read(7, 8, "a")],
}
BAD = {
    "never written": [read(0, 1, "a")],
    "a lost write": [write(0, 1, "a"), read(2, 3, None)],
    "an overwritten value comes back": [
        *(write(0, 1, "a"), write(2, 3, "b"), read(4, 5, "b"), read(6, 7, "a")),
    ],
    "the new value, then the old": [write(0, 9, "a"), read(1, 2, "a"), read(3, 4, None)],
    "two readers disagree on an order": [
        *(write(0, 1, "a"), write(2, 9, "b"), read(3, 4, "b"), read(5, 6, "a")),
    ],
    "read before it was written": [read(0, 1, "a"), write(2, 3, "a")],
    "two swaps of the same value": [swap(0, 9, None, "a"), swap(0, 9, None, "b")],
    "a swap of what is not there": [write(0, 1, "a"), swap(2, 3, "b", "c")],
    "an unknown write happened twice": [
        *(write(0, None, "a"), read(1, 2, "a"), write(3, 4, "b"), read(5, 6, "a")),
    ],
    "an unknown write before its call": [read(0, 1, "a"), write(2, None, "a")],
    "an unknown swap of what is not there": [swap(0, None, "b", "a"), read(5, 6, "a")],
}


@pytest.mark.parametrize("history", GOOD.values(), ids=GOOD)
def test_it_accepts_what_an_order_explains(history: list[Operation]) -> None:
    assert find_violation(history) is None


@pytest.mark.parametrize("history", BAD.values(), ids=BAD)
def test_it_finds_what_no_order_explains(history: list[Operation]) -> None:
    assert find_violation(history) is not None


def test_it_names_what_cannot_be_explained() -> None:
    lost = read(4, 5, None)
    violation = find_violation([write(0, 1, "a"), read(2, 3, "a"), lost])

    assert violation is not None
    assert violation.blocked == lost
    assert violation.order == [write(0, 1, "a"), read(2, 3, "a")]


def test_it_agrees_with_trying_every_order() -> None:
    chance = random.Random(3)
    verdicts = []
    for _ in range(3_000):
        history = short_history(chance)
        verdicts.append(find_violation(history) is None)
        assert verdicts[-1] is explained_by_some_order(history), list(map(str, history))

    assert 300 < sum(verdicts) < 2_700, "the histories are all of one kind"


def test_it_is_quick_with_long_histories_of_many_callers() -> None:
    history = simulated(random.Random(5), callers=12, operations=2_000)
    assert find_violation(history) is None

    spoiled = [*history[:-20], read(history[-20].called, history[-20].answered, "w17")]
    assert find_violation(spoiled) is not None


def short_history(chance: random.Random) -> list[Operation]:
    """Five operations on the values a and b at random times."""
    history = []
    for _ in range(5):
        called = chance.randrange(12)
        answered = None if chance.random() < 0.2 else called + chance.randrange(6)
        value, expected = chance.choice("ab"), chance.choice(["a", "b", None])
        kind = chance.choice(["read", "read", "write", "cas"])
        history.append(Operation(kind, called, answered, value, expected))
    return history


def explained_by_some_order(history: list[Operation]) -> bool:
    """The definition itself: every subset of the unknown ones, every order."""
    unknown = [operation for operation in history if operation.answered is None]
    answered = [operation for operation in history if operation.answered is not None]
    for chosen in range(1 << len(unknown)):
        happened = [op for number, op in enumerate(unknown) if chosen >> number & 1]
        if any(map(explains, permutations([*answered, *happened]))):
            return True
    return False


def explains(order: tuple[Operation, ...]) -> bool:
    """Whether an order respects time and every answer."""
    value: str | None = None
    for place, operation in enumerate(order):
        if any(
            later.answered is not None and later.answered < operation.called
            for later in order[place + 1 :]
        ):
            return False
        can, value = operation.after(value)
        if not can:
            return False
    return True


def simulated(chance: random.Random, *, callers: int, operations: int) -> list[Operation]:
    """What callers of a true register would record: each operation happens at a moment of its own,
    between its call and its answer. Some answers are lost."""
    history: list[Operation] = []
    free = [0] * callers
    value: str | None = None
    for number in range(operations):
        moment = number * 10
        caller = chance.choice([who for who in range(callers) if free[who] < moment] or [-1])
        if caller < 0:
            continue
        called = max(free[caller] + 1, moment - chance.randrange(200))
        answered: int | None = moment + chance.randrange(1, 200)
        free[caller] = answered or 0
        kind = chance.choice(["read", "write", "cas"])
        lost = kind != "read" and chance.random() < 0.05
        seen, value = value, value if kind == "read" else f"w{number}"
        history.append(Operation(kind, called, None if lost else answered, value, seen))
    return history
