"""Somebody who uses the API without ever stopping to think."""

from __future__ import annotations

import random
from typing import Any

from locust.contrib.fasthttp import FastHttpUser
from locust.exception import RescheduleTask

from bench.visitors import plan
from bench.visitors.recording import VISIT


class Visitor(FastHttpUser):
    """Asks as different people; an answer without what was asked for is a failure."""

    abstract = True
    network_timeout = 60.0
    lot = random.Random()

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        *,
        by: str | None = None,
        body: dict[str, Any] | None = None,
        has: str | None = None,
    ) -> Any:
        """The JSON of an answer, which must have the member `has`.

        Anything else is counted as a failure, and the scenario ends there.
        """
        headers = {"Authorization": f"Bearer {plan.token(by, VISIT['secret'])}"} if by else {}
        with self.client.request(
            method, f"/api/v1{path}", name=name, headers=headers, json=body, catch_response=True
        ) as response:
            answer = response.json() if response.status_code in (200, 201) else None
            if answer is None or (has is not None and not _member(answer, has)):
                response.failure(f"{response.status_code} {(response.text or '')[:200]}")
                answer = None
            else:
                response.success()
        if answer is None:
            raise RescheduleTask
        return answer


def _member(answer: Any, name: str) -> Any:
    return answer.get(name) if isinstance(answer, dict) else None
