"""Questions that go together."""

from __future__ import annotations

import asyncio
import threading

import pytest

from accounts import together
from accounts.together import Together


async def test_who_asks_while_an_answer_is_under_way_goes_with_the_next() -> None:
    asked: list[list[int]] = []
    under_way, may_answer = threading.Event(), threading.Event()

    def double(numbers: list[int]) -> list[int]:
        asked.append(numbers)
        under_way.set()
        assert may_answer.wait(30)
        return [2 * number for number in numbers]

    doubled = Together(double)
    first = asyncio.create_task(doubled.ask(1))
    await asyncio.to_thread(under_way.wait, 30)
    others = [asyncio.create_task(doubled.ask(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)  # they ask
    may_answer.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert asked == [[1], [2, 3, 4]]


async def test_what_cannot_be_answered_is_raised_for_all_and_the_next_are_answered() -> None:
    def parse(words: list[str]) -> list[int]:
        return [int(word) for word in words]

    parsed = Together(parse)
    failed = await asyncio.gather(parsed.ask("1"), parsed.ask("x"), return_exceptions=True)
    assert [type(error) for error in failed] == [ValueError, ValueError]
    assert await parsed.ask("1") == 1


async def test_only_so_many_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "AT_ONCE", 2)
    sizes: list[int] = []

    def same(numbers: list[int]) -> list[int]:
        sizes.append(len(numbers))
        return numbers

    asking = Together(same)
    assert await asyncio.gather(*(asking.ask(number) for number in range(5))) == list(range(5))
    assert sizes == [2, 2, 1]


async def test_who_gives_up_leaves_the_others_their_answer() -> None:
    under_way, may_answer = threading.Event(), threading.Event()

    def same(numbers: list[int]) -> list[int]:
        under_way.set()
        assert may_answer.wait(30)
        return numbers

    asking = Together(same)
    gone, stays = (asyncio.create_task(asking.ask(number)) for number in (1, 2))
    await asyncio.to_thread(under_way.wait, 30)
    gone.cancel()
    may_answer.set()
    assert await stays == 2
    assert gone.cancelled()
