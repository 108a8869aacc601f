"""`GET /metrics`: what all processes of this machine counted, and what waits, for Prometheus."""

import hmac
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.auth import person_of_header
from accounts.caller import person_of
from agents_core import gauges, meters
from config.counters import held_still
from config.health import Check
from config.problems import problem

logger = logging.getLogger("agora.metrics")

# For what has to be asked of others; Prometheus itself waits for ten seconds.
PATIENCE = 3.0


class Source:
    """Somebody asked at each scrape, by one thread however many scrapes there are."""

    def __init__(self, name: str, ask: Callable[[], Sequence[Metric]]) -> None:
        self.name = name
        self.ask = ask
        self.said: Sequence[Metric] = ()
        self.check = Check(name, self._listen)

    def _listen(self) -> None:
        self.said = self.ask()

    def answer(self, asked: "Future[float]", deadline: float) -> Iterator[Metric]:
        """What it said when asked, unless that takes too long, and whether it said anything."""
        try:
            asked.result(max(0.0, deadline - time.monotonic()))
        except Exception as error:
            why = str(error) or "no answer in time"
            logger.warning("Metrics without the %s: %s", self.name, why)
            said: Sequence[Metric] = ()
        else:
            said = self.said
        yield GaugeMetricFamily(
            f"agora_{self.name}_up", f"1 if the {self.name} answered this scrape", value=bool(said)
        )
        yield from said


SOURCES = (Source("database", gauges.of_database), Source("broker", gauges.of_broker))


class Asked(Collector):
    """What the sources say, all asked at once."""

    def collect(self) -> Iterator[Metric]:
        """Within the patience, whoever is away."""
        deadline = time.monotonic() + PATIENCE
        started = [(source, source.check.start()) for source in SOURCES]
        for source, asked in started:
            yield from source.answer(asked, deadline)


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics as text, to staff and to who has the token of the settings."""
    if not may_read(request):
        detail = "Metrics are for staff, and for Authorization: Bearer with METRICS_TOKEN."
        return problem(401, "not_signed_in", detail)
    meters.pass_on()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Asked())
    with held_still(settings.METRICS_DIR):
        MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
        answer = generate_latest(registry)
    response = HttpResponse(answer, content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def may_read(request: HttpRequest) -> bool:
    """Whether this is staff, or the scraper. An address proves nothing: behind a proxy on this
    machine everybody comes from it."""
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is None:
        person = person_of(request.user)
    elif is_scraper(header):
        return True
    else:
        person = person_of_header(header)
    return person is not None and person.is_staff


def is_scraper(header: str) -> bool:
    """Whether an Authorization header has the token of the settings."""
    expected = settings.METRICS_TOKEN
    scheme, _, token = header.partition(" ")
    if expected is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(), expected.encode())
