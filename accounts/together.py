"""Questions of many sockets, answered together: thousands of pages that open, or hear of the same
post, cost a few statements and not some thousands."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

AT_ONCE = 250
"""More at once saves nothing more, and would hold up those who asked first."""

# Not asgiref's one shared thread, where the questions of all sockets would queue. Agents bring
# their own database connections.
readers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="socket-read")


class Together(Generic[Q, A]):
    """Asks one function, in a thread, for all who ask while its last answer is under way.

    It gets a list of questions and gives as many answers; what it raises, all are raised.
    """

    def __init__(self, function: Callable[[list[Q]], list[A]]) -> None:
        self._function = function
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, answer))
        if self._answering is None or self._answering.done():
            # in a context of its own: it is no single request's work
            self._answering = loop.create_task(self._answer(), context=contextvars.Context())
        return await answer

    async def _answer(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                answers = await loop.run_in_executor(
                    readers, self._function, [question for question, _ in some]
                )
            except Exception as error:
                for _, future in some:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), answer in zip(some, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
