"""Routes beside the real API's, through the same door, parser, renderer and error map."""

from ninja import Router, Schema

from accounts.http import CallerRequest
from bench.agents import BenchCounter, CounterState
from config.api import api

router = Router(tags=["bench"])


class Amount(Schema):
    """How much to count on."""

    amount: int


class Count(Schema):
    """Where the counter stands."""

    count: int


@router.get("/constant", auth=None, response=Count)
def constant(request: CallerRequest) -> Count:
    """What Django, Ninja and the server cost by themselves: no token, no agent."""
    return Count(count=1)


@router.post("/counters/{number}/add", response=Count)
def add(request: CallerRequest, number: int, body: Amount) -> Count:
    """A durable command."""
    return Count(count=BenchCounter.of(number).add(body.amount))


@router.get("/counters/{number}", response=CounterState)
def get_counter(request: CallerRequest, number: int) -> CounterState | None:
    """A query that answers a whole document."""
    return BenchCounter.of(number).get_counter()


api.add_router("/bench", router)
